"""A chart as the stage draws it: what stands over its upper edge has room there."""

import pytest

from engine import Experiment, train
from pages.common.stage.charts import dressed
from pages.figures.layers.matrices import matrix_figure


@pytest.mark.parametrize("arch", [(3,), (4, 4)], ids=str)
def test_headings_over_maps_have_room(arch):
    figure = matrix_figure("weight", train(Experiment(steps=3, arch=arch)), 1).plain
    layout = dressed(figure["data"], figure["layout"], over_steps=False)["layout"]
    tallest = max(note["font"]["size"] for note in layout["annotations"])
    assert layout["margin"]["t"] >= 1.5 * tallest
