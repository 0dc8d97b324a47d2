"""The Layers page: every number on it is the engine's, verdicts have buttons that work, and A stands beside B."""

from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from engine import Experiment, train
from engine.diagnostics import activity, diagnose, findings, update_ratio
from engine.diagnostics.measures import movement, relative_gradient
from pages.common.runs.pin import difference, read, write
from pages.common.stage.charts import dressed
from pages.common.stage.tables import tables_of
from pages.common.text import number
from pages.figures.layers import binning
from pages.figures.layers import lines as layer_lines
from pages.figures.layers.bars import bars_figure
from pages.figures.layers.heatmap import map_figure, rows
from pages.figures.layers.histograms import values_figure
from pages.figures.layers.matrices import HIGHEST, least_height, matrix_figure
from pages.sections.layers.verdicts import numbers

ROOT = Path(__file__).resolve().parents[2]
PAGE = "layers"
SHORT = {"steps": "40", "samples": "60"}
DEEP = {"arch": "-".join(["8"] * 20), "act": "sigmoid", "steps": "20"}
LOOKS = {"time": 5, "distributions": 5, "matrices": 5}  #: and the charts on the page


@pytest.fixture(scope="module")
def recording():
    return train(Experiment.from_params(SHORT))


@pytest.fixture(scope="module")
def session(opened):
    return opened(SHORT)


# What the page shows is what the engine says


def test_the_metrics_and_the_table_are_the_engines(session, recording, metrics):
    texts = metrics(session)
    assert texts["Loss, train"] == number(recording.train_loss[-1])
    assert texts["Loss, test"] == number(recording.test_loss[-1])
    assert not session.dataframe  # not made before somebody opens it
    session.session_state["fold_layers"] = True
    table, seen = session.run().dataframe[0].value, activity(recording)
    found = [finding for finding in findings(recording, seen) if finding.layer]
    assert table["Verdict"].tolist() == [verdict.word for verdict in found]
    assert table["Because"].tolist() == [verdict.measure for verdict in found]
    weights = [recording.parts.index(name) for name in ("W1", "W2", "W3")]
    for column, expected in {
        "Gradient, first step": recording.gradient_norm[0, weights],
        "of the last layer's, last step": relative_gradient(recording)[-1],
        "Update ratio, last step": update_ratio(recording)[-1, weights],
        "Way of the weights": movement(recording),
        "Saturated, last step": seen.saturated[-1],
    }.items():
        assert np.array_equal(table[column].to_numpy(float), expected, equal_nan=True), column


@pytest.mark.parametrize(("look", "count"), LOOKS.items())
def test_all_charts_are_on_the_page_and_move_with_the_same_steps(opened, charts, recording, look, count):
    made = charts(opened({**SHORT, "look": look}))
    assert len(made) == count
    for chart in made:
        assert {int(frame["name"]) for frame in chart["frames"]} <= set(recording.frames.tolist())
        assert chart["frames"][-1]["name"] == str(recording.steps)


@pytest.mark.parametrize("k", [0, 7, -1])
def test_bars_are_the_norms_of_the_step(charts, array, session, recording, k):
    bars = charts(session)[0]
    step = recording.frames[k]
    assert bars["frames"][k]["name"] == str(step)
    drawn = array(bars["frames"][k]["data"][0]["y"])
    assert np.allclose(drawn, recording.gradient_norm[step], rtol=1e-6)
    assert bars["data"][0]["text"] == list(recording.parts)


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize(
    ("link", "most"), [({}, 1e6), ({"arch": "-".join(["8"] * 30)}, 2e6)], ids=["default", "30 layers"]
)
@pytest.mark.parametrize("pin", [{}, {"pin": "lr:0.1"}], ids=["B", "A and B"])
def test_the_page_stays_below_its_size(opened, sent, link, most, look, pin):
    session = opened(link | pin | {"look": look, "steps": "300"})
    assert sent(session) < most


# Figures


def test_before_and_after_clipping():
    recording = train(Experiment(clip=0.01, **{key: int(text) for key, text in SHORT.items()}))
    figure = bars_figure(recording)
    before, after = (np.asarray(part.y) for part in figure.frames[3].data)
    step = recording.frames[3]
    assert np.allclose(before, recording.gradient_norm[step], rtol=1e-6)
    assert np.allclose(after, recording.applied_norm[step], rtol=1e-6)
    assert np.sqrt((after**2).sum()) == pytest.approx(0.01, rel=1e-3)
    assert [trace.name for trace in figure.data if trace.name] == ["after clipping", "biases"]


