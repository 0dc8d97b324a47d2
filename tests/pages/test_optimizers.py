"""The Optimizers page: its numbers are the engine's, its link restores it, and no input breaks it."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pandas as pd
import pytest

from engine import Experiment
from engine.descent import descend, race_on_surface, spread_rates, sweep_of_recordings, sweep_on_surface
from engine.descent.races import first
from engine.expressions import parse
from engine.landscape.stability import rate_at_limit
from engine.optimizers import OPTIMIZERS
from engine.surfaces import SURFACES, inside, largest_curvature, mesh, quadratic_valley
from engine.training import training
from pages.common.text import number, short
from pages.figures.optimizers.contours import LossGrid, map_figure, map_heights
from pages.figures.optimizers.surface3d import surface_figure
from pages.sections.optimizers import hyperparameters
from pages.sections.optimizers.race import NETWORK_RATES
from pages.sections.optimizers.results import TITLES
from pages.sections.optimizers.settings import SAMPLE

PAGE = "optimizers"
CHARTS = 8
NAMES = ["sgd", "momentum", "adam"]
SHORT = {"racers": NAMES, "rsteps": "60"}
NETWORK = {"track": "network", "racers": ["sgd", "adam"], "fair": "same", "rate": "0.05", "steps": "30", "arch": "4"}


def rows(session):
    """The table of results, a row for each optimizer."""
    (text,) = (found for found in (one.proto.body for one in session.get("html")) if 'class="table"' in found)
    lines = [[unescape(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t", line)] for line in text.split("<tr>")[1:]]
    return pd.DataFrame(lines[1:], columns=lines[0]).set_index("Optimizer")


@pytest.fixture(scope="module")
def session(opened):
    return opened(SHORT)


# What the page shows is what the engine says


def test_the_table_holds_separate_descents_at_the_rates_of_the_sweep(session, metrics):
    surface, table = SURFACES["rosenbrock"], rows(session)
    entered = {name: OPTIMIZERS[name]() for name in NAMES}
    found = sweep_on_surface(surface, surface.start, entered, 60, tolerance=0.001)
    for name, best in zip(NAMES, found.best, strict=True):
        optimizer = OPTIMIZERS[name](lr=found.rates[best])
        alone = descend(surface, surface.start, optimizer, 60)
        row = table.loc[TITLES[name]]
        assert row["Learning rate"] == short(found.rates[best])
        assert row["Final loss"] == number(alone.loss[-1])
        curvature = largest_curvature(surface, surface.minima[0])
        assert row["Stable rate, minimum"] == number(2 / curvature)
        limit = rate_at_limit(optimizer, curvature)
        assert row["Limit, minimum"] == (number(limit) if np.isfinite(limit) else "–")
    lowest = min(table["Final loss"], key=float)
    assert metrics(session)["Lowest loss"] == lowest


def test_all_charts_move_with_the_same_steps_and_the_map_ends_at_the_last_points(charts, array, session):
    made = charts(session)
    assert len(made) == CHARTS
    for chart in made:
        if "frames" in chart:
            assert [frame["name"] for frame in chart["frames"]] == [str(step) for step in range(61)]
    assert sum("frames" not in chart for chart in made) == 1  # the sweep
    surface, table = SURFACES["rosenbrock"], rows(session)
    ends = made[0]["frames"][-1]["data"][0]
    for i, name in enumerate(NAMES):
        alone = descend(
            surface, surface.start, OPTIMIZERS[name](lr=float(table.loc[TITLES[name]]["Learning rate"])), 60
        )
        assert np.allclose([array(ends["x"])[i], array(ends["y"])[i]], alone.params[-1], rtol=0.02, atol=0.02)


def test_the_sweep_has_a_curve_for_each_and_a_line_for_each_limit(opened, charts, array):
    session = opened({**SHORT, "track": "quadratic_valley", "kap": "20", "ang": "30"})
    chart = charts(session)[5]
    lines = {shape["name"]: shape["x0"] for shape in chart["layout"]["shapes"]}
    assert lines["sgd"] == pytest.approx(2 / 20)
    assert lines["momentum"] == pytest.approx(2 * 1.9 / 20)
    assert set(lines) == {"sgd", "momentum"}
    valley = quadratic_valley(20, np.radians(30))
    start = [float(f"{value:.6g}") for value in valley.start]
    found = sweep_on_surface(valley, start, {"sgd": OPTIMIZERS["sgd"]()}, 60, tolerance=0.001)
    drawn = array(chart["data"][0]["y"])
    expected = np.where(found.stayed[0], np.maximum(found.final[0], 1e-16), np.nan)
    assert np.allclose(drawn, expected, rtol=1e-5, equal_nan=True)


def test_the_network_of_the_sidebar_is_a_track(opened):
    session = opened(NETWORK)
    base = Experiment.from_params({key: NETWORK[key] for key in ("steps", "arch")})
    runs = training.race([base.replace(optimizer=name, lr=0.05) for name in NETWORK["racers"]])
    for name, run in zip(NETWORK["racers"], runs, strict=True):
        assert rows(session).loc[TITLES[name]]["Final loss"] == number(run.loss[-1])
    assert not [element for element in session.number_input if element.key in ("sx", "sy")]


def test_a_racers_own_settings_reach_the_network(opened):
    own = {"rmsprop": {"centered": True, "alpha": 0.5}, "rprop": {"etaplus": 1.5}}
    session = opened({**NETWORK, "racers": list(own), "hy": hyperparameters.write(own)})
    table, base = rows(session), Experiment(steps=30, arch=(4,), lr=0.05)
    for name, options in own.items():
        run = training.train(base.replace(optimizer=name, **options))
        plain = training.train(base.replace(optimizer=name))
        assert run.loss[-1] != plain.loss[-1]
        assert number(run.loss[-1]) in table.loc[TITLES[name]].astype(str).tolist()


@pytest.mark.parametrize("steps", ["300", "1000"])
def test_all_sixteen_stay_below_a_megabyte(opened, steps, sent):
    session = opened({"racers": list(OPTIMIZERS), "rsteps": steps})
    assert sent(session) < 1e6
    assert len(rows(session)) == 16


@pytest.mark.parametrize(("place", "damping", "history"), [(NETWORK, 0.01, 100), (SHORT, 0, 10)])
def test_a_racer_shows_the_settings_that_it_has_on_its_track(opened, place, damping, history):
    session = opened({**place, "racers": ["newton", "lbfgs"]})
    assert not any("hyper_" in (field.key or "") for field in session.number_input)  # until the expander is opened
    session.session_state[hyperparameters.FOLD] = True
    session.run()
    shown = {field.key.removesuffix("_network"): field.value for field in session.number_input if field.key}
    assert shown["hyper_newton_damping"] == damping
    assert shown["hyper_lbfgs_history_size"] == history


def test_on_the_network_all_but_newton_are_tuned(opened):
    session = opened({**NETWORK, "racers": ["sgd", "newton"], "fair": "tuned"})
    base = Experiment.from_params({key: NETWORK[key] for key in ("steps", "arch")})
    rates = spread_rates(*NETWORK_RATES)
    runs = training.race([base.replace(optimizer="sgd", lr=rate) for rate in rates], frames=2, dtype=np.float32)
    best = sweep_of_recordings(("sgd",), rates, runs, 0.001).best[0]
    assert rows(session).loc[TITLES["sgd"]]["Learning rate"] == short(rates[best])
    assert rows(session).loc[TITLES["newton"]]["Learning rate"] == short(OPTIMIZERS["newton"].rate)


# Divergence is seen


def test_who_leaves_and_who_diverges_is_said_with_the_step(opened):
    session = opened({"racers": ["sgd", "adam"], "fair": "same", "rate": "0.5", "rsteps": "40"})
    alone = descend(SURFACES["rosenbrock"], (-1.2, 1.0), OPTIMIZERS["sgd"](lr=0.5), 40)
    left = first(~inside(alone.params, SURFACES["rosenbrock"].domain))
    row = rows(session).loc[TITLES["sgd"]]
    assert (row["Left map at"], row["Diverged at"]) == (str(left), str(alone.diverged_at))
    texts = [element.value for element in session.markdown]
    assert any(f"Gradient descent at step {left}" in text for text in texts)
    assert any(f"Gradient descent at step {alone.diverged_at}" in text for text in texts)


# A formula


def test_a_formula_with_an_error_says_where_and_the_last_good_one_stays(opened):
    session = opened({**SHORT, "track": "formula", "fxy": "x**2 + 3*y**2"})
    before = rows(session)
    session.text_input(key="fxy").set_value("x**2 + * y").run()
    assert not session.exception
    said = session.error[0].value
    assert "column 8" in said
    assert "x**2 + * y\n       ^" in said
    assert rows(session).equals(before)
    assert session.text_input(key="fxy").value == "x**2 + * y"
    assert session.query_params["fxy"] == "x**2 + 3*y**2"  # of what is shown: it opens the same
    assert parse_qs(urlsplit(session.code[0].value).query)["fxy"] == ["x**2 + 3*y**2"]
    session.text_input(key="fxy").set_value("x**2 + y**2").run()
    assert not session.error
    assert session.query_params["fxy"] == "x**2 + y**2"
    assert not rows(session).equals(before)


def test_a_link_with_a_formula_that_cannot_be_read_opens_with_it_in_the_field_and_another_race(opened):
    session = opened({**SHORT, "track": "formula", "fxy": "x**2 + * y"})
    assert session.text_input(key="fxy").value == "x**2 + * y"
    assert f"Still racing on {SAMPLE}" in session.error[0].value.replace("\\", "")
    assert "fxy" not in session.query_params
    assert rows(session).equals(rows(opened({**SHORT, "track": "formula"})))


@pytest.mark.parametrize("formula", ["log(x) + y**2", "sqrt(-1-x**2)", "1", "x + y", "1/x", "exp(x)*1e300"])
def test_a_formula_that_is_undefined_somewhere_draws_what_there_is(opened, charts, formula):
    assert len(charts(opened({**SHORT, "track": "formula", "fxy": formula}))) == CHARTS


@pytest.mark.parametrize(("typed", "read"), [("2x²+|y|", "2*x^2 + abs(y)"), ("xy + (y+1)²", "x*y + (y + 1)^2")])
def test_it_is_said_how_a_formula_was_read(opened, typed, read):
    session = opened({**SHORT, "track": "formula", "fxy": typed})
    assert f"Read as `{read}`." in [caption.value for caption in session.caption]


def test_a_start_without_a_slope_is_named(opened):
    """∂(x^y)/∂y = x^y log x, at x = -1 not a number, in PyTorch as well."""
    said = [
        [caption.value for caption in opened({**SHORT, "track": "formula", "fxy": "x^y", "sx": x, "sy": "2"}).caption]
        for x in ("-1", "1")
    ]
    assert [any("no slope" in text for text in captions) for captions in said] == [True, False]


@pytest.mark.parametrize(("formula", "said"), [("1/0*x", 1), ("1/x", 0), ("log(x-9)", 1)])
def test_a_start_without_a_value_is_told(opened, formula, said):
    session = opened({"track": "formula", "fxy": formula})
    assert sum("f has no value" in warning.value for warning in session.warning) == said


def test_nothing_is_said_of_a_formula_that_is_complete(opened):
    session = opened({**SHORT, "track": "formula", "fxy": " x**2 + y**2 "})
    assert not [caption for caption in session.caption if "Read as" in caption.value]


def test_what_is_not_a_number_never_holds_the_lowest_loss(opened, metrics):
    """At x = .5 a step of 10 times the slope 1/x leads to x = -19.5, where there is no logarithm."""
    link = {"track": "formula", "fxy": "log(x) + y**2", "racers": ["sgd"], "fair": "same", "rate": "10", "rsteps": "20"}
    session = opened(link | {"sx": "0.5", "sy": "0.5"})
    shown = metrics(session)
    assert shown["Leading optimizer"] == shown["Lowest loss"] == shown["Largest stable rate there (2/λmax)"] == "–"


def test_a_run_at_rest_on_a_line_of_minima_is_at_distance_0(opened, charts, array):
    link = {"track": "formula", "fxy": "(x*y-1)**2", "racers": ["newton"], "fair": "same", "rate": "1"}
    session = opened(link | {"rsteps": "60", "half": "2"})
    distance = array(charts(session)[3]["data"][0]["y"])
    assert np.nanmin(distance) < 1e-8


# Settings and the link


def test_the_start_follows_the_track_until_it_is_chosen(opened):
    session = opened({**SHORT, "track": "quadratic_valley"})
    assert (session.number_input(key="sx").value, session.number_input(key="sy").value) == (-1.6, 0.8)
    session.number_input(key="ang").set_value(90.0).run()
    assert session.number_input(key="sx").value == pytest.approx(-0.8)
    session.number_input(key="sx").set_value(0.5).run()
    session.number_input(key="kap").set_value(40.0).run()
    assert session.number_input(key="sx").value == 0.5
    session.selectbox(key="track").set_value("himmelblau").run()
    assert (session.number_input(key="sx").value, session.number_input(key="sy").value) == (0.0, -1.0)


def test_the_shared_link_restores_the_page(opened):
    link = {"track": "himmelblau", "racers": ["lion", "adam"], "sx": "1.5", "sy": "-2", "rsteps": "50", "gnoise": "0.2"}
    link |= {"rsched": "cosine", "rwarm": "5", "hy": "adam.beta1:0.5~lion.lr:0.05", "arrows": "adam"}
    session = opened(link)
    shared = session.code[0].value.split("?")[1]
    again = {}
    for pair in shared.split("&"):
        key, value = pair.split("=")
        again.setdefault(key, []).append(value.replace("%3A", ":").replace("%7E", "~"))
    assert again["racers"] == ["lion", "adam"]
    second = opened(again)
    assert rows(second).equals(rows(session))
    assert rows(session).loc["Lion"]["Learning rate"] == "0.05"


def test_own_settings_reach_the_racer(opened):
    session = opened({"racers": ["adam"], "fair": "same", "rate": "0.05", "rsteps": "40"})
    session.session_state[hyperparameters.FOLD] = True
    session.run()
    session.number_input(key="hyper_adam_beta1").set_value(0.5).run()
    session.session_state[hyperparameters.FOLD] = False
    session.run()
    assert not session.exception
    alone = descend(SURFACES["rosenbrock"], (-1.2, 1.0), OPTIMIZERS["adam"](lr=0.05, beta1=0.5), 40)
    assert rows(session).loc["Adam"]["Final loss"] == number(alone.loss[-1])
    assert session.query_params["hy"] in ("adam.beta1:0.5", ["adam.beta1:0.5"])


BAD = [
    {"track": "moon", "racers": ["sgd", "foo"], "sx": "99", "sy": "north", "rsteps": "1e9", "tol": "-1", "kap": "nan"},
    {"hy": "adam.beta1:7~x~sgd.lr:fast~rprop.etaplus:0.1~sgd.lr:1e9~rmsprop.centered:maybe"},
    {"track": "formula", "fxy": "__import__('os')", "half": "0"},
    {"racers": "", "track": "", "fair": "unfair", "rsched": "plateau"},
]


@pytest.mark.parametrize("link", BAD)
def test_a_broken_link_opens_and_says_what_was_not_taken(opened, charts, link):
    session = opened({"rsteps": "20"} | link)
    assert len(charts(session)) == CHARTS
    assert session.warning or session.error


def test_writing_and_reading_own_settings():
    own = {"adam": {"beta1": 0.5, "lr": 1e-5}, "rmsprop": {"centered": True}, "lbfgs": {"history_size": 3}}
    assert hyperparameters.read(hyperparameters.write(own)) == (own, [])


# Figures


def test_arrows_have_the_directions_of_gradient_and_step(array):
    surface, names = SURFACES["rosenbrock"], ("sgd", "adam")
    raced = race_on_surface(surface, surface.start, {name: OPTIMIZERS[name](lr=1e-3) for name in names}, 20)
    axis = [np.linspace(*ends, 21) for ends in surface.domain]
    grid = LossGrid(*axis, surface.value(mesh(surface.domain, 21)), minima=surface.minima)
    heights = map_heights(grid, raced, log=True)
    frame = map_figure(grid, raced, heights, TITLES, arrows=("adam",)).frames[7]
    for line, way in zip(frame.data[1:], (raced.negative_gradient[7, 1], raced.update[7, 1]), strict=True):
        drawn = np.array([line.x[1] - line.x[0], line.y[1] - line.y[0]])
        assert np.allclose(drawn / np.hypot(*drawn), way / np.hypot(*way), atol=1e-5)
    (balls,) = surface_figure(grid, raced, heights, TITLES).to_dict()["frames"][7]["data"]
    assert set(balls) == {"x", "y", "z"}  # all that the player can move without drawing the surface again
    assert np.allclose(np.column_stack([array(balls["x"]), array(balls["y"])]), raced.place[7], rtol=1e-6)


def test_what_is_not_finite_is_left_out_of_the_grid():
    surface = parse("log(x) + y**2")
    raced = race_on_surface(surface, surface.start, {"sgd": OPTIMIZERS["sgd"](lr=0.01)}, 5)
    axis = [np.linspace(*ends, 21) for ends in surface.domain]
    grid = LossGrid(*axis, surface.value(mesh(surface.domain, 21)))
    drawn = np.asarray(map_figure(grid, raced, map_heights(grid, raced, log=True), TITLES).data[0].z)
    assert np.array_equal(np.isnan(drawn), ~np.isfinite(grid.loss))
