"""What every page shares: the frame, the errors, the guards at the door."""
