"""Test functions of two variables, with exact gradients and Hessians and all that is known of their minima."""
