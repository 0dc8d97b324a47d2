r"""The update written out: every line that an optimizer computes in one step, with its symbols and its numbers.

An optimizer's `step` is made to be fast: corrections are folded into one factor, buffers are used again. Its `lines`
are made to be read: a few lines of algebra, as in the paper, Adam's two running means, the same two freed of their
bias, the step. Both stand in the optimizer's file, one under the other, and that the last line is what the optimizer
really does, for every one of them, is what the tests hold.

`g` is the gradient that the optimizer is handed, t the number of the step counted from 1. L-BFGS and Newton mix all
parameters in one step: for them there is one line, without numbers to fill in.
"""

from typing import Any

import numpy as np

from engine.optimizers.equations import Equations, Term
from engine.optimizers.hyperparameters import hyper_parameters


def write_out(
    optimizer: Any, params: np.ndarray, gradient: np.ndarray, before: Any, lr: float, update: np.ndarray
) -> Equations:
    """The lines of one update of `params[P]` by `gradient[P]`; the last one, `u`, is what is added to the parameters.

    Args:
        optimizer: with single numbers as hyper-parameters.
        params: θ before the step.
        gradient: what the optimizer is handed, after clipping.
        before: its state before the step.
        lr: the learning rate of the step.
        update: what it did, for the optimizers whose update is no line of algebra.
    """
    known = {p.name: (p.symbol, getattr(optimizer, p.name)) for p in hyper_parameters(optimizer)}
    known |= {"x": (r"\theta", params), "g": ("g", gradient), "lr": (r"\eta", lr), "t": ("t", before.t + 1)}
    written = Equations(known)
    with np.errstate(all="ignore"):
        if hasattr(optimizer, "lines"):
            optimizer.lines(written, before)
        else:
            written.line("u", Term(r"<lr>\,d(<g>,\ \ldots)", update))
    return written
