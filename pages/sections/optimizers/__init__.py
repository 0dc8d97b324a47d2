"""What the Optimizers page alone needs."""
