"""The door of a witness: two addresses, plain text, for logs and monitors. No page for people."""
