"""What the office tells the world of a letter: machine states, feeds, webhooks, notices."""
