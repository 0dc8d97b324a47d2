"""Charts of the Layers page."""
