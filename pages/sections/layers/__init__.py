"""What the Layers page alone needs."""