def test_what_is_exactly_zero_has_no_bar_and_is_named():
    recording = train(Experiment(init="zeros", steps=3, samples=20))
    figure = bars_figure(recording)
    shown = np.asarray(figure.frames[0].data[0].y)
    assert np.isnan(shown).tolist() == (recording.gradient_norm[0] == 0).tolist()
    assert "exactly zero: W1, b1, W2, b2, W3" in figure.frames[0].layout.annotations[0].text
    assert np.isnan(np.asarray(map_figure(recording).data[0].z)[0]).all()


def test_the_map_holds_the_logarithm_of_every_norm(recording):
    heat = map_figure(recording).data[0]
    assert rows(recording) == ["W1", "W2", "W3", "b1", "b2", "b3"]
    z = np.asarray(heat.z, dtype=float)
    z = z[~np.isnan(z).all(axis=1)]
    columns = [recording.parts.index(part) for part in rows(recording)]
    assert np.allclose(10.0**z, recording.gradient_norm[recording.frames][:, columns].T, rtol=1e-5)


def test_lines_are_the_values_of_every_step(recording):
    ratio = update_ratio(recording)
    curves = layer_lines.of_parts(recording, ratio)
    figure = layer_lines.lines_figure("", layer_lines.Scale("", log=True, band=(1e-4, 1e-2)), curves)
    for column, name in enumerate(curves.names):
        drawn = figure.data[column]
        expected = ratio[np.asarray(drawn.x), recording.parts.index(name)]
        assert np.allclose(drawn.y, expected, rtol=1e-5, equal_nan=True)
        assert drawn.line.dash == ("solid" if name.startswith("W") else "dash")
    assert (figure.layout.shapes[0].y0, figure.layout.shapes[0].y1) == (1e-4, 1e-2)


def test_histograms_count_every_number_once(recording):
    binned = binning.activations_binned([recording], [activity(recording)])
    bins = np.append(binned.edges[:, 0], binned.edges[-1, 1])
    bins[[0, -1]] = -np.inf, np.inf
    signals = activity(recording).signals
    for layer in (0, 1):
        expected = np.histogram(signals[layer][binned.frames[5]].astype(np.float64), bins)[0] / signals[layer][0].size
        assert np.allclose(binned.shares[0][5, layer], expected, atol=2e-3)
        tails = binned.shares[0][5, layer][binned.tails[0][layer]].sum()
        assert tails == pytest.approx((np.abs(signals[layer][binned.frames[5]]) > 0.97).mean(), abs=2e-3)


def test_the_pointer_and_the_table_have_the_share_of_every_bin(recording):
    binned = binning.weights_binned([recording, recording])
    figure = values_figure("Weights", "weight", recording, binned)
    tables = tables_of(figure.plain["data"], figure.plain["layout"])
    assert [[column["head"] for column in table["columns"]] for table in tables] == [
        ["layer", "A, weight", "A, share"],
        ["layer", "weight", "share"],
    ]
    trace = tables[1]["columns"][-1]["trace"]
    layers, bins = binned.shares[-1].shape[1:]
    assert list(figure.data[trace].text) == [str(layer) for layer in range(1, layers + 1) for _ in range(bins)]
    for k, frame in enumerate(figure.frames):
        shares = np.reshape(frame.data[trace].customdata, (layers, bins))
        assert np.allclose(shares, binned.shares[-1][k], atol=1e-7)
        assert np.allclose(shares.sum(axis=1), 1)


def test_gradients_that_are_exactly_zero_have_their_own_bin():
    recording = train(Experiment(act=("relu",), bias=-5.0, steps=3, samples=20))
    binned = binning.gradients_binned([recording])
    dead = recording.network.layout.view(recording.gradients[0], "W1") == 0
    assert binned.shares[0][0, 0, 0] == dead.mean() == 1
    assert binned.edges[0, 1] < binned.edges[1, 0]


@pytest.mark.parametrize("k", [0, -1])
@pytest.mark.parametrize(("shows", "of"), [("weight", "params"), ("gradient", "gradients"), ("update", "updates")])
def test_matrices_are_weights_gradient_and_update_with_the_bias_apart(recording, k, shows, of):
    (part,) = matrix_figure(shows, recording, 2).frames[k].data
    layout, values, z = recording.network.layout, getattr(recording, of), np.asarray(part.z)
    assert np.allclose(z[:, :-2], layout.view(values[k], "W2"), rtol=1e-6)
    assert np.allclose(z[:, -1], layout.view(values[k], "b2"), rtol=1e-6)
    assert np.isnan(z[:, -2]).all()


