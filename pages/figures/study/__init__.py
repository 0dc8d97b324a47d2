"""Charts of the Study page."""
