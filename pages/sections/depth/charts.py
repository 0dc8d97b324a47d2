"""How every view of the Depth page lays out its charts, in rows of two."""

from collections.abc import Mapping, Sequence
from typing import Any

from pages.common.app.head import Head
from pages.common.stage.charts import COLUMNS, Chart, Place
from pages.common.stage.linked import linked_stage

MAIN, SIDE = (205, 480), (150, 360)  #: pixels: smallest, on a screen of 1280x800 with the player, and largest
OVER_STEPS = ("heat0", "heat1", "loss", "recurrent")  #: charts whose x axis counts the steps


def show(
    head: Head, scope: str, charts: Mapping[str, tuple[Any, str, tuple[int, int]]], steps: Sequence[int], **more: Any
) -> None:
    """The stage of a view: figure, what it shows, and its heights, under the names of the charts; `more` as there."""
    made = []
    for number, (name, (figure, alt, heights)) in enumerate(charts.items()):
        place = Place(1 + number // 2, 1 + COLUMNS // 2 * (number % 2), COLUMNS // 2)
        made.append(Chart(name, figure, alt, place, *heights, over_steps=name in OVER_STEPS))
    linked_stage(head, scope, made, steps, **more)