def test_numbers_that_would_touch_are_left_out_and_others_have_their_room():
    """Two maps of eight rows above each other need more than one; of twenty rows each, they carry no numbers."""
    eight, twenty = (train(Experiment(arch=(units,), steps=2, samples=20)) for units in (8, 20))
    assert least_height(1, [eight]) < least_height(1, [eight, eight]) < HIGHEST
    assert least_height(1, [twenty]) > least_height(1, [twenty, twenty])
    assert matrix_figure("weight", twenty, 1).data[0].texttemplate
    assert not matrix_figure("weight", twenty, 1, twenty).data[0].texttemplate
    assert least_height(2, [eight, train(Experiment(arch=(), steps=2, samples=20))]) == least_height(2, [eight])


def test_large_matrices_are_thinned_and_unknown_layers_refused():
    recording = train(Experiment(arch=(100,), steps=2, samples=20))
    assert np.asarray(matrix_figure("weight", recording, 1).data[0].z).shape == (34, 4)
    with pytest.raises(ValueError, match="layer=3 must be from 1 to 2"):
        matrix_figure("weight", recording, 3)


# Verdicts


def test_a_deep_sigmoid_network_vanishes_on_screen_and_the_button_applies_the_remedy(opened, experiment):
    session = opened(DEEP)
    recording = train(experiment(session))
    found = [finding for finding in diagnose(recording) if finding.layer]
    layers = [verdict.layer for verdict in found if verdict.word == "vanishing"]
    said = next(element.value for element in session.markdown if "vanishing" in element.value)
    assert numbers(layers).capitalize() in said
    assert found[0].measure in said
    session.button(key="try_vanishing").click().run()
    assert not session.exception
    assert experiment(session) == recording.experiment.replace(**found[0].remedy.changes)
    assert not [element for element in session.markdown if "badge[" in element.value and "vanishing" in element.value]


def test_a_healthy_network_has_one_row_and_no_button(session):
    badges = [element.value for element in session.markdown if "badge[" in element.value]
    assert len(badges) == 1
    assert "healthy" in badges[0]
    assert "All layers" in badges[0]
    assert not [button for button in session.button if button.key and button.key.startswith("try_")]


@pytest.mark.parametrize(
    ("link", "word"),
    [
        ({"data": "plane", "arch": "none", "optimizer": "sgd", "lr": "0.62"}, "diverging"),
        ({"data": "spiral", "optimizer": "sgd", "lr": "0.01"}, "not learning"),
        ({"data": "spiral", "optimizer": "sgd", "lr": "10"}, "oscillating"),
        ({}, "healthy"),
    ],
)
def test_a_run_has_one_verdict_on_all_pages(link, word):
    for page in ("train", "layers", "loss_surface"):
        session = AppTest.from_file(ROOT / "app.py", default_timeout=60)
        for key, value in link.items():
            session.query_params[key] = value
        session.switch_page(f"pages/{page}.py").run()
        assert not session.exception
        found = [text for text in (element.value for element in session.markdown) if "badge[" in text]
        if page != "train" or word != "healthy":
            assert word in found[0], page
        assert not any(other in found[0] for other in {"diverging", "oscillating", "healthy"} - {word} if found)


def test_the_button_of_a_run_says_what_came_of_it(opened, experiment, metrics):
    session = opened({"data": "plane", "arch": "none", "optimizer": "sgd", "lr": "0.62"})
    remedy = diagnose(train(experiment(session)))[0].remedy
    button = session.button(key="try_run_diverging")
    assert remedy.words in button.label
    assert f"loss {number(remedy.loss, 3)} instead of {number(remedy.instead, 3)}" in button.label
    button.click().run()
    assert experiment(session).lr == remedy.changes["lr"]
    assert metrics(session)["Loss, train"] == number(remedy.loss)


def test_what_was_tried_in_vain_is_said(opened):
    session = opened({"data": "xor", "noise": "1", "samples": "1000", "arch": "1", "steps": "30"})
    told = [caption.value for caption in session.caption if "Tried in vain: Learning rate" in caption.value]
    assert len(told) == 1
    assert not any(button.key.startswith("try_") for button in session.button if button.key)


@pytest.mark.parametrize(
    ("layers", "text"), [([3], "layer 3"), ([1, 2, 3], "layers 1 to 3"), ([1, 2, 5, 9], "layers 1 to 2, 5 and 9")]
)
def test_layers_in_words(layers, text):
    assert numbers(layers) == text


# A and B


