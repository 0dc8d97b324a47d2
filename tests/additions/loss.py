"""A made-up loss: the pinball loss of quantile regression (Koenker, Bassett 1978)."""

import numpy as np

from engine.linear_algebra import total
from engine.losses.base import MEAN, NUMBER, Loss
from engine.losses.regression import mean
from engine.optimizers.hyperparameters import option

SHARE = option(
    "share", float, 0.5, (0.01, 0.99), "Quantile q", 0.05, "q", "Share of targets to lie below.", key="quantile"
)


def pinball(share: float = SHARE.default) -> Loss:
    """Mean of q |d| where the target is above, and (1 - q) |d| where it is below."""

    def slope(d):
        return np.where(d < 0, -share, 1 - share).astype(d.dtype)

    halves = mean(lambda d: total(slope(d) * d), slope)
    return Loss("pinball", "Pinball", MEAN + r"\rho_q(y - z)", halves, *NUMBER, options=(SHARE,), make=pinball)
