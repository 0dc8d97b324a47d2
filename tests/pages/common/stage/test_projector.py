"""For a room: words of 16 px and more, thicker lines; what is drawn and how it moves stays what it was."""

import numpy as np
import pytest

from engine import Experiment, train
from pages.common.stage.charts import Chart, plain_of, sent
from pages.common.stage.projector import LINES, enlarged
from pages.figures.train.history import history_figure
from pages.figures.train.tiles import tiles_figure


def sizes(node, owner=""):
    """Every size of words in a figure."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "size" and owner.endswith("font"):
                yield value
            yield from sizes(value, key)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from sizes(value)


@pytest.fixture(scope="module")
def recording():
    return train(Experiment(steps=20))


@pytest.mark.parametrize("figure", [history_figure, tiles_figure])
def test_all_words_have_16_pixels_and_the_numbers_stay(recording, figure):
    chart = Chart("one", figure(recording), "alt")
    small, large = plain_of(chart.figure), plain_of(enlarged(chart).figure)
    assert min(sizes(large)) >= 16
    assert large["layout"]["font"]["size"] >= 16
    for before, after in zip(small["data"], large["data"], strict=True):
        for part in ("x", "y", "z"):
            if before.get(part) is not None:
                np.testing.assert_array_equal(before[part], after[part])
        if "width" in before.get("line", {}):
            assert after["line"]["width"] == pytest.approx(LINES * before["line"]["width"])
    assert [frame["name"] for frame in large["frames"]] == [frame["name"] for frame in small["frames"]]
    assert sent(enlarged(chart))["name"] == "one"


def test_it_is_kept_in_the_link_on_every_page(app):
    session = app({"projector": "true", "steps": "20"})
    assert session.toggle(key="projector").value
    assert "projector=true" in session.code[0].value
