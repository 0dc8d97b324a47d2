"""What the Depth page alone needs."""
