"""Zeros and minima of functions of one variable, of many at once: each of them is searched in a bracket of its own.

A function takes an array of places, one for each of the n problems, and gives the n values there; so a phase diagram
of a thousand fixed points is one search, in which all problems take their steps together.

Source: Chandrupatla 1997, "A new hybrid quadratic/bisection algorithm for finding the zero of a nonlinear function
without using derivatives".
"""

import numpy as np

NOISE = 1e-13  #: a value nearer to zero is rounding
_GOLDEN = (np.sqrt(5.0) - 1) / 2


def zero_between(function, low, high):
    """The zero of a vectorised function in each bracket [low, high], by Chandrupatla's method (1997): [n]."""
    a, b, best, t = low, high, low, np.full_like(low, 0.5)
    fa, fb = function(a), function(b)
    with np.errstate(all="ignore"):
        for _ in range(120):
            x = a + t * (b - a)
            fx = function(x)
            same = np.sign(fx) == np.sign(fa)
            c, fc = np.where(same, a, b), np.where(same, fa, fb)
            b, fb = np.where(same, b, a), np.where(same, fb, fa)
            a, fa = x, fx
            nearer = np.abs(fa) < np.abs(fb)
            best = np.where(nearer, a, b)
            limit = 4 * np.finfo(float).eps * np.abs(best) / np.abs(b - a)
            if ((limit > 0.5) | (np.where(nearer, fa, fb) == 0)).all():
                break
            xi, phi = (a - b) / (c - b), (fa - fb) / (fc - fb)
            inverse = fa / (fb - fa) * fc / (fb - fc) + (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb)
            t = np.where((phi**2 < xi) & ((1 - phi) ** 2 < 1 - xi), inverse, 0.5)
            t = np.clip(np.nan_to_num(t, nan=0.5), np.minimum(limit, 0.5), np.maximum(1 - limit, 0.5))
    return best


def first_zero(function, nodes, values):
    """Where function(x, rows) first goes below zero on the way along `nodes` [m]: [n]; nan where it never does.

    function: x [k] and the rows [k] they belong to -> [k]. values: function at the nodes [n, m]. Between two nodes it
    may dip below zero and come back, so that its minimum is looked for wherever a node is lower than those beside it
    and less than a second difference from zero: a parabola dips an eighth of that below its lowest node at the most.
    """
    last, places = len(nodes) - 1, np.arange(len(nodes))
    crossed = values < -NOISE
    first = np.where(crossed.any(-1), crossed.argmax(-1), last + 1)
    low, high = nodes[np.maximum(first - 1, 0)], nodes[np.minimum(first, last)]
    beside = np.pad(values, ((0, 0), (1, 1)), constant_values=np.inf)
    bend = np.zeros_like(values)
    bend[:, 1:-1] = np.diff(values, 2, axis=1)
    bend[:, 0] = bend[:, min(1, last)]
    dips = (values <= beside[:, :-2]) & (values <= beside[:, 2:]) & (values < bend) & (places < first[:, None])
    rows, at = np.nonzero(dips)
    if len(rows):
        begin = nodes[np.maximum(at - 1, 0)]
        bottom = lowest_between(lambda x: function(x, rows), begin, nodes[np.minimum(at + 1, last)])
        below = np.flatnonzero(function(bottom, rows) < -NOISE)
        own, earliest = np.unique(rows[below], return_index=True)
        low[own], high[own], first[own] = begin[below[earliest]], bottom[below[earliest]], 0
    zero = np.full(len(values), np.nan)
    found = np.flatnonzero(first <= last)
    if len(found):
        zero[found] = zero_between(lambda x: function(x, found), low[found], high[found])
    return zero


def lowest_between(function, a, b):
    """Where a vectorised function with one minimum in each [a, b] has it, by golden sections: [n], to about 1e-8."""
    inner, outer = b - _GOLDEN * (b - a), a + _GOLDEN * (b - a)
    at_inner, at_outer = function(inner), function(outer)
    for _ in range(36):
        left = at_inner < at_outer
        a, b = np.where(left, a, inner), np.where(left, outer, b)
        x = np.where(left, b - _GOLDEN * (b - a), a + _GOLDEN * (b - a))
        at_x = function(x)
        inner, outer = np.where(left, x, outer), np.where(left, inner, x)
        at_inner, at_outer = np.where(left, at_x, at_outer), np.where(left, at_inner, at_x)
    return np.where(at_inner < at_outer, inner, outer)
