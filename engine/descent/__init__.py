"""Descent on a function: one path or a race of optimizers from one start, and the sweep of their learning rates."""
