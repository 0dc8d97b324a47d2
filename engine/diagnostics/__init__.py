"""Diagnosis of a run: what is measured in each layer, the verdict on it, and what would help."""
