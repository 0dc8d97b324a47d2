"""What the Study page alone needs."""
