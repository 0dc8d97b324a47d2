"""The data sets as small pictures of themselves, one of which is chosen.

A picture shows points that the engine draws, as the map of the Train page would: classes in their colours, targets
against the coordinate, images as they are; what the user is to bring has an icon. A new data set has its picture by
being in the registry.
"""

from collections.abc import Iterator, Mapping
from html import escape
from math import isqrt
from typing import Any

import numpy as np

from engine.datasets import DATASETS, Dataset, load
from engine.datasets.catalogue import DatasetSpec
from engine.experiment import SETTINGS
from pages.common import theme
from pages.common.editor.component import declare, mount
from pages.common.link.changes import change

SIDE = 40  #: of a picture, in its own units
POINTS, NOISE = 80, 0.06  #: how many points a picture shows, and how spread
MARGIN = 3
#: What is open at first: a picture of each kind of task, and what the user brings; the others are folded away.
FIRST = ("circle", "xor", "spiral", "moons", "line", "digits", "drawn", "csv")
DOT, FEW = (2.6, 6.5), 10  #: how wide a dot is, and where there are few of them
IMAGES = 2  #: images beside and under each other
#: For data that are not there before the user brings them: a sheet, inputs beside targets, a pencil.
TABLE = "M5 8h30v24H5zM5 14h30M5 20h30M5 26h30M14 8v24M25 8v24"
ROWS = "M5 12h16M27 12h8M5 20h16M27 20h8M5 28h16M27 28h8"
PENCIL = "M8 32l2-8 17-17 6 6-17 17zM24 10l6 6M8 32l6-2"


def picture(spec: DatasetSpec) -> str:
    """The SVG of a data set."""
    if spec.n_inputs is None:
        marks = _icon(ROWS if spec.give else TABLE)
    elif spec.n_classes is None and spec.task == "classification":
        marks = _icon(PENCIL)
    elif spec.domain:
        marks = "".join(_scattered(load(spec.name, samples=POINTS, noise=NOISE, test=0), spec.domain))
    else:
        marks = _imaged(load(spec.name, samples=POINTS, test=0))
    return f'<svg viewBox="0 0 {SIDE} {SIDE}" aria-hidden="true">{marks}</svg>'


def _icon(path: str) -> str:
    return f'<path class="icon" d="{path}"/>'


def _scattered(data: Dataset, domain: tuple[tuple[float, float], ...]) -> Iterator[str]:
    """A path of dots for each colour: of a class, or of a size and sign of the target."""
    answers = data.targets[0] if data.labels is None else data.labels
    if len(domain) == 1:
        ends = [*domain, (answers.min(), answers.max())]
        places, colors = np.vstack([data.points, answers]), {theme.POSITIVE: answers == answers}
    elif data.labels is None:
        ends, places, high = domain, data.points, np.abs(answers).max()
        colors = {theme.faded(theme.NEGATIVE, 0.45): answers < 0, theme.faded(theme.POSITIVE, 0.45): answers >= 0}
        colors |= {theme.NEGATIVE: answers < -high / 3, theme.POSITIVE: answers > high / 3}
    else:
        ends, places = domain, data.points
        colors = {color: answers == label for label, color in enumerate(theme.class_colors(len(data.class_names)))}
    low, high = np.transpose(ends)[..., None]
    inner = SIDE - 2 * MARGIN
    x, y = MARGIN + inner * np.clip((places - low) / (high - low), 0, 1)
    wide = DOT[len(answers) < FEW]
    for color, chosen in colors.items():
        dots = "".join(f"M{a:.1f} {SIDE - b:.1f}h0" for a, b in zip(x[chosen], y[chosen], strict=True))
        yield f'<path d="{dots}" stroke="{color}" stroke-width="{wide}" stroke-linecap="round"/>'


def _imaged(data: Dataset) -> str:
    """The first images, a square for each pixel that is more than half bright."""
    wide = isqrt(len(data.points))
    images = data.x[:, : IMAGES**2].T.reshape(IMAGES, IMAGES, wide, wide)
    sheet = images.transpose(0, 2, 1, 3).reshape(IMAGES * wide, IMAGES * wide)
    size = SIDE / len(sheet)
    bright = [f"M{size * column:g} {size * (row + 0.5):g}h{size:g}" for row, column in np.argwhere(sheet > 0.5)]
    return f'<path class="icon" d="{"".join(bright)}" style="stroke-width: {size:g}"/>'


def _tile(spec: DatasetSpec) -> str:
    return (
        f'<label title="{escape(spec.description)}"><input type="radio" name="data" value="{spec.name}">'
        f"{picture(spec)}<span>{escape(spec.title)}</span></label>"
    )


def _tiles() -> str:
    rest = "".join(_tile(spec) for name, spec in DATASETS.items() if name not in FIRST)
    first = "".join(_tile(DATASETS[name]) for name in FIRST)
    return (
        f'<div class="tiles">{first}</div><details><summary>{len(DATASETS) - len(FIRST)} more data sets</summary>'
        f'<div class="tiles">{rest}</div></details>'
    )


_component = declare(
    "pictures",
    f'<div class="editor pictures" role="radiogroup" aria-label="{SETTINGS["data"].label}">{_tiles()}</div>',
)


def data_pictures(data: str) -> None:
    """Show the data sets, the chosen one marked."""
    mount(_component, "pictures", {"chosen": data}, _chosen)


def _chosen(news: Mapping[str, Any]) -> None:
    change({"data": SETTINGS["data"].check(news["chosen"])})
