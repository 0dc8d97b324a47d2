"""What the Lessons page alone needs."""
