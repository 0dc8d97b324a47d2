"""What every page shares: the player and the small helpers beside it."""
