"""Charts of the Optimizers page."""
