"""Settings that clash: each is valid, and yet they cannot be had together. Each has a value that would do."""

from collections.abc import Iterator
from typing import Any

from engine.datasets import DATASETS
from engine.datasets.given import alike
from engine.experiment.catalogue import DEFAULTS, LOGIT_LOSSES, SETTINGS, USUAL, default_loss, losses_for
from engine.experiment.ignored import called, holdout
from engine.losses import LOSSES
from engine.optimizers import OPTIMIZERS
from engine.optimizers.hyperparameters import hyper_parameters


def conflicts(values: Any) -> list[tuple[str, str, Any]]:
    """Settings that are each valid but not together: `(key, reason, the value that would do)`."""
    found: list[tuple[str, str, Any]] = []
    expected = default_loss(values.data)
    loss = expected if values.loss == USUAL else values.loss
    if expected != USUAL and loss not in losses_for(DATASETS[values.data].task):
        found.append(("loss", f"does not suit the data set {called(values.data)}, whose target is a number", expected))
        loss = expected
    if loss in LOGIT_LOSSES and values.out != "linear":
        found.append(("out", f"must be linear, because “{LOSSES[loss].title}” works on logits", "linear"))
    if len(values.act) not in (1, len(values.arch)):
        reason = f"must name one activation, or one for each of {len(values.arch)} hidden layers"
        found.append(("act", reason, values.act[:1]))
    spec = DATASETS[values.data]
    if spec.draw and values.samples > spec.max_samples:
        found.append(("samples", f"must be at most {spec.max_samples} of {called(values.data)}", spec.max_samples))
    found += _of_folds(values)
    found += _of_rows(values)
    if values.patience and not holdout(values):
        found.append(("patience", "must be 0 where nothing is held back to test on", 0))
    if values.norm == "batch" and values.arch and values.batch == 1:
        found.append(("batch", "must be at least 2 beside batch normalisation, which leaves nothing of one sample", 2))
    found += [
        (one.key, f"must be 0 beside {one.unless}, as in PyTorch", SETTINGS[one.key].low)
        for one in hyper_parameters(OPTIMIZERS[values.optimizer])
        if one.unless and getattr(values, one.unless) and getattr(values, one.key)
    ]
    if values.step_size_min > values.step_size_max:
        most = values.step_size_max
        found.append(("step_size_min", f"must be at most the largest step size, {most:g}", most))
    return found


def _of_rows(values: Any) -> Iterator[tuple[str, str, Any]]:
    for key, one in {"points": "point", "rows": "sample"}.items():
        if SETTINGS[key].when(values) and not getattr(values, key):
            yield key, f"must hold at least one {one}", DEFAULTS[key]
    if values.rows and alike(values.rows) != values.rows:
        yield "rows", "must all have as many inputs and targets as the first", alike(values.rows)


def _of_folds(values: Any) -> Iterator[tuple[str, str, Any]]:
    folds = max(values.folds, 2) if values.folds else 0
    if folds > values.samples:
        folds = values.samples
        yield "folds", f"must be at most {folds}, one for each sample", folds
    elif folds != values.folds:
        yield "folds", "must be 0, or at least 2: one fold leaves nothing to train on", folds
    if folds and values.fold > folds:
        yield "fold", f"must be from 1 to {folds}, the number of folds", folds
