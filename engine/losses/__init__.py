"""Losses: one number for how wrong a network is, and the gradient that starts the way back.

z [..., K, N] is what the network puts out (K outputs, N samples, any run axes before them), y [K, N] is what
it should have put out, and a loss is two functions that share their work:

    value(z, y) -> L [...]              value_and_gradient(z, y, out=None) -> L [...], ∂L/∂z [..., K, N]

**Factors** scale the loss and its gradient alike. They differ from book to book, so each loss names its own:
`squared_error` has the textbook's 1/(2N); `mse`, `mae`, `huber`, `log_cosh`, `binary_cross_entropy`, `hinge`,
`multi_margin` and `focal` are means over all K·N entries; `softmax_cross_entropy` and `kl` are means over the N
samples. From `mse` on these are PyTorch's 'mean' ('batchmean' for `kl`); the first two may be `summed`.

**Logits.** Losses on probabilities take the score z before the sigmoid or softmax. In z the logarithm of a
probability is a difference of moderate numbers, so nothing overflows at ±1500; the gradient is simply p - y.

z is float32 or float64, or complex for the complex step, and so are the results. y is cast to z's dtype: hand
it over in that dtype where speed counts. It may carry run axes if z does. Each run is summed on its own, so a
run axis gives, bit for bit, what a loop over runs gives. A finite z may have an infinite loss; nothing warns.
"""

import numpy as np

from engine.losses.base import Loss, softmax
from engine.losses.classification import CLASS_LOSSES
from engine.losses.regression import NUMBER_LOSSES
from engine.optimizers.hyperparameters import check_switch

__all__ = ["LOSSES", "Loss", "encode_targets", "outputs_for", "softmax", "with_options"]

LOSSES: dict[str, Loss] = {loss.name: loss for loss in (*NUMBER_LOSSES, *CLASS_LOSSES)}


def with_options(name: str, **options: float) -> Loss:
    """Return the loss `name` with its options, such as huber's delta or whether squared_error is summed.

    ValueError for an unknown name, an option that the loss does not have, or one out of its range.
    """
    if name not in LOSSES:
        raise ValueError(f"name={name!r} must be one of {', '.join(LOSSES)}")
    loss = LOSSES[name]
    known = {option.name: option.interval for option in loss.options}
    for option, number in options.items():
        if option not in known:
            takes = ", ".join(known) or "none"
            raise ValueError(f"{option}={number!r} is not an option of {name}, which takes {takes}")
        if known[option] is None:
            check_switch(option, number)
        elif number not in known[option]:
            raise ValueError(f"{option}={number!r} must be in {known[option]}")
    return loss.make(**options) if options else loss


def outputs_for(name: str, n_classes: int | None) -> int:
    """How many outputs K the loss `name` asks for: one for a number (None) or for two classes, unless it is one-hot."""
    return 1 if n_classes is None or (n_classes == 2 and not LOSSES[name].one_hot) else n_classes


def encode_targets(name: str, labels: np.ndarray, n_classes: int) -> np.ndarray:
    """Return class labels [N] (ints 0 to n_classes - 1) as targets y [K, N] float64 for the loss `name`.

    Two classes are one yes-or-no question, K = 1 with y = label, unless the loss compares the outputs of
    classes (softmax_cross_entropy, kl, multi_margin); then, and for more classes, y is one-hot with K = n_classes.
    ValueError for an unknown name, fewer than two classes or a label out of range.
    """
    labels = np.asarray(labels)
    if name not in LOSSES:
        raise ValueError(f"name={name!r} must be one of {', '.join(LOSSES)}")
    if n_classes < 2:
        raise ValueError(f"n_classes={n_classes!r} must be at least 2")
    if labels.size and not 0 <= labels.min() <= labels.max() < n_classes:
        raise ValueError(f"labels={labels.min()}..{labels.max()} must lie in 0..{n_classes - 1}")
    if outputs_for(name, n_classes) == 1:
        return labels[None].astype(np.float64)
    return (labels == np.arange(n_classes)[:, None]).astype(np.float64)