def test_a_pinned_run_stays_while_settings_change_and_both_are_in_the_charts(opened, charts, array, experiment):
    session = opened(SHORT)
    session.button(key="pin_button").click().run()
    session.number_input(key="lr").set_value(0.1).run()
    assert not session.exception
    before, after = train(Experiment.from_params(SHORT)), train(experiment(session))
    bars = charts(session)[0]
    frame = bars["frames"][10]
    step = int(frame["name"])
    assert np.allclose(array(frame["data"][0]["y"]), after.gradient_norm[step], rtol=1e-6)
    assert np.allclose(array(frame["data"][1]["y"]), before.gradient_norm[step], rtol=1e-6)
    assert all(
        "learning rate 0.03" in title and "learning rate 0.1" in title
        for title in (c["layout"]["title"]["text"] for c in charts(session))
    )
    assert session.query_params["pin"] == "v:1~lr:0.03"
    session.button(key="pin_button").click().run()
    assert "pin" not in session.query_params
    assert "learning rate 0.03" not in charts(session)[0]["layout"]["title"]["text"]


def test_the_shared_link_restores_a_b_and_the_layer(opened, charts):
    session = opened({**SHORT, "lr": "0.1", "look": "matrices", "layer": "2", "pin": "v:1~lr:0.03~act:relu"})
    link = session.code[0].value
    assert "look=matrices&layer=2" in link
    assert "pin=v%3A1~act%3Arelu~lr%3A0.03" in link.replace("%7E", "~")
    assert session.number_input(key="layer").value == 2
    assert charts(session)[-1]["layout"]["title"]["text"].startswith("Layer 2")
    assert "A: activation ReLU, learning rate 0.03" in charts(session)[0]["layout"]["title"]["text"]


@pytest.mark.parametrize("text", ["", "v:1", "~", "nonsense", "lr:fast~x:1", "arch:8-8-8~act:relu", "v:1~steps:1"])
def test_any_pin_opens(opened, charts, text):
    session = opened({**SHORT, "pin": text})
    assert len(charts(session)) == LOOKS["time"]


def test_a_bad_pin_says_what_was_not_taken(opened):
    session = opened({**SHORT, "pin": "lr:fast"})
    assert any("pinned run" in warning.value and "fast" in warning.value for warning in session.warning)


@pytest.mark.parametrize(
    "changes", [{}, {"lr": 0.5}, {"arch": (4, 4, 4), "act": ("relu", "tanh", "sin")}, {"data": "sine"}]
)
def test_writing_and_reading_a_pin(changes):
    present = Experiment(lr=0.2, steps=50)
    assert read(write(present.replace(**changes), present), present) == present.replace(**changes)


def test_the_difference_names_at_most_two_settings():
    one = Experiment()
    assert difference(one, one.replace(lr=0.1)).text == "A: learning rate 0.03 · B: learning rate 0.1"
    assert difference(one, one.replace(lr=0.1, act=("relu",), steps=10, seed=3)).text.endswith("and 2 more")
    assert difference(one, one).keys == ()


def test_a_network_that_shrinks_keeps_a_layer_that_is_there(opened, choose):
    session = opened({**SHORT, "arch": "4-4-4", "look": "matrices", "layer": "4"})
    choose(session, arch="4")
    assert not session.exception
    assert session.number_input(key="layer").value == 2


@pytest.mark.parametrize("page", ["train", "layers"])
def test_how_far_the_gradient_gets_is_said_aloud_at_every_key_frame(app, given_stages, page):
    run = train(Experiment(steps=6, arch=(3, 3), act=("sigmoid",), samples=40))
    session = app({"steps": "6", "arch": "3-3", "act": "sigmoid", "samples": "40"}, page)
    said = next(stage["findings"] for stage in given_stages(session) if "findings" in stage)
    norms = [run.gradient_norm[run.frames[-1], run.network.layout.names.index(name)] for name in ("W1", "W3")]
    assert said[-1] == f"Gradient of layer 1 is {number(norms[0] / norms[1], 2)} of the last layer's"
    assert len(said) == 7


def test_the_letters_over_the_maps_of_a_and_b_lie_within_the_chart(recording):
    figure = map_figure(recording, recording, "same run")
    layout = dressed([], figure.to_plotly_json()["layout"], over_steps=True)["layout"]
    letters = layout["annotations"]
    assert [letter["text"] for letter in letters] == ["<b>A</b>", "<b>B</b>"]
    for letter in letters:  # they stand on the top of the plot, and what is over it is the margin
        assert (letter["y"], letter["yanchor"]) == (1, "bottom")
        assert layout["margin"]["t"] >= 1.5 * letter["font"]["size"]
