"""The log, entry by entry, and its signed texts."""
