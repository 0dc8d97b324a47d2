"""The settings of the data: what is learned, how much of it there is, what is held back, and the seeds."""

from collections.abc import Callable
from typing import Any

from engine.datasets import DATASETS
from engine.datasets.features import FEATURE_TITLES
from engine.datasets.given import Point, Row
from engine.experiment.listed import Listed
from engine.experiment.settings import AUTO, Choice, Real, Setting, Several, Truth, Whole, keyed, titled

MOST_FOLDS = 20
_UNDRAWN = "it is for points that are drawn, and those of {data} are not"
_GIVEN = "the rows of {data} are given, and all of them trained on"


def share(default: float, label: str, meaning: str, high: float, **more: Any) -> Real:
    """A share from 0 to `high`, on a slider."""
    return Real(default, label, meaning, 0, high, step=0.05, control="slider", **more)


def _is_drawn(values: Any) -> bool:
    return DATASETS[values.data].draw is not None


def _has_coordinates(values: Any) -> bool:
    return bool(DATASETS[values.data].domain)


def _is_sampled(values: Any) -> bool:
    return DATASETS[values.data].give is None


def _is_scaled(values: Any) -> bool:
    return DATASETS[values.data].scaled


def _is(name: str) -> Callable[[Any], bool]:
    return lambda values: values.data == name


def _is_table(values: Any) -> bool:
    return values.data == "csv"


def _is_folded(values: Any) -> bool:
    return values.folds > 0 and _is_sampled(values)


DATA: dict[str, Setting] = keyed(
    data=Choice(
        "circle", "Data set", "What the network learns: a classic set, digits, or your own table.", titled(DATASETS)
    ),
    samples=Whole(
        DATASETS["circle"].samples,
        "Points",
        "Number of points drawn (digits and CSV: the most that are used).",
        4,
        100_000,
        step=50,
        when=_is_sampled,
        otherwise=_GIVEN,
    ),
    points=Listed(
        tuple(map(Point.read, ("a-3_-2", "a-2_1.5", "b2_-1.5", "b3_2"))),
        "Points drawn",
        "Points of your own: a1.5_-2b0_3 are one of the first class at (1.5, -2) and one of the second at (0, 3).",
        Point,
        "points such as a1.5_-2b0_3",
        most=60,
        most_numbers=120,
        mark="",
        between=r"[,;\s]*(?=[a-cA-C])",
        when=_is("drawn"),
        otherwise="it is for points of one's own",
    ),
    rows=Listed(
        (Row((1.0, 2.0), (3.0, 4.0)),),
        "Rows",
        "Rows of your own: inputs, a colon, targets, as in 1,2:3,4;0,1:5,6.",
        Row,
        "rows such as 1,2:3,4;0,1:5,6",
        most=60,
        most_numbers=1000,
        mark=";",
        between=r"\s*;\s*",
        when=_is("rows"),
        otherwise="it is for rows of one's own",
    ),
    noise=share(
        0.1,
        "Noise",
        "Spread of the points around the pattern, relative to its size.",
        1,
        when=_is_drawn,
        otherwise=_UNDRAWN,
    ),
    test=share(
        0.25,
        "Test part",
        "Share of the points held back to test on; 0 trains on all of them.",
        0.9,
        when=_is_sampled,
        otherwise=_GIVEN,
    ),
    folds=Whole(
        0,
        "Folds",
        "Parts of the data for cross-validation, of which one is held back; 0 holds back the test part instead.",
        0,
        MOST_FOLDS,
        when=_is_sampled,
        otherwise=_GIVEN,
    ),
    fold=Whole(
        1,
        "Fold",
        "Which of the folds is held back to test on.",
        1,
        MOST_FOLDS,
        when=_is_folded,
        otherwise="there are no folds",
    ),
    features=Several(
        ("x1", "x2"),
        "Inputs",
        "Inputs made from the coordinates x1 and x2.",
        FEATURE_TITLES,
        when=_has_coordinates,
        otherwise="it is for points with coordinates, and those of {data} have none",
    ),
    missing=Choice(
        "drop",
        "Empty cells",
        "What is done with rows of a table that have an empty cell: drop them, or fill the cells.",
        {"drop": "Drop the row", "fill": "Fill the cell"},
        when=_is_table,
        otherwise="it is for a table of one's own",
    ),
    standardise=Truth(
        True,
        "Standardise",
        "Bring the inputs to a usual scale: tables and rows to mean 0 and deviation 1 over the part that is trained "
        "on, pixels to 0..1, points to half their coordinates. Off: raw numbers.",
        when=_is_scaled,
        otherwise="{data} has the scale of its formula",
    ),
)
SEEDS: dict[str, Setting] = keyed(
    seed=Whole(0, "Seed", "Seed of everything random: points, split, weights, batches.", 0, 2**31 - 1, step=1),
    dseed=Whole(
        None,
        "Data seed",
        "Seed of points and split alone, to have new weights on the same data; empty: the seed.",
        0,
        2**31 - 1,
        step=1,
        words=AUTO,
        when=_is_sampled,
        otherwise=_GIVEN,
    ),
)
OF_DATA = (*DATA, *SEEDS)  #: what the data depend on, but for a table itself
