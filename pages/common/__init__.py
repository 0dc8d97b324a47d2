"""What every page shares: the stage and the small helpers beside it."""
