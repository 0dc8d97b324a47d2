"""Data to learn from: the classic two-dimensional sets, handwritten digits, and tables and images of the user's own."""
