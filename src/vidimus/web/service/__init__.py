"""The log's own door: registration and receipts (SCRAPI), and its public face (C2SP)."""
