"""From the words of an experiment to what a run is made of: its data, network, optimizer, transforms and rates."""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from engine.datasets import Dataset
from engine.datasets import catalogue as datasets
from engine.experiment import KEYS, Experiment, losses_for
from engine.losses import encode_targets
from engine.network import Network
from engine.optimizers import OPTIMIZERS, transforms
from engine.schedules import SCHEDULES, Plateau, learning_rates


def rates_of(experiment: Any) -> np.ndarray:
    """The learning rate of every step, float64 [steps]; for reduce on plateau those before the first reduction."""
    options = {} if SCHEDULES[experiment.schedule].adaptive else _schedule_options(experiment)
    return learning_rates(experiment.schedule, experiment.lr, experiment.steps, warmup=experiment.warmup, **options)


def begins_alike(experiment: Any, steps: int) -> bool:
    """Whether a run of more steps, and nothing else, begins with this one: bit by bit, down to the last parameters.

    Batches and all that is drawn come one after the other, however many there are. A schedule that falls over the whole
    run falls more slowly over a longer one.
    """
    longer = rates_of(experiment.replace(steps=steps))
    return np.array_equal(longer[: experiment.steps], rates_of(experiment)[:steps])


def plateau_of(experiment: Any) -> Plateau | None:
    """Reduce on plateau with the experiment's options; None for the schedules that know all rates before the run."""
    if not SCHEDULES[experiment.schedule].adaptive:
        return None
    return Plateau(experiment.lr, **_schedule_options(experiment))


def _schedule_options(experiment: Any) -> dict[str, float]:
    """What is not left to the schedule. The lowest rate is set as a share of the learning rate."""
    options = {
        option.name: getattr(experiment, option.key)
        for option in SCHEDULES[experiment.schedule].options
        if getattr(experiment, option.key) is not None
    }
    if "floor" in options:
        options["floor"] *= experiment.lr
    return options


Transform = Callable[[np.ndarray, int], np.ndarray]


def optimizer_of(experiments: list[Experiment]) -> Any:
    """The optimizer that the experiments share, its hyper-parameters numbers, or `[R, 1]` where they differ."""
    first = experiments[0]
    kind = OPTIMIZERS[first.optimizer]
    chosen = {}
    for field in dataclasses.fields(kind):
        if field.name in KEYS:
            values = [getattr(experiment, field.name) for experiment in experiments]
            chosen[field.name] = values[0] if len(set(values)) == 1 else np.array(values)[:, None]
    return kind(**chosen)


def transform_of(experiment: Experiment, frozen: np.ndarray | None = None) -> Transform | None:
    """Clipping and gradient noise as one function `(gradient[..., P], t) -> gradient`; None where there is neither.

    Of the parameters at the places `frozen` the optimizer hears nothing, as in PyTorch: their gradient counts as 0.
    """
    steps: list[Transform] = []
    if frozen is not None:
        steps.append(lambda gradient, _t: without(gradient, frozen))
    if experiment.clip:
        clip = transforms.clip_by_norm if experiment.clip_by == "norm" else transforms.clip_by_value
        steps.append(lambda gradient, _t: clip(gradient, experiment.clip))
    if experiment.gradient_noise:
        rng = np.random.default_rng([experiment.seed, 3])
        steps.append(lambda gradient, t: transforms.gradient_noise(gradient, t, experiment.gradient_noise, rng))
    if not steps:
        return None

    def transform(gradient: np.ndarray, t: int) -> np.ndarray:
        for step in steps:
            gradient = step(gradient, t)
        return gradient

    return transform


def without(values: np.ndarray, places: np.ndarray) -> np.ndarray:
    """A copy of `values[..., P]` with zeros at some places."""
    values = values.copy()
    values[..., places] = 0
    return values


@dataclasses.dataclass(frozen=True)
class OwnData:
    """Rows of the user's own, of which each experiment has its own sample and its own split.

    `make` is `from_columns` or `mnist.dataset` with the rows in place: it takes samples, test, seed, scale and, where
    cells may be empty, `missing`.
    """

    make: Callable[..., Dataset]
    most: int  #: samples that it takes
    gaps: bool = False

    def __call__(self, experiment: Experiment) -> Dataset:
        """The data that the experiment trains on; raises `DataError` where the rows do not suffice for it."""
        gaps = {"missing": experiment.missing} if self.gaps else {}
        return self.make(
            samples=min(experiment.samples, self.most),
            test=experiment.holdout,
            seed=experiment.data_seed,
            scale=experiment.standardise,
            **gaps,
        )


def load(experiment: Experiment) -> Dataset:
    """The data that the experiment names."""
    return datasets.load(
        experiment.data,
        samples=experiment.samples,
        noise=experiment.noise,
        test=experiment.holdout,
        features=experiment.features,
        seed=experiment.data_seed,
        standardise=experiment.standardise,
        points=experiment.points,
        rows=experiment.rows,
    )


def network_of(experiment: Experiment, data: Dataset) -> Network:
    """The dense network that the experiment asks for on this data; raises `ValueError` if loss and data disagree."""
    experiment = experiment.on(data)
    if data.labels is None and experiment.loss not in losses_for(data.task):
        raise ValueError(f"loss={experiment.loss!r} does not suit a target that is a number")
    return Network(experiment, data.x.shape[0], targets(experiment, data).shape[0])


def targets(experiment: Experiment, data: Dataset) -> np.ndarray:
    """The targets `[K, N]` that the loss compares the output with: numbers, or classes as 0 and 1."""
    if data.labels is None:
        return data.targets
    return encode_targets(experiment.on(data).loss, data.labels, len(data.class_names))
