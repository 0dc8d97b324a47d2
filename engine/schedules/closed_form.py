"""Schedules that are closed forms in the 0-based step k, known before the run starts.

η0 is the rate asked for and T the number of steps; the meanings are PyTorch's. An option that is left out has a value
that suits the run.

Robbins & Monro 1951 (inverse time), Loshchilov & Hutter 2017 (cosine, restarts), Smith 2017 (cyclic), Smith & Topin
2019 (one cycle).
"""

import math

import numpy as np

from engine.schedules.base import DECAY_RATE, FLOOR, GAMMA, PERIOD, POWER, STRETCH, Schedule


def constant(k, lr):
    """Return the same rate at every step."""
    return np.full(len(k), float(lr))


def _step(k, lr, gamma=0.1, period=None):
    return lr * gamma ** np.floor(k / (period or math.ceil(len(k) / 3)))


def _exponential(k, lr, gamma=None):
    return lr * (gamma or 0.01 ** (1 / len(k))) ** k.astype(np.float64)


def _polynomial(k, lr, period=None, power=POWER.default, floor=0.0):
    period = period or len(k)
    return floor + (lr - floor) * (1 - np.minimum(k, period) / period) ** power


def _inverse_time(k, lr, decay_rate=None):
    return lr / (1 + (decay_rate or 9 / len(k)) * k)


def _anneal(start, end, part):
    """Half a cosine from `start` at part = 0 to `end` at part = 1."""
    return end + (start - end) * ((1 + np.cos(np.pi * part)) / 2)


def _cosine(k, lr, period=None, floor=0.0):
    period = period or len(k)
    return _anneal(lr, floor, np.minimum(k, period) / period)


def _restarts(k, lr, period=None, stretch=STRETCH.default, floor=0.0):
    period = period or math.ceil(len(k) / 4)
    starts, length = [0.0], float(period)
    while starts[-1] + length < len(k):
        starts.append(starts[-1] + length)
        length *= stretch
    cycle = np.searchsorted(starts, k, side="right") - 1
    return _anneal(lr, floor, (k - np.array(starts)[cycle]) / (period * float(stretch) ** cycle))


def _onecycle(k, lr):
    """PyTorch's defaults: peak at 0.3 T, from 1/25 of it and down to 1/25/10⁴ of it."""
    peak, end = 0.3 * len(k) - 1, len(k) - 1
    low = lr / 25
    rise, fall = _anneal(low, lr, k / peak), _anneal(lr, low / 1e4, (k - peak) / (end - peak))
    return np.where(k <= peak, rise, fall)


def _cyclic(k, lr, period=None, floor=None):
    period, floor = period or 2 * math.ceil(len(k) / 8), lr / 4 if floor is None else floor
    return floor + (lr - floor) * (1 - np.abs(2 * (k / period % 1) - 1))


_FALL = r"\eta_k = \eta_{min} + (\eta_0 - \eta_{min}) "
_COSINE = r"\eta_k = \eta_{min} + \tfrac{1}{2} (\eta_0 - \eta_{min}) "
_ONECYCLE = r"\eta_k: \tfrac{\eta_0}{25} \nearrow \eta_0 \searrow \tfrac{\eta_0}{25 \cdot 10^4}"
CLOSED_FORMS = (
    Schedule("constant", "Constant", r"\eta_k = \eta_0", constant),
    Schedule("step", "Step", r"\eta_k = \eta_0\, \gamma^{\lfloor k/s \rfloor}", _step, (GAMMA, PERIOD)),
    Schedule("exponential", "Exponential", r"\eta_k = \eta_0\, \gamma^k", _exponential, (GAMMA,)),
    Schedule("inverse_time", "Inverse time", r"\eta_k = \eta_0 / (1 + \rho k)", _inverse_time, (DECAY_RATE,)),
    Schedule("polynomial", "Polynomial", _FALL + "(1 - k/T)^p", _polynomial, (PERIOD, POWER, FLOOR)),
    Schedule("cosine", "Cosine", _COSINE + r"(1 + \cos(\pi k/T))", _cosine, (PERIOD, FLOOR)),
    Schedule(
        "restarts", "Cosine, warm restarts", _COSINE + r"(1 + \cos(\pi k_i/T_i))", _restarts, (PERIOD, STRETCH, FLOOR)
    ),
    Schedule("onecycle", "One cycle", _ONECYCLE, _onecycle),
    Schedule("cyclic", "Triangular cycles", _FALL + r"(1 - |2 (k/s \bmod 1) - 1|)", _cyclic, (PERIOD, FLOOR)),
)
