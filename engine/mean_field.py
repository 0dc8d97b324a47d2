"""What theory predicts for a deep network at its start: mean-field theory of signals and gradients.

In a wide layer z = W φ(z_prev) + b with Var W = σw²/n_in and Var b = σb², every z is a sum of many small
independent terms, so it is Gaussian, and one number describes a whole layer: the variance q of its
pre-activations. With Dz the standard normal measure,

    forward    q^{l+1} = σw² ∫Dz φ(√q^l z)² + σb²        and q* is where this map comes to rest,
    backward   χ1      = σw² ∫Dz φ'(√q* z)²              and E‖δ^l‖² = χ1 E‖δ^{l+1}‖².

χ1 < 1: gradients vanish; χ1 > 1: they explode; χ1 = 1 is the edge of chaos. ξ = 1/|ln χ1| is the depth (in
layers) over which they do so by a factor e, and networks train to a depth of about 6ξ.

The width ratio: a column of W[n_{l+1}, n_l] has the squared length σw² n_{l+1}/n_l, so the mean square of δ
over the *units* of a layer gains the factor χ1 n_{l+1}/n_l, while its squared *norm*, the sum over n_l units,
gains χ1 at any widths. Norms are what is predicted here.

Plain Gauss-Hermite quadrature converges slowly at a kink (ReLU's 0, hard tanh's ±1) and where √q is large and tanh
looks like a step. Here the half lines are cut into panels that end at powers of two in the *argument of φ* and grow
away from 0, each with its own Gauss-Legendre rule: all kinks fall between panels, and every integrand is smooth inside.

Sources: Poole et al. 2016; Schoenholz et al. 2017 (q*, χ1, ξ); He et al. 2015.
"""

import numpy as np

from engine.activations import ACTIVATIONS
from engine.cancellation import cancellation_point
from engine.roots import NOISE, first_zero, zero_between

TRAINABLE_DEPTH_SCALES = 6.0  #: networks train to a depth of about this many ξ (Schoenholz et al. 2017)

_TINY, _HUGE = 1e-200, 1e200  # variances outside count as 0 and as infinite
_CHUNK = 512  # variances integrated at a time: 1.5 MB a temporary
_VARIANCES = np.logspace(-20.0, 20.0, 401)  # where fixed points are looked for
_WEIGHT_VARIANCES = np.concatenate([[0.0], np.logspace(-2.0, 4.0, 49)])  # where the edge of chaos is looked for


def _panels():
    """Gauss-Legendre nodes and weights for both half lines, on panels graded towards 0: two arrays [J]."""
    ends = np.array([0.0, *np.exp2(np.arange(-8.0, 2.0)), 3.0, 4.0, 6.0, 8.0, 16.0])
    x, w = np.polynomial.legendre.leggauss(14)
    half = np.diff(ends)[:, None] / 2
    nodes, weights = (ends[:-1, None] + half * (1 + x)).ravel(), (half * w).ravel()
    return np.concatenate([-nodes[::-1], nodes]), np.concatenate([weights[::-1], weights])


_NODES, _WEIGHTS = _panels()


def _activation(activation):
    """The `Activation` behind a key of `ACTIVATIONS`, or the object itself."""
    if not isinstance(activation, str):
        return activation
    if activation not in ACTIVATIONS:
        raise ValueError(f"activation must be one of {', '.join(ACTIVATIONS)}, not {activation!r}")
    return ACTIVATIONS[activation]


def _variance(name, value):
    """`value` as float64; ValueError, with its name, unless it is a number of at least 0."""
    value = np.asarray(value, dtype=np.float64)
    if not (value >= 0).all():
        raise ValueError(f"{name} must be a number of at least 0, not {np.min(value)}")
    return value


def gaussian_mean(function, variance):
    """∫Dz f(√q z) for every variance q.

    function: f(u) elementwise on arrays, smooth but for kinks or jumps at 0 and ± powers of two.
    variance: q >= 0, [...]; q = 0 means the limit from above and infinity the limit q -> ∞.
    Returns [...]. Good to 1e-13 of the scale of f for q up to 1e5 (sin, which never settles: up to 30).
    """
    variance = np.clip(variance, _TINY, _HUGE)
    q = variance.reshape(-1, 1)
    mean = np.empty(len(q))
    with np.errstate(all="ignore"):
        for first in range(0, len(q), _CHUNK):
            cancellation_point()
            root = np.sqrt(q[first : first + _CHUNK])
            unit = np.exp2(np.round(np.log2(root)))  # panels end at powers of two of u, and scale with √q
            z = _NODES * (unit / root)
            density = np.exp(-0.5 * z * z) * (_WEIGHTS * (unit / root / np.sqrt(2 * np.pi)))
            mean[first : first + _CHUNK] = (function(_NODES * unit) * density).sum(-1)
    return mean.reshape(variance.shape)


