"""A made-up function of two variables: a trough, with its slopes and curvatures."""


def trough(x, y):
    """(x²+2y²)²/4 + x² + y²."""
    s = x * x + 2 * (y * y)
    return s * s / 4 + x * x + y * y, s * x + 2 * x, 2 * (s * y) + 2 * y


def trough_curvatures(x, y):
    """Second derivatives of `trough`."""
    s = x * x + 2 * (y * y)
    return s + 2 * (x * x) + 2, 4 * (x * y), 2 * s + 8 * (y * y) + 2
