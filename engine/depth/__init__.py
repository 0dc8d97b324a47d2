"""Deep networks at their start: how far signals and gradients get, in measurement and in mean-field theory."""
