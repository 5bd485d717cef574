"""Who holds what, and why somebody may or may not: a page of each office."""
