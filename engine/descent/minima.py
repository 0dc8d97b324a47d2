"""Where the minimum of a function of two variables lies, for formulas of which nobody has said it."""

import numpy as np

from engine.descent.descent import descend
from engine.optimizers import OPTIMIZERS
from engine.surfaces import Surface, inside, mesh

FLAT = 1e-6  #: a gradient or a negative curvature below this is taken for 0
POLISH = 60  #: steps of Newton's method


def with_minimum(surface: Surface, resolution: int = 101) -> Surface:
    """The surface with its lowest minimum in the domain, looked for where none is known.

    Newton's method starts at the lowest node of a grid; what it finds counts if it lies in the domain, is no higher,
    and is flat and curved upwards. Otherwise the surface comes back as it is.
    """
    if len(surface.minima) or np.isneginf(surface.minimum):
        return surface
    xy = mesh(surface.domain, resolution)
    heights = surface.value(xy)
    if not np.isfinite(heights).any():
        return surface
    lowest = np.nanargmin(np.where(np.isfinite(heights), heights, np.nan))
    run = descend(surface, xy.reshape(-1, 2)[lowest], OPTIMIZERS["newton"](lr=1.0, damping=1e-9), POLISH)
    end, value, gradient = run.params[-1], run.loss[-1], run.gradient[-1]
    if run.diverged_at >= 0 or not inside(end, surface.domain) or not value <= heights.ravel()[lowest]:
        return surface
    curved = np.linalg.eigvalsh(surface.hessian(end))[0] >= -FLAT
    if not curved or np.hypot(*gradient) > FLAT * max(1.0, abs(float(value))):
        return surface
    return Surface(**vars(surface) | {"minima": [end], "minimum": float(value)})
