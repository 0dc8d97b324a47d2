"""The charts of the Convolution page."""
