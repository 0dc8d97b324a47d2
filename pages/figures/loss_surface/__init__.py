"""Charts of the Loss surface page."""
