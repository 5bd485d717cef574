"""The Atom feeds, and the states for machines."""
