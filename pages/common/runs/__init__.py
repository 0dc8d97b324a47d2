"""Runs that are kept: trained once, pinned for comparison, downloaded as a table."""
