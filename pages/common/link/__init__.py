"""The link is the document: the address read into settings, and settings written into the address."""
