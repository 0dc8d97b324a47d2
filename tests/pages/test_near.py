"""On every page with a run, single steps reach the steps near a rest that playing leaves out."""

import pytest

from pages.common.runs.near import NEAR

REST = 101
LINKS = {
    "train": {"steps": "300"},
    "layers": {"steps": "300"},
    "loss_surface": {"steps": "300"},
    "optimizers": {"rsteps": "300"},
    "depth": {"steps": "200", "dview": "training", "depth": "4", "width": "8"},
}


@pytest.mark.parametrize(("page", "link"), LINKS.items())
def test_every_step_near_a_rest_is_there_and_playing_leaves_it_out(app, charts, stages, page, link):
    session = app(link | {"at": str(REST)}, page)
    stage = stages(session)[0]
    steps, near = set(stage["steps"]), set(range(REST - NEAR, REST + NEAR + 1))
    assert set(stage["near"]) == near - steps
    assert stage["near"]
    assert stage["texts"] == sorted(steps | near)
    assert stage["start"] == REST
    assert stage["asks"] is True
    films = [{int(frame["name"]) for frame in chart["frames"]} for chart in charts(session) if chart.get("frames")]
    assert sum(near <= film for film in films) >= 2
