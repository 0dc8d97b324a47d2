"""What the Backprop page alone needs."""
