"""The log: one append-only tree, its signed heads and its proofs. See spec/log.md."""
