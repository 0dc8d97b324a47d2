"""Backpropagation, number by number: one update of one weight, traced back through every sum it comes from."""
