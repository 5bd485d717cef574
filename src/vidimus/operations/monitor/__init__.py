"""`vidimus monitor`: follow a log from outside, and report what is not as it should be."""
