"""Evidence that travels: what answers for a letter where there is no register to ask."""
