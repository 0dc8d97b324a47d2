"""On every page with a run, single steps reach the steps near a rest that playing leaves out."""

import pytest

from pages.common.runs.near import NEAR

REST = 101
ALL = 4  #: charts of the Loss surface, over a plane or along a line
LINKS = (
    ("train", {"steps": "300"}, 2),
    ("layers", {"steps": "300"}, 2),
    ("loss_surface", {"steps": "300", "res": "25"}, ALL),
    ("loss_surface", {"steps": "300", "plane": "slice"}, ALL),
    ("optimizers", {"rsteps": "300"}, 2),
    ("depth", {"steps": "200", "dview": "training", "depth": "4", "width": "8"}, 2),
)


@pytest.mark.parametrize(("page", "link", "move"), LINKS)
def test_every_step_near_a_rest_is_there_and_playing_leaves_it_out(app, charts, stages, page, link, move):
    session = app(link | {"at": str(REST)}, page)
    stage = stages(session)[0]
    steps, near = set(stage["steps"]), set(range(REST - NEAR, REST + NEAR + 1))
    assert set(stage["near"]) == near - steps
    assert stage["near"]
    assert stage["texts"] == sorted(steps | near)
    assert stage["start"] == REST
    assert stage["asks"] is True
    films = [{int(frame["name"]) for frame in chart["frames"]} for chart in charts(session) if chart.get("frames")]
    assert sum(near <= film for film in films) >= move
