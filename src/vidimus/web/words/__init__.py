"""The page that says what each answer means."""
