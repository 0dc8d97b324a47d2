"""On every page with a run, single steps reach the steps near a rest that playing leaves out."""

import numpy as np
import pytest

from engine import Experiment, train
from engine.diagnostics.measures import MOST_SIGNALS, activity_frames
from pages.common.runs.near import NEAR, closely_at
from pages.figures import base

REST = 101
ALL = 4  #: charts of the Loss surface, over a plane or along a line
RACE = {"track": "network", "racers": ["sgd", "adam"], "fair": "same", "rate": "0.05", "steps": "300", "arch": "4"}
CONV = {"cvdata": "8x8", "cvmost": "200", "cvblocks": "4k3p", "cvdense": "8", "cvepochs": "40", "cvbatch": "32"}
LINKS = (
    ("train", {"steps": "300"}, 2),
    ("layers", {"steps": "300"}, 2),
    ("loss_surface", {"steps": "300", "res": "25"}, ALL),
    ("loss_surface", {"steps": "300", "plane": "slice"}, ALL),
    ("optimizers", {"rsteps": "300"}, 2),
    ("optimizers", RACE, 6),
    ("convolution", CONV, 4),
    ("convolution", CONV | {"cvview": "cell"}, 2),
    ("convolution", CONV | {"cvview": "input"}, 3),
    ("backprop", {"arch": "-".join(["2"] * 40), "steps": "10", "samples": "20"}, 2),
    ("depth", {"depth": "100", "width": "8"}, 0),  # forward and back, each on charts of its own
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
    assert near <= set().union(*films)
    assert sum(near <= film for film in films) >= move


@pytest.mark.parametrize("steps", ["115", "300"])
@pytest.mark.parametrize(
    ("page", "more"),
    [("train", {"arch": "32-32-32"}), ("layers", {"arch": "16-16", "look": "distributions", "samples": "1000"})],
)
def test_charts_with_room_for_few_frames_have_all_near_the_rest(app, charts, stages, page, more, steps):
    rest = int(steps) // 2 + 1
    session = app({"steps": steps, "at": str(rest), **more}, page)
    films = {
        chart["layout"].get("title", {}).get("text", ""): {int(frame["name"]) for frame in chart["frames"]}
        for chart in charts(session)
        if chart.get("frames")
    }
    assert any(len(film) < len(stages(session)[0]["texts"]) for film in films.values())
    for title, film in films.items():
        assert set(range(rest - NEAR, rest + NEAR + 1)) <= film, title


@pytest.mark.parametrize("rest", [0, 3, 20, 39, 40])
@pytest.mark.parametrize("most", [*range(3, 24), 40, 41, 50])
def test_steps_near_a_rest_take_no_more_room_than_there_is(most, rest):
    run = closely_at(train(Experiment(steps=40, samples=20, arch=(2,))), rest)
    found, reach = run.frames[run.spread(most)], min((most - 3) // 2, NEAR)  # all, where there is room for all
    assert len(found) <= most
    assert {0, *range(max(rest - reach, 0), min(rest + reach, 40) + 1), 40} <= {*found.tolist()}
    for at in (-1, 0, 11):
        chosen, first = base.chosen_frames(run, at, base.FRAME_BYTES / (most + 0.5))
        assert chosen[first] == at % 41
        assert {0, rest, 40} <= {*chosen.tolist()}
        assert len(chosen) <= max(most, 4)


def test_a_single_step_of_a_wide_network_looks_at_no_more_signals_than_before():
    wide = Experiment(data="spiral", samples=1000, arch=(64,) * 6, steps=40)
    run = train(wide)
    before, after = activity_frames(run), activity_frames(closely_at(run, 20))
    each = sum(int(np.prod(shape)) for shape in run.network.signal_shapes[1:]) * len(run.data.train)
    assert len(after) <= len(before) == MOST_SIGNALS // each < 2 * NEAR
    assert {0, 19, 20, 21, 40} <= {*run.frames[after].tolist()}


@pytest.mark.parametrize(("view", "steps"), [("jacobian", range(1, 101)), ("recurrence", range(101))])
def test_the_views_of_depth_that_count_layers_or_time_have_every_one(app, stages, view, steps):
    session = app({"dview": view, "depth": "100", "width": "8"}, "depth")
    assert stages(session)[0]["steps"] == list(steps)
