"""Descent: follow an optimizer down a function and keep every iterate.

    x₀ = start,    x_{k+1} = update(x_k, ∇f(x_k)),    k = 0 ... steps-1

`descend` runs one optimizer, from one start or from many, with one set of hyper-parameters or with many:
leading axes are runs, and all runs share one evaluation of the function a step. `descend_all` does the same for
different optimizers from the same start. The function is anything that maps params [..., P] to
(loss [...], gradient [..., P]): a test function of two variables or a network's loss.

Divergence is a result, not an error. A run ends at the first step where its loss, its gradient or a parameter
is not finite: that row is kept as found, the rows after it are NaN, and the other runs go on as if alone.
(In its place the function is given the run's start from then on, so that it need not digest NaN.)
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from engine.cancellation import cancellation_point
from engine.optimizers.base import run_shape
from engine.optimizers.hyperparameters import NOT_NEGATIVE, check_count, check_number
from engine.optimizers.transforms import gradient_noise


@dataclass(frozen=True, eq=False)
class Descent:
    """What a descent leaves behind; all arrays are read-only, and row k is the state before step k+1.

    Attributes:
        params: [steps+1, ..., P], the iterates.
        loss: [steps+1, ...], f at the iterates.
        gradient: [steps+1, ..., P], ∇f at the iterates, before any noise.
        diverged_at: int [...], the first row of each run that is not finite; -1: never.
        names: of the optimizers, where there are several, along axis 1 of `params`; else empty.
    """

    params: np.ndarray
    loss: np.ndarray
    gradient: np.ndarray
    diverged_at: np.ndarray
    names: tuple[str, ...] = ()

    def __post_init__(self):
        for array in (self.params, self.loss, self.gradient, self.diverged_at):
            array.flags.writeable = False


def descend(function, start, optimizer, steps, *, noise=0.0, rng=None, learning_rates=None):
    """Follow `optimizer` for `steps` steps down `function` from `start`.

    Args:
        function: a callable params [..., P] -> (loss [...], gradient [..., P]), or an object with the methods
            `value` and `gradient`. Newton also asks for its `hessian`, params [..., P] -> [..., P, P].
        start: [..., P], finite; broadcast against run axes of the hyper-parameters, so that start [P] and
            lr [R, 1] are R runs. Its type (float32, float64) is that of the run; integers become float64.
        optimizer: one of `engine.optimizers.OPTIMIZERS`, built.
        steps: number of updates, at least 0.
        noise: variance η >= 0 of the Gaussian noise added to the gradient, fading as (1+k)^-0.55; or [R, 1].
        rng: generator or seed of the noise, 0 if None; all runs get the same noise.
        learning_rates: [steps] or [steps, R, 1], at least 0; used in place of the optimizer's own.

    Returns:
        A `Descent`.

    Raises:
        ValueError: naming the argument, its value and what is allowed.
    """
    steps, noise = check_count("steps", steps, NOT_NEGATIVE), check_number("noise", noise, NOT_NEGATIVE)
    rates = _rates("learning_rates", learning_rates, steps)
    start = _with_runs(_start(start), optimizer, "noise", noise)
    start = _ready(function, start, optimizer, "learning_rates", rates)
    return _follow(function, start, [(..., optimizer, rates)], steps, noise, rng)


def descend_all(function, start, optimizers, steps, *, noise=0.0, rng=None, learning_rates=None):
    """Follow several optimizers from one start, with one evaluation of `function` a step for all.

    Each run is bit by bit what `descend` gives for its optimizer alone, provided that the function gives a
    run the same numbers beside others as alone.

    Args:
        function: as for `descend`; called with params [R, ..., P], one row for each of the R optimizers.
        start: [..., P], as for `descend`.
        optimizers: {name: optimizer}, at least one.
        steps: number of updates, at least 0.
        noise: as for `descend`, one number; all optimizers see the same noise.
        rng: as for `descend`.
        learning_rates: {name: [steps]} for those optimizers whose learning rate a schedule gives.

    Returns:
        A `Descent` with params [steps+1, R, ..., P], loss [steps+1, R, ...] and `names`, in the order given.

    Raises:
        ValueError: naming the argument, its value and what is allowed.
    """
    if not isinstance(optimizers, Mapping) or not optimizers:
        raise ValueError(f"optimizers must map at least one name to an optimizer, got {optimizers!r}")
    learning_rates = learning_rates or {}
    if unknown := set(learning_rates) - set(optimizers):
        raise ValueError(f"learning_rates names {sorted(unknown)}, which are not among {sorted(optimizers)}")
    if np.ndim(noise) != 0:
        raise ValueError(
            f"noise must be one number in {NOT_NEGATIVE} for several optimizers, got shape {np.shape(noise)}"
        )
    steps, noise = check_count("steps", steps, NOT_NEGATIVE), check_number("noise", noise, NOT_NEGATIVE)
    rates = [_rates(f"learning_rates[{name!r}]", learning_rates.get(name), steps) for name in optimizers]
    start = _start(start)
    for (name, optimizer), own in zip(optimizers.items(), rates, strict=True):
        start = _ready(function, start, optimizer, f"learning_rates[{name!r}]", own)
    start = np.broadcast_to(start, (len(optimizers), *start.shape))
    team = list(zip(range(len(optimizers)), optimizers.values(), rates, strict=True))
    return _follow(function, start, team, steps, noise, rng, tuple(optimizers))


def _follow(function, start, team, steps, noise, rng, names=()):
    """Make the steps of all runs and record them; of the team each has its part of `start`, an optimizer, its rates."""
    evaluate = _evaluation(function, start)
    rng = np.random.default_rng(0 if rng is None else rng)
    params = np.full((steps + 1, *start.shape), np.nan, start.dtype)
    gradient = np.full_like(params, np.nan)
    loss = np.full(params.shape[:-1], np.nan, start.dtype)
    diverged_at = np.full(start.shape[:-1], -1)
    alive = np.ones(start.shape[:-1], bool)
    current, noisy = start.copy(), np.any(noise)
    states = [optimizer.init(start[part]) for part, optimizer, _ in team]
    with np.errstate(all="ignore"):
        for k in range(steps + 1):
            cancellation_point()
            value, slopes = evaluate(current)
            params[k, alive], loss[k, alive], gradient[k, alive] = current[alive], value[alive], slopes[alive]
            sound = np.isfinite(value) & np.isfinite(slopes).all(-1) & np.isfinite(current).all(-1)
            diverged_at[alive & ~sound] = k
            alive &= sound
            if k == steps or not alive.any():
                break
            if noisy:
                slopes = gradient_noise(slopes, k, noise, rng)
            before, current = current, np.empty_like(current)
            for i, (part, optimizer, rates) in enumerate(team):
                more = {"hessian": function.hessian(before[part])} if optimizer.needs_hessian else {}
                current[part], states[i] = optimizer.update(before[part], slopes[part], states[i], lr=rates[k], **more)
            if not alive.all():
                current = np.where(alive[..., None], current, start)
    return Descent(params, loss, gradient, diverged_at, names)


def _evaluation(function, start):
    """Return params -> (loss, gradient) as arrays of the type of `start`, with their shapes checked."""
    if callable(function):
        both = function
    elif hasattr(function, "value") and hasattr(function, "gradient"):

        def both(params):
            return function.value(params), function.gradient(params)

    else:
        raise ValueError(f"function must be callable, or have the methods value and gradient: {function!r}")

    def evaluate(params):
        loss, gradient = (np.asarray(part, start.dtype) for part in both(params))
        if loss.shape != start.shape[:-1] or gradient.shape != start.shape:
            raise ValueError(
                f"function gave a loss of shape {loss.shape} and a gradient of shape {gradient.shape} for "
                f"parameters of shape {start.shape}: {start.shape[:-1]} and {start.shape} are needed"
            )
        return loss, gradient

    return evaluate


def _start(start):
    start = np.asarray(start)
    if start.dtype.kind not in "iuf" or start.ndim == 0 or start.size == 0:
        raise ValueError(f"start must be real numbers of shape [..., P], got {start.dtype} of shape {start.shape}")
    if start.dtype.kind != "f":
        start = start.astype(np.float64)
    if not np.isfinite(start).all():
        raise ValueError(f"start must be finite, got {start}")
    return start


def _rates(name, rates, steps):
    """Return one learning rate a step: a Python float, an array [R, 1], or None for the optimizer's own."""
    if rates is None:
        return [None] * steps
    rates = np.asarray(rates)
    if rates.dtype.kind not in "iuf" or rates.shape[:1] != (steps,) or (rates.ndim > 1 and rates.shape[-1] != 1):
        raise ValueError(f"{name} must have shape [{steps}] or [{steps}, R, 1], got {rates.dtype} {rates.shape}")
    if not ((rates >= 0) & np.isfinite(rates)).all():
        raise ValueError(f"{name} must be in {NOT_NEGATIVE}, got {rates.min()} to {rates.max()}")
    rates = rates.astype(np.float64)
    return rates.tolist() if rates.ndim == 1 else list(rates)


def _ready(function, start, optimizer, name, rates):
    """The start with all run axes of an optimizer and of its learning rates, for a function that suits it."""
    if optimizer.needs_hessian and not hasattr(function, "hessian"):
        raise ValueError(f"function has no method hessian, which {optimizer.title} needs: {function!r}")
    return _with_runs(start, optimizer, name, rates[0] if rates else None)


def _with_runs(start, optimizer, name, value):
    """The start broadcast against the run axes of an optimizer's hyper-parameters and of the value called `name`."""
    shape = run_shape(optimizer, start.shape)
    try:
        return np.broadcast_to(start, np.broadcast_shapes(shape, np.shape(value)))
    except ValueError:
        raise ValueError(f"{name} of shape {np.shape(value)} does not fit parameters of shape {shape}") from None
