"""The player that moves all charts of a page in step, and its scripts."""
