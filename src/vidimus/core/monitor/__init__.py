"""Watching a log from outside: what is read, what is found, and the evidence for it."""