def mean_square(activation, q):
    """∫Dz φ(√q z)²: [...] of the shape of q."""
    mean = gaussian_mean(lambda u: np.square(activation.value(u)), q)
    rest = float(activation.value(np.zeros(1))[0]) ** 2
    return np.where(q < _TINY, rest, np.where((q > _HUGE) & (mean > 1.0 / _TINY**0.5), np.inf, mean))


def mean_slope(activation, q):
    """∫Dz φ'(√q z)²: [...] of the shape of q."""
    return gaussian_mean(lambda u: np.square(activation.derivative(u, activation.value(u))), q)


def _rest(activation, squares, w, b, start):
    """fixed_point for flat arrays w, b [n]; squares are the ∫Dz φ² at _VARIANCES."""

    def growth(q, square, w, b):  # relative, a layer
        return (w * square + b) / q - 1.0

    with np.errstate(over="ignore", invalid="ignore"):
        begin = growth(start, mean_square(activation, np.float64(start)), w, b)
        q = np.where(np.abs(begin) <= NOISE, start, np.where(begin > 0, np.inf, b))
        for way in (1, -1):  # the layers go up or down, to the first q at which they no longer do
            rows = np.flatnonzero(way * begin > NOISE)
            passed = np.flatnonzero(way * (_VARIANCES - start) > 0)[::way]
            w_, b_ = w[rows], b[rows]
            table = growth(_VARIANCES[passed], squares[passed], w_[:, None], b_[:, None])
            zero = first_zero(
                lambda x, own, w=w_, b=b_, way=way: way * growth(x, mean_square(activation, x), w[own], b[own]),
                np.append(start, _VARIANCES[passed]),
                way * np.column_stack([begin[rows], table]),
            )
            q[rows] = np.where(np.isnan(zero), q[rows], zero)
    return q


def fixed_point(activation, weight_variance, bias_variance, start=1.0):
    """q*: the variance at which q^l comes to rest, from an input of variance `start` > 0.

    activation: a key of ACTIVATIONS, or an object with value(z) and derivative(z, a). weight_variance (σw²),
    bias_variance (σb²): >= 0, broadcast to [...], so that a phase diagram is one call. Returns [...]: 0 where the
    signal dies, infinity where it grows without bound (or past 1e20), `start` where every q is a fixed point (ReLU at
    σw² = 2, σb = 0). As the map is increasing in q, the layers approach the nearest fixed point in the direction of the
    first step, which is the one returned; `start` decides where there are several (GELU, SiLU and mish at small σb²).
    """
    if not 0 < start < np.inf:
        raise ValueError(f"start must be above 0 and finite, not {start}")
    activation = _activation(activation)
    w, b = np.broadcast_arrays(_variance("weight_variance", weight_variance), _variance("bias_variance", bias_variance))
    return _rest(activation, mean_square(activation, _VARIANCES), w.ravel(), b.ravel(), start).reshape(w.shape)


def susceptibility(activation, weight_variance, bias_variance, start=1.0):
    """χ1 = σw² ∫Dz φ'(√q* z)²: [...], what E‖δ‖² gains a layer going back; arguments as fixed_point."""
    q = fixed_point(activation, weight_variance, bias_variance, start)
    return np.asarray(weight_variance, dtype=np.float64) * mean_slope(_activation(activation), q)


def critical_weight_variance(activation, bias_variance, start=1.0):
    """The edge of chaos: the smallest σw² at which χ1 reaches 1, for each σb² [...], to about 1e-12.

    Infinite where χ1 stays under 1 up to σw² = 1e4. Where the map has several fixed points χ1 may jump over
    1: then the place of the jump, for inputs of variance `start`.
    """
    activation = _activation(activation)
    bias_variance = _variance("bias_variance", bias_variance)
    b = bias_variance.ravel()
    squares = mean_square(activation, _VARIANCES)

    def distance(w, b):
        return w * mean_slope(activation, _rest(activation, squares, w, b, start)) - (1.0 - NOISE)

    nodes = np.repeat(_WEIGHT_VARIANCES[:, None], len(b), axis=1)
    reached = np.zeros(b.shape, dtype=bool)
    for _ in range(3):  # ever finer, since χ1 may go back under 1 soon after (GELU at σb² > 0.17)
        over = (distance(nodes.ravel(), np.tile(b, len(nodes))) >= 0).reshape(nodes.shape)
        reached |= over.any(0)
        first = over.argmax(0)
        low, high = (np.take_along_axis(nodes, i[None], 0)[0] for i in (np.maximum(first - 1, 0), first))
        nodes = low + (high - low) * np.linspace(0, 1, 17)[:, None]
    critical = zero_between(lambda x: distance(x, b), low, high)
    return np.where(reached, critical, np.inf).reshape(bias_variance.shape)


def depth_scale(chi1):
    """ξ = 1/|ln χ1| in layers: [...] >= 0; infinite at χ1 = 1, 0 where χ1 is 0 or infinite."""
    with np.errstate(divide="ignore"):
        return 1.0 / np.abs(np.log(np.asarray(chi1, dtype=np.float64)))
