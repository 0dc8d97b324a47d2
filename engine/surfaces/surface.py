"""A test function of two variables, and what can be asked of one: curvature, distance, a mesh of its heights."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.cancellation import cancellation_point
from engine.linear_algebra import norm

BLOCK = 8192  #: points of which a value is taken at a time: they stay near the processor, and the work can be ended


@dataclass(frozen=True, eq=False)
class Surface:
    """A differentiable function f(x, y).

    Points are `xy: [..., 2]`, real or complex; results have their dtype (integers become float64). Every
    method raises ValueError if the last axis is not 2 long.

    Attributes:
        name: the key in `SURFACES`.
        title: for people.
        formula: f in LaTeX.
        slopes: (x, y) -> f, f_x, f_y on broadcasting arrays; the methods below are the way to call it.
        curvatures: (x, y) -> f_xx, f_xy, f_yy.
        domain: ((x0, x1), (y0, y1)), the part worth drawing.
        start: [2], a start worth showing, inside the domain.
        minima: [m, 2], all global minima in the domain; m = 0 where there is none, or none is known.
        minimum: the value there; -inf where f is unbounded below, NaN where it is not known.
        sampled: whether the minima are samples of a line or a curve, every point of which is one.
    """

    name: str
    title: str
    formula: str
    slopes: Callable
    curvatures: Callable
    domain: tuple[tuple[float, float], tuple[float, float]]
    start: np.ndarray
    minima: np.ndarray = ()
    minimum: float = math.nan
    sampled: bool = False

    def __post_init__(self):
        for field, shape in (("start", (2,)), ("minima", (-1, 2))):
            array = np.array(getattr(self, field), dtype=np.float64).reshape(shape)
            array.setflags(write=False)
            object.__setattr__(self, field, array)

    def __call__(self, xy):
        """The value [...] and the gradient [..., 2] at xy [..., 2], in one go."""
        xy = _points(xy)
        with np.errstate(all="ignore"):
            f, fx, fy = self.slopes(xy[..., 0], xy[..., 1])
            gradient = np.empty(xy.shape, xy.dtype)
            gradient[..., 0] = fx
            gradient[..., 1] = fy
            return _filled(xy, f), gradient

    def value(self, xy):
        """The height f at xy [..., 2]: [...]."""
        xy = _points(xy)
        points, value = xy.reshape(-1, 2), np.empty(xy.size // 2, xy.dtype)
        with np.errstate(all="ignore"):
            for start in range(0, len(points), BLOCK):
                cancellation_point()
                block = points[start : start + BLOCK]
                value[start : start + BLOCK] = self.slopes(block[:, 0], block[:, 1])[0]
        return value.reshape(xy.shape[:-1])[()]

    def gradient(self, xy):
        """The slopes (f_x, f_y) at xy [..., 2]: [..., 2]."""
        return self(xy)[1]

    def hessian(self, xy):
        """The symmetric matrix of second derivatives at xy [..., 2]: [..., 2, 2]."""
        xy = _points(xy)
        with np.errstate(all="ignore"):
            fxx, fxy, fyy = self.curvatures(xy[..., 0], xy[..., 1])
            hessian = np.empty((*xy.shape, 2), xy.dtype)
            hessian[..., 0, 0] = fxx
            hessian[..., 0, 1] = hessian[..., 1, 0] = fxy
            hessian[..., 1, 1] = fyy
            return hessian


def _points(xy):
    xy = np.asarray(xy)
    if xy.ndim == 0 or xy.shape[-1] != 2:
        raise ValueError(f"xy must have a last axis of length 2 (x and y), got shape {xy.shape}")
    return xy if xy.dtype.kind in "fc" else xy.astype(np.float64)


def _filled(xy, f):
    # A constant f is one Python number: give it the shape and dtype of the points.
    value = np.empty(xy.shape[:-1], xy.dtype)
    value[...] = f
    return value[()]


def largest_curvature(surface: Surface, xy: Any) -> np.ndarray:
    """λmax of the Hessian at xy `[..., 2]`, in closed form: ½(f_xx + f_yy) + √(¼(f_xx - f_yy)² + f_xy²)."""
    hessian = surface.hessian(xy)
    with np.errstate(all="ignore"):
        mean, half = (hessian[..., 0, 0] + hessian[..., 1, 1]) / 2, (hessian[..., 0, 0] - hessian[..., 1, 1]) / 2
        return mean + np.hypot(half, hessian[..., 0, 1])


def distance(xy: np.ndarray, points: np.ndarray) -> np.ndarray:
    """From xy `[..., 2]` to the nearest of the points `[m, 2]`."""
    return norm(xy[..., None, :] - points).min(-1)


def inside(xy: np.ndarray, domain: Any) -> np.ndarray:
    """Whether xy `[..., 2]` lies in ((x0, x1), (y0, y1)); what is not finite does not."""
    low, high = np.asarray(domain, dtype=np.float64).T
    with np.errstate(invalid="ignore"):
        return ((xy >= low) & (xy <= high)).all(-1)


def mesh(domain: Any, resolution: int) -> np.ndarray:
    """The nodes `[resolution, resolution, 2]` of a grid over a domain; rows are y."""
    (x0, x1), (y0, y1) = domain
    return np.stack(np.meshgrid(np.linspace(x0, x1, resolution), np.linspace(y0, y1, resolution)), axis=-1)
