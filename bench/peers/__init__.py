"""Other people's programs that do what ours do, measured beside it where they are present."""
