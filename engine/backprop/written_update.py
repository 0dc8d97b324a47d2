"""The update written out: every line that an optimizer computes in one step, with its symbols and its numbers.

`OPTIMIZERS` is made to be fast: corrections are folded into one factor, buffers are used again. To be read, an update
is a few lines of algebra, as in the paper: Adam's two running means, the same two freed of their bias, the step. Here
an optimizer, its state and a gradient become such a list, by the rule in `optimizers.rules`. That the last line
is what the optimizer really does, for every one of them, is what the tests hold.

`g` is the gradient that the optimizer is handed, t the number of the step counted from 1. L-BFGS and Newton mix all
parameters in one step: for them there is one line, without numbers to fill in.
"""

from typing import Any

import numpy as np

from engine.optimizers import OPTIMIZERS
from engine.optimizers.equations import Sheet
from engine.optimizers.rules import RULES

_SYMBOLS = {
    "momentum": r"\mu",
    "dampening": r"\tau",
    "alpha": r"\alpha",
    "beta1": r"\beta_1",
    "beta2": r"\beta_2",
    "eps": r"\varepsilon",
    "rho": r"\rho",
    "decay": r"\lambda",
    "etaplus": r"\eta^+",
    "etaminus": r"\eta^-",
    "momentum_decay": r"\psi",
    "lr_decay": r"\delta",
    "centered": r"\text{centered}",
    "step_size_min": r"\Delta_{min}",
    "step_size_max": r"\Delta_{max}",
}
_COUPLED = {"sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adadelta"}
_COUPLED |= {"adam", "amsgrad", "adamax", "nadam", "radam"}


def write_out(
    optimizer: Any, params: np.ndarray, gradient: np.ndarray, before: Any, lr: float, update: np.ndarray
) -> Sheet:
    """The lines of one update of `params[P]` by `gradient[P]`; the last one, `u`, is what is added to the parameters.

    Args:
        optimizer: with single numbers as hyper-parameters.
        params: θ before the step.
        gradient: what the optimizer is handed, after clipping.
        before: its state before the step.
        lr: the learning rate of the step.
        update: what it did, for the optimizers whose update is no line of algebra.
    """
    name = next(key for key, kind in OPTIMIZERS.items() if type(optimizer) is kind)
    known = {"x": (r"\theta", params), "g": ("g", gradient), "lr": (r"\eta", lr), "t": ("t", before.t + 1)}
    for field, symbol in _SYMBOLS.items():
        if hasattr(optimizer, field):
            known[field] = (symbol, getattr(optimizer, field))
    sheet = Sheet(known)
    with np.errstate(all="ignore"):
        if name in _COUPLED and getattr(optimizer, "decay", 0.0):
            g = gradient + optimizer.decay * params
            sheet.line("h", r"\tilde g", r"<g> + <decay>\,<x>", g)
        else:
            sheet.know("h", "g", gradient)
        RULES.get(name, lambda sheet, _before: sheet.line("u", "u", r"\eta\,d(<g>,\ \ldots)", update))(sheet, before)
    return sheet
