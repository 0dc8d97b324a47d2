"""The settings of an experiment, left of every page."""
