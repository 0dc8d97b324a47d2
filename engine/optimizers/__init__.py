"""Optimizers: pure functions that turn parameters and a gradient into better parameters.

The network's weights are one flat vector, so an optimizer is a line of algebra on arrays [..., P] that knows nothing
of layers; the same code descends a test function of two variables. Each one is an `Optimizer`, a frozen dataclass of
its hyper-parameters under torch's names (`decay` is torch's weight_decay, and beta1, beta2 its betas), with

    init(params) -> state                             # a named tuple; state.t counts the steps made
    step(params, gradient, state, lr) -> step, state                # what is taken off the parameters
    lines(s, before)                                  # the same as `Equations` s; not where it mixes all parameters
    update(params, gradient, state, *, lr=None) -> params, state    # x ← x - step, for all alike

Arguments are left as they are. `lr` replaces the learning rate for this step (a schedule's value; 0 is allowed). A
hyper-parameter may be an array [R, 1] when the parameters carry run axes [R, P]. Whatever has several definitions in
the wild is here what PyTorch computes; `decay` is coupled, g <- g + λx, except where an optimizer says otherwise.
Overflow gives inf, which `update` does not warn of.

Beside its `title` a class carries its `rate`, with which it learns the classic sets. The registry holds all sixteen in
order of increasing machinery; what is entered here is found in the link, the sidebar, the races and the written-out
update. Notation: t = 1, 2, ... the step, g the gradient, x the parameters, η the learning rate.
"""

from engine.optimizers.adam import Adam, AdamW, AMSGrad
from engine.optimizers.adam_variants import Adamax, NAdam, RAdam
from engine.optimizers.adaptive import Adadelta, Adagrad, RMSprop
from engine.optimizers.second_order import LBFGS, Newton
from engine.optimizers.sgd import SGD, Momentum, Nesterov
from engine.optimizers.sign_based import Lion, Rprop

OPTIMIZERS = {
    "sgd": SGD,
    "momentum": Momentum,
    "nesterov": Nesterov,
    "adagrad": Adagrad,
    "rmsprop": RMSprop,
    "adadelta": Adadelta,
    "adam": Adam,
    "amsgrad": AMSGrad,
    "adamw": AdamW,
    "adamax": Adamax,
    "nadam": NAdam,
    "radam": RAdam,
    "rprop": Rprop,
    "lion": Lion,
    "lbfgs": LBFGS,
    "newton": Newton,
}
