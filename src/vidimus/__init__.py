"""Vidimus: release control for official letters, and a check of any copy of them."""

__version__ = "0.1.0"
