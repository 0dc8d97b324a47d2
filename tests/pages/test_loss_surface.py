"""The Loss surface page: what is on the screen is what the engine says, for every plane and every kind of run."""

import json
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from engine import Experiment, train
from engine.landscape import objective_of
from engine.landscape.stability import rate_at_limit, stability_of
from engine.landscape.trajectories import loss_line, loss_surface
from engine.training import optimizer_of
from pages.common import theme
from pages.common.text import number
from pages.figures.heights import heights_of
from pages.figures.loss_surface.contours import map_figure
from pages.figures.loss_surface.curves import gap_figure, line_figure, sharpness_figure
from pages.figures.loss_surface.surface3d import Series, inside, surface_figure

LINK = {"steps": "60", "arch": "4-3", "optimizer": "sgd", "lr": "0.5", "res": "25"}
RUN = Experiment(steps=60, arch=(4, 3), optimizer="sgd", lr=0.5)


@pytest.fixture(scope="module")
def recording():
    return train(RUN)


@pytest.fixture
def page(app):
    """`page(**link)`: the page in a new session."""

    def visit(**link):
        session = app(LINK | link)
        session.switch_page("pages/loss_surface.py").run()
        assert not session.exception
        return session

    return visit


def corners_are_nodes(mesh, grid, array):
    """The corners of the triangles are nodes of the grid, with its losses, and the four outer ones are among them."""
    x, y, loss = array(mesh["x"]), array(mesh["y"]), array(mesh["customdata"])
    row, column = (abs(part - axis[:, None]).argmin(axis=0) for part, axis in ((y, grid.beta), (x, grid.alpha)))
    np.testing.assert_allclose(x, grid.alpha[column], rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(y, grid.beta[row], rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(loss, grid.loss[row, column], rtol=1e-5)
    assert {(x.min(), y.min()), (x.min(), y.max()), (x.max(), y.min()), (x.max(), y.max())} <= {*zip(x, y, strict=True)}


@pytest.mark.parametrize("plane", ["pca", "random", "hessian"])
def test_surface_and_numbers_are_the_engine_s(charts, array, page, recording, plane, metrics):
    session = page(plane=plane)
    surface = loss_surface(plane, [recording], resolution=25)
    ground, contour, *_ = charts(session)
    mesh = ground["data"][0]
    corners_are_nodes(mesh, surface.grid, array)
    np.testing.assert_allclose(array(contour["data"][0]["customdata"]), surface.grid.loss, rtol=1e-5)
    trajectory, shown = surface.trajectories[0], metrics(session)
    assert shown["Loss"] == number(trajectory.loss[-1])
    assert shown["In the plane"] == number(trajectory.projected_loss[-1])
    assert shown["Path in the plane (explained)"] == f"{trajectory.explained:.1%}"
    found = stability_of(recording, objective_of(recording), diverges=False)
    assert shown["Sharpness"] == number(found.sharpness[-1])
    assert shown["Of its limit"] == f"{found.sharpness[-1] * 0.5 / 2:.1%}"


def test_the_ball_at_a_step_is_the_projected_key_frame(recording):
    surface = loss_surface("pca", [recording], resolution=25)
    series = Series("sgd", theme.OPTIMIZERS["sgd"], surface.trajectories[0])
    heights = heights_of(surface.grid.loss, surface.trajectories, log=True)
    places = surface.plane.project(recording.params)
    for build in (surface_figure, map_figure):
        figure = build(surface, [series], heights, ("a", "b"))
        assert [int(frame.name) for frame in figure.frames] == recording.frames.tolist()
        for k in (0, 23, -1):
            ball = figure.frames[k].data[0]
            assert [ball.x[0], ball.y[0]] == pytest.approx(places[k], rel=1e-5, abs=1e-7)


def test_frames_move_nothing_but_balls_and_cursors(recording):
    surface, cut = loss_surface("pca", [recording], resolution=25), loss_line([recording])
    series = Series("sgd", theme.OPTIMIZERS["sgd"], surface.trajectories[0])
    heights = heights_of(surface.grid.loss, surface.trajectories, log=False)
    figures = [
        surface_figure(surface, [series], heights, ("a", "b")),
        map_figure(surface, [series], heights, ("a", "b")),
        gap_figure(recording, [series], "plane"),
        sharpness_figure(recording, stability_of(recording, objective_of(recording), diverges=False)),
        line_figure(cut, [series._replace(trajectory=cut.trajectories[0])], log=True),
    ]
    for figure in figures:
        for frame in figure.to_dict()["frames"]:
            assert 0 not in frame["traces"]
            assert len(json.dumps(frame)) < 800
            assert set(frame.get("layout", {})) <= {"title"}


def test_heights_keep_order_cut_the_top_and_leave_holes():
    surface = np.array([0.0, 0.01, 0.1, 1.0, 50.0, np.inf, np.nan])
    trajectory = loss_surface("pca", [train(Experiment(steps=3, arch=(2,)))], resolution=25).trajectories[0]
    for log in (True, False):
        heights = heights_of(surface, [trajectory], log=log)
        found = heights.of(surface)
        assert (np.diff(found[:4]) > 0).all()
        assert found[4] >= heights.of(1.0)
        assert np.isnan(found[5:]).all()
        assert heights.span == (found.min(where=np.isfinite(found), initial=9), heights.of(heights.top))
    assert heights.of(0.25) == 0.25


def test_a_ball_outside_of_the_window_is_not_drawn(recording):
    surface = loss_surface("pca", [recording], resolution=25, window=((-1.0, 1.0), (-1.0, 1.0)))
    seen = inside(surface.trajectories[0], surface.grid)
    assert np.isnan(seen[0]).all()
    np.testing.assert_array_equal(seen[-1], surface.trajectories[0].coordinates[-1])


def test_the_slice_shows_the_line(charts, array, page, recording, metrics):
    session = page(plane="slice")
    cut = loss_line([recording])
    line, *_ = charts(session)
    np.testing.assert_allclose(array(line["data"][0]["y"]), cut.line.loss, rtol=1e-5)
    assert metrics(session)["Off the line"] == "0.0%"


def test_two_weights_are_weights_where_a_normalisation_moved_most(app):
    session = app({"norm": "layer", "dropout": "0.95", "plane": "weights", "steps": "30"}, "loss_surface")
    assert all(session.selectbox(key=key).value[0] in "Wb" for key in ("wa", "wb"))


def test_two_weights_are_those_of_the_link(charts, array, page, recording):
    session = page(plane="weights", wa="W1[2,1]", wb="b2[3]")
    layout = recording.network.layout
    pair = (int(layout.indices("W1")[1, 0]), int(layout.indices("b2")[2]))
    surface = loss_surface("weights", [recording], resolution=25, pair=pair)
    mesh = charts(session)[0]["data"][0]
    corners_are_nodes(mesh, surface.grid, array)


def test_mini_batches_are_held_against_their_own_line(charts, page, metrics, explained):
    session = page(batch="8", optimizer="momentum", lr="0.05")
    run = train(RUN.replace(batch=8, optimizer="momentum", lr=0.05))
    found = stability_of(run, objective_of(run), diverges=False)
    shown = metrics(session)
    assert shown["Sharpness"] == number(found.sharpness[-1])
    assert shown["Batch sharpness"] == number(found.batch_sharpness[-1])
    assert shown["Of its limit"] == f"{found.batch_sharpness[-1] * 0.05 / (2 * 0.1):.1%}"
    drawn = {trace["name"] for trace in charts(session)[3]["data"] if "name" in trace}
    assert {"batch sharpness", "its limit, small batches (theory)", "its limit (theory)"} < drawn
    assert any("2604.14108" in text for text in explained(session))


@pytest.mark.parametrize(("lr", "where"), [("0.5", "at the end of the run"), ("5000", "at the start of the run")])
def test_a_plane_says_at_which_point_of_the_run_it_was_taken(page, lr, where, explained):
    said = " ".join(explained(page(plane="hessian", lr=lr, data="sine")))
    assert f"The two directions of largest curvature {where}." in said


def test_explained_variance_is_held_against_that_of_a_random_walk(page, recording, explained):
    said = " ".join(explained(page()))
    chance = loss_surface("pca", [recording], resolution=25).trajectories[0].by_chance
    assert chance == pytest.approx(0.9, abs=0.03)
    assert f"of a random walk with as many steps and dimensions it would be {chance:.0%}" in said


def test_one_click_starts_a_run_at_its_limit_and_the_button_has_said_what_comes_of_it(
    page, recording, experiment, given_stages
):
    session = page()
    sharp = float(stability_of(recording, objective_of(recording), diverges=False).sharpness[0])
    button = session.button(key="to_limit")
    rate = rate_at_limit(optimizer_of([RUN]), sharp)
    end = train(RUN.replace(lr=float(f"{rate:.4g}"))).train_loss[-1]
    assert button.label == f"The run starting at its limit, rate {rate:.4g}: loss {number(end, 3)}"
    assert f"this run at {number(recording.train_loss[-1], 3)}" in button.help
    button.click().run()
    assert not session.exception
    assert experiment(session).optimizer == "sgd"
    assert experiment(session).lr == pytest.approx(rate, rel=1e-3)
    of_limit = next(
        texts for stage in given_stages(session) for title, texts in stage["metrics"] if title == "Of its limit"
    )
    assert of_limit[0] == "100.0%"


def test_an_optimizer_without_a_limit_hands_over_to_gradient_descent(page, experiment, metrics):
    session = page(optimizer="adam", lr="0.03")
    assert "Of its limit" not in metrics(session)
    assert session.button(key="to_limit").label.startswith("Gradient descent starting at its limit, rate ")
    session.button(key="to_limit").click().run()
    assert experiment(session).optimizer == "sgd"


def test_reseeding_draws_another_plane(charts, page):
    session = page(plane="random")
    before = charts(session)[0]["data"][0]["customdata"]
    next(button for button in session.button if button.label == "Reseed").click().run()
    assert session.session_state["pseed"] == 1
    assert charts(session)[0]["data"][0]["customdata"] != before


def test_the_pinned_run_and_the_racers_share_the_plane(charts, array, page):
    session = page(pin="v:1~lr:0.1", race=["adam", "lbfgs"])
    frame = charts(session)[0]["frames"][0]
    assert len(frame["traces"]) == 8  # ball and stem of four runs
    assert len(array(charts(session)[1]["frames"][0]["data"][0]["x"])) == 4


def test_a_window_by_hand_and_a_linear_height_come_from_the_link(charts, array, page, recording):
    session = page(window="hand", alo="-2", ahi="2", blo="-1", bhi="1", height="linear")
    mesh = charts(session)[0]["data"][0]
    grid = loss_surface("pca", [recording], resolution=25, window=((-2.0, 2.0), (-1.0, 1.0))).grid
    corners_are_nodes(mesh, grid, array)
    kept = array(mesh["z"]) < array(mesh["z"]).max()
    np.testing.assert_allclose(array(mesh["z"])[kept], array(mesh["customdata"])[kept], rtol=1e-5)


DIVERGING, DIGITS = {"data": "sine", "lr": "50", "steps": "300"}, {"data": "digits", "samples": "100"}


@pytest.mark.parametrize(
    ("plane", "link"), [("pca", DIVERGING), ("weights", DIVERGING), ("random", DIGITS), ("hessian", DIGITS)]
)
def test_runs_that_diverge_and_networks_of_many_inputs_have_a_surface(charts, page, plane, link):
    assert len(charts(page(plane=plane, **link))) == 4


def test_a_plane_that_is_none_ends_in_one_sentence(charts, page):
    session = page(plane="random", data="line", arch="none")
    assert len(session.warning) == 1
    assert "two weights" in session.warning[0].value
    assert not charts(session)


def test_the_page_stays_small(page, sent):
    session = page(res="101")
    assert sent(session) < 1_000_000
    session = page(res="51", arch="8-8", steps="300")
    assert sent(session) < 400_000


def test_setting_the_window_by_hand_starts_from_the_automatic_one(charts, array, page):
    session = page()
    shown = charts(session)[0]["data"][0]
    session.segmented_control(key="window").set_value("hand").run()
    for key, axis, end in (("alo", "x", 0), ("ahi", "x", -1), ("blo", "y", 0), ("bhi", "y", -1)):
        assert session.number_input(key=key).value == pytest.approx(array(shown[axis])[end], rel=6e-3)


def test_the_link_to_share_holds_the_view(page):
    session = page(plane="weights", wa="W1[2,1]", wb="b2[3]", race=["adam", "lbfgs"])
    session.slider(key="res").set_value(27).run()
    link = next(code.value for code in session.code if "optimizer=" in code.value)
    kept = parse_qs(urlsplit(link).query)
    assert kept["race"] == ["adam", "lbfgs"]
    assert [kept[key] for key in ("plane", "wa", "wb", "res", "height")] == [
        ["weights"], ["W1[2,1]"], ["b2[3]"], ["27"], ["log"],
    ]  # fmt: skip
