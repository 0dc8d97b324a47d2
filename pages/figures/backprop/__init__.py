"""Charts of the Backprop page."""
