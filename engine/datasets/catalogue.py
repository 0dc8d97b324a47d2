"""The data: named sets, handwritten digits and the user's own table, split into a training and a test part.

`load` gives a `Dataset`: raw `points` as people see them, and the network's inputs `x`, made from the points by
`expand`. The coordinates of the two-dimensional sets are divided by 2, about to unit variance, unless raw ones are
asked for, and may be expanded (`features`). How points are drawn is in `synthetic`, data that are not drawn but given
are in `given`. A table is made a data set by `encoding`, images of a file by `mnist`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from engine.datasets import digits, given
from engine.datasets import synthetic as generators
from engine.datasets.dataset import Dataset, Fold, moments, numbered, split
from engine.datasets.features import FEATURES, LINE_FEATURES, expand, titles

HALF_WIDTH = 6.0  #: the two-dimensional sets fill [-6, 6]²
MOST_ROWS = 100_000  #: of a table
SCALE = 2.0  #: by which their coordinates are divided


@dataclass(frozen=True)
class DatasetSpec:
    """What there is to know of a data set before it is drawn.

    `n_inputs` counts raw coordinates and `n_classes` is None for regression; both are None where the data themselves
    say, as the columns of a table. `domain` is the range of each coordinate that a picture shows. `samples` is how many
    are usual: all that were collected, a few hundred of those that are drawn. Of data that are not drawn but given,
    `give(points, rows)` is all there is, from what was typed.
    """

    name: str
    title: str
    task: str
    n_inputs: int | None
    n_classes: int | None
    description: str
    domain: tuple[tuple[float, float], ...] = ()
    samples: int = 200
    max_samples: int = 5000
    draw: Callable[..., Any] | None = field(default=None, repr=False)
    give: Callable[..., Any] | None = field(default=None, repr=False)

    @property
    def scaled(self) -> bool:
        """Whether there is a scale that the inputs are brought to: of images, tables, rows and the square."""
        return self.give is not None or not self.domain or self.domain == SQUARE

    @property
    def standardised(self) -> bool:
        """Whether that is usual: what is given is taken as it stands, but for points in the square."""
        return self.give is None or self.domain == SQUARE


SQUARE = ((-HALF_WIDTH, HALF_WIDTH), (-HALF_WIDTH, HALF_WIDTH))
UNIT = ((-1.0, 1.0),)
DISC = ((-1.0, 1.0), (-1.0, 1.0))
CORNER = ((-0.5, 1.5), (-0.5, 1.5))


def _classes(draw: Callable[..., Any], title: str, description: str) -> DatasetSpec:
    return DatasetSpec(draw.__name__, title, "classification", 2, 2, description, SQUARE, draw=draw)


def _gate(name: str, title: str, description: str) -> DatasetSpec:
    def give(_points: Any, _rows: Any) -> Any:
        return given.gate(name)

    return DatasetSpec(name, title, "classification", 2, 2, description, CORNER, give=give)


def _numbers(draw: Callable[..., Any], title: str, description: str, domain: Any) -> DatasetSpec:
    return DatasetSpec(draw.__name__, title, "regression", len(domain), None, description, domain, draw=draw)


DATASETS: dict[str, DatasetSpec] = {
    spec.name: spec
    for spec in (
        _classes(generators.circle, "Circle", "A disc inside a ring: no straight line parts them."),
        _classes(generators.xor, "Exclusive or", "Opposite quadrants share a class: no single neuron can tell."),
        _classes(generators.gaussians, "Two Gaussians", "Two clouds: one straight line is enough."),
        _classes(generators.spiral, "Spiral", "Two arms wound around each other: the hard one."),
        _classes(generators.moons, "Moons", "Two half circles that reach into each other."),
        DatasetSpec(
            "spiral3",
            "Spiral of three arms",
            "classification",
            2,
            3,
            "Three arms in the unit circle (Stanford's CS231n): three classes that no lines part.",
            DISC,
            samples=300,
            draw=generators.spiral3,
        ),
        _gate("and_gate", "AND gate", "1 where both inputs are 1: four rows, all of them trained on."),
        _gate("or_gate", "OR gate", "1 where an input is 1: four rows, all of them trained on."),
        _gate("nand_gate", "NAND gate", "0 where both inputs are 1: four rows, all of them trained on."),
        _gate("xor_gate", "XOR gate", "1 where the inputs differ: four rows that no line parts."),
        DatasetSpec(
            "drawn",
            "Points of your own",
            "classification",
            2,
            None,
            "Points that you draw or type, of two or three classes: all of them are trained on.",
            SQUARE,
            give=lambda points, _rows: given.plane_points(points),
        ),
        _numbers(generators.line, "Line", "y = 2x + 1 on [0, 1], plus noise.", ((0.0, 1.0),)),
        _numbers(generators.parabola, "Parabola", "y = x² on [-1, 1], plus noise.", UNIT),
        _numbers(generators.sine, "Sine", "y = sin 2πx on [-1, 1], plus noise: two periods.", UNIT),
        _numbers(generators.plane, "Plane", "y = (x₁ + x₂) / 10 over a square, plus noise.", SQUARE),
        DatasetSpec(
            "squares",
            "Five squares",
            "regression",
            1,
            None,
            "y = x² at x = 0, 1, 2, 3 and 4, without noise: five rows, all of them trained on.",
            ((0.0, 4.0),),
            give=lambda _points, _rows: given.squares(),
        ),
        DatasetSpec(
            "rows",
            "Rows of your own",
            "regression",
            None,
            None,
            "Inputs and targets that you type, as in a worked example: all rows are trained on.",
            give=lambda _points, rows: given.columns(rows),
        ),
        DatasetSpec(
            "digits",
            "Handwritten digits",
            "classification",
            64,
            10,
            "1,797 images of 8 x 8 pixels (UCI optical recognition of handwritten digits).",
            samples=1797,
            max_samples=1797,
        ),
        DatasetSpec(
            "csv",
            "Your own table",
            "classification",
            None,
            None,
            "A CSV file, or images with labels, such as mnist.npz.",
            samples=MOST_ROWS,
            max_samples=MOST_ROWS,
        ),
    )
}


def load(
    name: str,
    *,
    samples: int = 200,
    noise: float = 0.1,
    test: float | Fold = 0.25,
    features: Sequence[str] = ("x1", "x2"),
    seed: int = 0,
    standardise: bool | None = None,
    points: Sequence[given.Point] = (),
    rows: Sequence[given.Row] = (),
) -> Dataset:
    """Draw a data set, or take of the digits or what is given; equal arguments give equal data.

    Args:
        name: a key of `DATASETS` other than "csv".
        samples: how many, 2 to `max_samples`; of digits at most so many are taken, at random.
        noise: spread of the classic sets, 0 to 1.
        test: share of the samples held back, 0 to 0.9; of 0 all are trained on, of more at least one is held back.
            Or a fold of cross-validation.
        features: keys of `FEATURES`; one-dimensional sets use those of x1, digits none.
        seed: of the points and of the split.
        standardise: whether inputs are brought to a usual scale: points of the square divided by 2, pixels to 0..1,
            what is given to mean 0 and deviation 1; None for what is usual.
        points: of the set "drawn", at least one.
        rows: of the set "rows", at least one, all with as many inputs and targets.

    Raises:
        ValueError: naming the argument, the value and what is allowed.
    """
    if name not in DATASETS:
        raise ValueError(f"name={name!r} must be one of {', '.join(DATASETS)}")
    if samples < 2 or not (isinstance(test, Fold) or 0 <= test <= 0.9) or not 0 <= noise <= 1:
        raise ValueError(
            f"samples={samples} must be at least 2, test={test} from 0 to 0.9 and noise={noise} from 0 to 1"
        )
    if seed < 0:
        raise ValueError(f"seed={seed} must be 0 or more")
    spec = DATASETS[name]
    if spec.draw and samples > spec.max_samples:
        raise ValueError(f"samples={samples} must be at most {spec.max_samples} for {name}")
    if name == "csv":
        raise ValueError("name='csv' needs a table of your own: datasets.from_columns makes a data set of it")
    rng, standardise = np.random.default_rng([seed, 0]), spec.standardised if standardise is None else standardise
    if name == "digits":
        return digits.digits(samples, test, rng, standardise=standardise)
    if spec.give:
        places, answers = spec.give(tuple(points), tuple(rows))
        train, held = np.arange(places.shape[1]), np.arange(0)
    else:
        places, answers = spec.draw(rng, samples, noise)
        train, held = split(samples, test, rng, answers if spec.task == "classification" else None)
    used = usable_features(name, features) if spec.domain else ()
    made = partial(expand, features=used, scale=_scale(spec, places) if standardise else 1.0)
    classes = spec.task == "classification"
    return Dataset(
        name=name,
        task=spec.task,
        points=places,
        x=made(places),
        labels=answers if classes else None,
        targets=None if classes else np.atleast_2d(answers),
        class_names=tuple(map(str, range(spec.n_classes or given.classes_of(tuple(points))))) if classes else (),
        input_names=titles(used, len(places)) or numbered("x", len(places)),
        feature_names=numbered("x", len(places)),
        train=train,
        test=held,
        expand=made,
    )


def _scale(spec: DatasetSpec, places: np.ndarray) -> float | tuple[np.ndarray, np.ndarray]:
    """What the coordinates are divided by; of data that are given, mean and deviation of each."""
    if spec.domain == SQUARE:
        return SCALE
    return moments(places) if spec.give else 1.0


def usable_features(name: str, features: Sequence[str]) -> tuple[str, ...]:
    """Those of `features` that a data set has coordinates for; `x1` where none is left."""
    unknown = [feature for feature in features if feature not in FEATURES]
    if unknown or not features:
        raise ValueError(f"features={tuple(features)} must be one or more of {', '.join(FEATURES)}")
    if DATASETS[name].n_inputs == 1:
        return tuple(feature for feature in features if feature in LINE_FEATURES) or ("x1",)
    return tuple(features)
