"""What the Loss surface page alone needs."""
