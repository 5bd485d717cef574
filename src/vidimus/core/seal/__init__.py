"""Keys, and the signed statements that are the log's entries. See spec/statement.md."""
