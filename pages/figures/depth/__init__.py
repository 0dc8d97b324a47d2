"""Charts of the Depth page."""
