"""The public page of a letter."""
