"""The figures of the Train page: what is drawn is what the engine says, small, and moves frame by frame."""

import copy
import dataclasses
import json
import pickle
from itertools import pairwise

import numpy as np
import plotly.graph_objects as go
import pytest

from engine import Experiment, train
from engine.datasets import Dataset
from pages.common import theme
from pages.common.stage.charts import dressed
from pages.common.text import number
from pages.figures import arrays, base, edges, norms, scales
from pages.figures import weight_maps as weights
from pages.figures.backprop.gradients import gradients_figure
from pages.figures.backprop.stages import stages
from pages.figures.diagram import diagram_figure
from pages.figures.norms import norms_figure
from pages.figures.train import boundary, plane
from pages.figures.train.boundary import boundary_figure, can_draw
from pages.figures.train.confusion import confusion_figure
from pages.figures.train.history import differs, history_figure
from pages.figures.train.predictions import scatter_figure


def three_clouds() -> Dataset:
    rng = np.random.default_rng(0)
    labels = np.arange(90) % 3
    centres = np.array([[-2.0, 2.0, 0.0], [0.0, 0.0, 3.0]])
    return Dataset.from_arrays(centres[:, labels] + rng.normal(0, 0.7, (2, 90)), labels, 3)


def many_inputs() -> Dataset:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(5, 60))
    targets = x[:1] - 0.5 * x[1:2]
    plain = Dataset.from_arrays(x, np.zeros(60, dtype=int), 2)
    numeric = {"task": "regression", "labels": None, "targets": targets, "class_names": ()}
    return dataclasses.replace(plain, **numeric, target_mean=250.0, target_std=40.0, target_name="price")


SETTINGS = {
    "circle": {},
    "sine": {"data": "sine"},
    "plane": {"data": "plane", "arch": (3,)},
    "digits": {"data": "digits", "arch": (16,), "steps": 30},
    "clouds": {"data": "csv", "loss": "softmax_cross_entropy", "arch": (4,), "steps": 40},
    "table": {"data": "csv", "loss": "squared_error", "arch": (4,), "steps": 40},
    "deep": {"arch": (4,) * 12, "steps": 40},
    "batches": {"batch": 10, "steps": 200},
    "dead": {"act": ("relu",), "init": "zeros", "steps": 40},
    "diverged": {"data": "sine", "optimizer": "sgd", "lr": 50.0},
    "one step": {"steps": 1},
    "all trained on": {"test": 0, "steps": 20},
    "curve trained on": {"data": "sine", "test": 0, "steps": 20},
    "no biases": {"arch": (3, 2), "biases": "none", "steps": 40},
    "mixed": {"arch": (4, 4, 4), "norm": "batch", "residual": "gated", "batch": 20, "steps": 20},
}
TABLES = {"clouds": three_clouds, "table": many_inputs}


@pytest.fixture(scope="module")
def run():
    """`run(name)` is the recording of the settings of that name."""
    made = {}

    def get(name):
        if name not in made:
            data = TABLES[name]() if name in TABLES else None
            made[name] = train(Experiment(**SETTINGS[name]), data=data)
        return made[name]

    return get


@pytest.fixture(scope="module")
def large():
    return train(Experiment(arch=(12, 12)))


def answer_figure(recording, **options):
    if can_draw(recording.data):
        return boundary_figure(recording, **options)
    return (scatter_figure if recording.data.labels is None else confusion_figure)(recording, **options)


FIGURES = {
    "answer": answer_figure,
    "weights": diagram_figure,
    "gradients": lambda recording, **options: diagram_figure(recording, "gradient", **options),
    "history": history_figure,
    "norms": norms_figure,
}
every_figure = pytest.mark.parametrize("figure", FIGURES.values(), ids=FIGURES)
every_run = pytest.mark.parametrize("name", SETTINGS)


def leaves(part, path=()):
    for key, value in part.items():
        if isinstance(value, dict) and "bdata" not in value:
            yield from leaves(value, (*path, key))
        else:
            yield (*path, key), value


def at_path(part, path):
    for key in path:
        part = part[key]
    return part


def flat_forward(recording, k, points):
    """What the network shows at raw points in key frame k, in float64, one frame at a time."""
    z = recording.network.forward(recording.params[k], recording.data.expand(points))
    return recording.network.loss_function.display(z)


# Every figure


@every_figure
@every_run
def test_frames_are_key_frames_in_order_with_the_first_and_the_last(run, figure, name):
    recording = run(name)
    spec = figure(recording).to_dict()
    steps = [int(frame["name"]) for frame in spec["frames"]]
    assert steps == sorted(set(steps))
    assert set(steps) <= set(recording.frames.tolist())
    assert (steps[0], steps[-1]) == (recording.frames[0], recording.frames[-1])
    for frame in spec["frames"]:
        assert len(frame["data"]) == len(frame["traces"])
        assert set(frame["traces"]) <= set(range(len(spec["data"])))


@every_figure
@every_run
def test_frames_hold_typed_arrays_and_never_lists_of_numbers(run, figure, name):
    spec = figure(run(name)).to_dict()
    for part in [*spec["data"], *(trace for frame in spec["frames"] for trace in frame["data"])]:
        for path, value in leaves(part):
            if path[-1] in ("x", "y", "z", "customdata", "color") and isinstance(value, list):
                assert all(isinstance(item, str | list | None) for item in value), path
            if path == ("z",):
                assert value["dtype"] == "u1"


@every_figure
@every_run
@pytest.mark.parametrize("at", [0, 1, -1])
def test_the_first_picture_is_the_frame_that_was_asked_for(run, figure, name, at):
    recording = run(name)
    spec = figure(recording, at=at).to_dict()
    frame = next(frame for frame in spec["frames"] if frame["name"] == str(recording.frames[at]))
    for index, moved in zip(frame["traces"], frame["data"], strict=True):
        for path, value in leaves(moved):
            assert at_path(spec["data"][index], path) == value
    for key, value in frame.get("layout", {}).items():
        assert [note["text"] for note in spec["layout"][key]] == [note["text"] for note in value]


@every_figure
def test_a_key_frame_that_is_not_there_is_refused(run, figure):
    with pytest.raises(ValueError, match="at=500 must be from -120 to 119"):
        figure(run("circle"), at=500)


@pytest.mark.parametrize("name", ["circle", "digits", "clouds", "deep"])
def test_the_four_charts_of_a_page_stay_below_one_megabyte(run, name):
    page = [FIGURES[key](run(name)) for key in ("answer", "gradients", "history", "norms")]
    assert len(page[2].frames) == len(run(name).frames)
    assert sum(len(figure.to_json()) for figure in page) < 1_000_000


@pytest.mark.parametrize("at", [49, 50, 51])
def test_a_chart_too_large_moves_in_fewer_frames_with_the_first_picture_among_them(large, at):
    spec = diagram_figure(large, at=at).to_dict()
    assert 40 < len(spec["frames"]) < 90
    assert str(large.frames[at]) in [frame["name"] for frame in spec["frames"]]
    assert len(json.dumps(spec)) < 500_000


@every_figure
def test_sending_and_copying_keep_what_plotly_itself_would_send(run, figure):
    made = figure(run("circle"))
    sent = json.loads(made.to_json())
    plain = json.loads(go.Figure(data=made.data, layout=made.layout, frames=made.frames).to_json())
    for frame in plain["frames"]:
        for trace in frame["data"]:
            if trace["type"] == "scatter":
                del trace["type"]  # Plotly's own default, added when frames are read
    plain["layout"]["template"].pop("data", None)  # the same for templates
    assert sent == plain
    assert copy.deepcopy(made).to_json() == made.to_json()
    assert pickle.loads(pickle.dumps(made)).to_json() == made.to_json()


# Boundary and curve


@pytest.mark.parametrize("k", [0, 60, 119])
def test_the_map_of_two_classes_is_the_probability_in_per_cent(run, k):
    recording = run("circle")
    made = boundary_figure(recording)
    drawn, x, y = made.frames[k].data[0].z, made.data[0].x, made.data[0].y
    rows = [np.stack([x, np.full_like(x, value)]).astype(float) for value in y]
    expected = 100 * np.concatenate([flat_forward(recording, k, row) for row in rows])
    assert drawn.dtype == np.uint8
    assert np.abs(drawn - expected).max() <= 0.501
    assert (made.data[0].zmin, made.data[0].zmax) == (0, 100)


def test_the_map_of_more_classes_holds_class_and_sureness(run):
    recording = run("clouds")
    made = boundary_figure(recording)
    _, points = plane.grid(recording.data, boundary.CLASS_CELLS)
    shown = flat_forward(recording, 20, points)
    each = boundary.CLASS_LEVELS // 3
    classes, strength = np.divmod(made.frames[20].data[0].z.ravel(), each)
    assert np.array_equal(classes, shown.argmax(axis=0))
    assert np.abs(strength / (each - 1) - (3 * shown.max(axis=0) - 1) / 2).max() < 0.51 / (each - 1) + 1e-4


def test_the_map_of_a_number_spans_the_targets_symmetrically(run):
    recording = run("plane")
    made = boundary_figure(recording)
    _, points = plane.grid(recording.data, boundary.CELLS)
    limit = np.abs(recording.data.targets).max()
    expected = np.clip(flat_forward(recording, 100, points)[0], -limit, limit)
    assert np.allclose(made.frames[100].data[0].z.ravel() / 100 * limit - limit, expected, atol=limit / 199)
    dots = [trace for trace in made.data if trace.type == "scatter" and trace.marker.cmax is not None]
    assert [(trace.marker.cmin, trace.marker.cmax) for trace in dots] == [(-limit, limit)] * 2


def test_train_points_are_filled_test_points_hollow_and_all_are_there(run):
    data = run("circle").data
    dots = [trace for trace in boundary_figure(run("circle")).data[1:] if trace.x[0] is not None]
    counts = {"circle": 0, "circle-open": 0}
    for trace in dots:
        counts[trace.marker.symbol] += len(trace.x)
    assert counts == {"circle": len(data.train), "circle-open": len(data.test)}
    colors = {trace.marker.color for trace in dots}
    assert colors == {theme.POSITIVE, theme.NEGATIVE}


@pytest.mark.parametrize("name", ["all trained on", "curve trained on"])
def test_with_nothing_held_back_there_is_no_test_part(run, name):
    """20 points of every picture, and no line, no dot and no entry of a legend for a test part."""
    recording = run(name)
    for made in (boundary_figure(recording), history_figure(recording)):
        assert not [trace for trace in made.data if "test" in f"{trace.name} {trace.hovertemplate}"]
        assert all(frame.traces[-1] < len(made.data) for frame in made.frames)
        json.loads(made.to_json())


def test_the_confusion_of_what_was_trained_on_is_drawn_where_there_is_nothing_else():
    counts = confusion_figure(train(Experiment(data="digits", samples=200, test=0, steps=5)), "train")
    assert counts.layout.title.text == "Confusion matrix, 200 train points"


def test_of_many_points_some_are_drawn_and_the_axis_says_so():
    recording = train(Experiment(samples=5000, steps=2))
    made = boundary_figure(recording)
    drawn = sum(len(trace.x) for trace in made.data[1:] if trace.x[0] is not None)
    assert drawn <= plane.MOST_POINTS + 1
    assert f"({drawn} of 5,000 points)" in made.layout.xaxis.title.text


@pytest.mark.parametrize("k", [0, 119])
def test_the_curve_is_the_network_in_float32(run, k):
    recording = run("sine")
    made = boundary_figure(recording)
    curve, places = made.frames[k].data[0].y, made.data[2].x
    assert (curve.dtype, places.dtype) == (np.float32, np.float32)
    assert np.allclose(curve, flat_forward(recording, k, places[None].astype(float))[0], atol=1e-5)


def test_a_boundary_needs_one_or_two_inputs(run):
    assert not can_draw(run("digits").data)
    with pytest.raises(ValueError, match="64 inputs"):
        boundary_figure(run("digits"))


# Diagram and maps of the weights


def edges_of(frame, sizes):
    """{(layer, to, from): line number} read back from the places of the segments of one frame."""
    found = {}
    for line, trace in enumerate(frame.data[: edges.LINES]):
        if len(trace.x) == 1:  # a gap: no edge is of this sign and width
            assert np.isnan(trace.y).all()
            continue
        x, y = np.reshape(trace.x, (-1, 3)), np.reshape(trace.y, (-1, 3))
        assert np.isnan(y[:, 0]).all()
        for (_, start, end), (_, low, high) in zip(x, y, strict=True):
            assert end == start + 1
            source, to = ((0.5 - place) * sizes[layer] - 0.5 for place, layer in ((low, start), (high, end)))
            found[int(end), round(to), round(source)] = line
    return found


@pytest.mark.parametrize("shows", ["weight", "gradient", "update"])
@pytest.mark.parametrize("k", [0, 119])
def test_every_edge_has_the_sign_and_the_width_of_its_weight(run, shows, k):
    recording = run("circle")
    network, values = recording.network, weights.values_of(recording, shows)
    frame = diagram_figure(recording, shows).frames[k]
    expected, largest = {}, 0
    scope = values if shows == "weight" else values[k : k + 1]
    for layer in range(1, len(network.sizes)):
        largest = max(largest, np.abs(network.layout.view(scope, f"W{layer}")).max())
    for layer in range(1, len(network.sizes)):
        for (to, source), value in np.ndenumerate(network.layout.view(values[k], f"W{layer}")):
            if value:
                width = min(int(np.ceil(abs(value) / largest * 5)) - 1, 4)
                expected[layer, to, source] = 2 * width + int(value > 0)
    assert edges_of(frame, network.sizes) == expected


def test_values_under_the_pointer_and_on_the_units_are_the_parameters(run):
    recording = run("circle")
    layout = recording.network.layout
    handles, units = diagram_figure(recording).frames[7].data[edges.LINES :]
    for values, kind in ((handles.customdata, "W"), (units.marker.color, "b")):
        parts = [layout.view(recording.params[7], f"{kind}{layer}").ravel() for layer in (1, 2, 3)]
        assert np.array_equal(values, np.concatenate(parts).astype(np.float32))


@pytest.mark.parametrize("shows", ["weight", "gradient", "update"])
def test_units_without_a_bias_have_no_colour_of_one(run, shows):
    made = diagram_figure(run("no biases"), shows)
    layouts = [made.layout, *(frame.layout for frame in made.frames)]
    assert not any("biases" in note.text for layout in layouts for note in layout.annotations)
    units = made.data[edges.LINES + 1]
    assert units.marker.color == theme.NEUTRAL
    assert "no bias" in units.hovertemplate


def test_ten_lines_grow_thicker_and_state_their_range(run):
    recording = run("circle")
    made = diagram_figure(recording)
    lines = made.data[: edges.LINES]
    assert all(a.line.width < b.line.width for a, b in pairwise(lines[::2]))
    assert len({trace.line.color for trace in lines}) == edges.LINES
    largest = max(np.abs(recording.network.layout.view(recording.params, f"W{layer}")).max() for layer in (1, 2, 3))
    assert f"±{number(largest, 3)}" in made.layout.annotations[0].text


def test_a_weight_of_zero_has_no_edge(run):
    frame = diagram_figure(run("dead")).frames[0]
    assert all(np.isnan(trace.y).all() for trace in frame.data[: edges.LINES])


def test_gradients_state_the_range_of_each_step(run):
    recording = run("circle")
    frame = diagram_figure(recording, "gradient").frames[33]
    largest = max(np.abs(recording.network.layout.view(recording.gradients[33], f"W{n}")).max() for n in (1, 2, 3))
    assert f"±{number(largest, 3)}" in frame.layout.annotations[0].text


def test_a_large_network_is_drawn_as_maps_of_its_weights(run):
    recording = run("digits")
    made = diagram_figure(recording)
    limit = max(np.abs(recording.network.layout.view(recording.params, name)).max() for name in ("W1", "W2"))
    for map_, name in zip(made.frames[12].data, ("W1", "W2"), strict=True):
        matrix = recording.network.layout.view(recording.params[12], name)
        assert map_.z.shape == matrix.shape
        assert np.abs(map_.z / 100.0 - 1 - matrix / limit).max() <= 0.0051
    assert f"±{number(limit, 3)}" in made.layout.annotations[0].text


def test_large_matrices_show_every_second_row_and_say_so():
    recording = train(Experiment(arch=(100,), steps=3))
    made = diagram_figure(recording)
    assert made.data[0].z.shape == (50, 2)
    assert "1 row in 2" in made.layout.xaxis.title.text


@pytest.mark.parametrize("arch", [(100,), (8,) * 12])
def test_the_range_over_the_maps_of_a_large_network_lies_within_the_chart(arch):
    made = diagram_figure(train(Experiment(arch=arch, steps=1)))
    layout = dressed([], made.to_plotly_json()["layout"], over_steps=True)["layout"]
    (note,) = layout["annotations"]
    assert (note["y"], note["yanchor"]) == (1, "bottom")
    assert layout["margin"]["t"] >= 1.5 * note["font"]["size"] + note["yshift"]


def test_a_deep_network_is_drawn_as_distributions(run):
    recording = run("deep")
    drawn = diagram_figure(recording).frames[5].data[0].z
    assert drawn.shape == (weights.VALUE_BINS, 13)
    assert np.allclose(((drawn / 100.0) ** 2).sum(axis=0), 1, atol=0.1)


def test_unknown_quantities_are_refused(run):
    with pytest.raises(ValueError, match="shows='bias' must be one of weight, gradient, update"):
        diagram_figure(run("circle"), "bias")


# History and norms


def test_the_curves_are_the_recorded_losses_and_accuracies(run):
    recording = run("circle")
    lines = [trace for trace in history_figure(recording).data if trace.mode == "lines" and trace.yaxis != "y3"]
    recorded = (recording.train_loss, recording.test_loss, recording.train_accuracy, recording.test_accuracy)
    for line, values in zip(lines, recorded, strict=True):
        assert np.array_equal(line.y, np.float32(values))
        assert np.array_equal(line.x, recording.frames)


@pytest.mark.parametrize("figure", [history_figure, norms_figure])
def test_the_cursor_is_at_the_step_of_its_frame(run, figure):
    for frame in figure(run("circle")).frames:
        assert set(np.asarray(frame.data[0].x)) == {int(frame.name)}


@pytest.mark.parametrize(("name", "expected"), [("circle", False), ("batches", True)])
def test_the_objective_is_drawn_only_where_it_is_not_the_training_loss(run, name, expected):
    assert differs(run(name)) is expected
    names = [trace.name for trace in history_figure(run(name)).data]
    assert ("objective of each step" in names) is expected


@pytest.mark.parametrize(("log", "kind"), [(False, None), (True, "log")])
def test_the_loss_axis_is_logarithmic_on_request_and_says_so(run, log, kind):
    axis = history_figure(run("circle"), log=log).layout.yaxis
    assert axis.type == kind
    assert ("(log)" in axis.title.text) is log


@pytest.mark.parametrize("figure", [history_figure, norms_figure])
def test_divergence_is_marked_with_its_step(run, figure):
    recording = run("diverged")
    layout = figure(recording).layout
    assert layout.shapes[0].x0 == recording.event.step
    assert any(f"diverged at step {recording.event.step}" in note.text for note in layout.annotations)
    assert layout.xaxis.range[1] > recording.event.step


def test_nothing_is_drawn_where_a_browser_could_not_follow(run):
    for frame in history_figure(run("diverged")).frames:
        assert not (np.abs(frame.data[1].y) > 1e6).any()
    for frame in boundary_figure(run("diverged")).frames:
        assert not (np.abs(frame.data[0].y) > 1e6).any()


def test_norms_are_the_recorded_ones_part_by_part(run):
    recording = run("circle")
    made = norms_figure(recording)
    for column, part in enumerate(recording.parts):
        assert np.array_equal(made.data[column].y, np.float32(recording.gradient_norm[:, column]))
        assert made.data[column].line.dash == ("solid" if part[0] == "W" else "dash")
    assert made.layout.yaxis.type == "log"


def test_noisy_norms_are_geometric_means_and_the_title_says_so(run):
    recording = run("batches")
    made = norms_figure(recording)
    together = norms.steps_together(recording.gradient_norm)
    assert together > 1
    assert f"mean of {together} steps" in made.layout.title.text
    first = np.exp(np.log(recording.gradient_norm[:together, 0]).mean())
    assert made.data[0].y[0] == pytest.approx(first, rel=1e-5)


def test_a_gradient_of_zero_is_a_gap_and_is_said(run):
    recording = run("dead")
    made = norms_figure(recording)
    zero = recording.gradient_norm[recording.frames[9]] == 0
    dots = made.frames[9].data[1].y
    assert zero.any()
    assert np.array_equal(np.isnan(dots), zero)
    names = ", ".join(part for part, gone in zip(recording.parts, zero, strict=True) if gone)
    assert made.frames[9].layout.annotations[-1].text == f"exactly zero: {names}"


def test_a_deep_network_has_a_profile_over_its_layers(run):
    recording = run("deep")
    made = norms_figure(recording)
    of_weights = recording.gradient_norm[recording.frames[3], ::2]
    assert np.array_equal(made.frames[3].data[0].y, np.float32(of_weights))
    assert np.array_equal(made.data[0].x, np.arange(1, 14))


# Confusion and scatter


def test_the_confusion_matrix_agrees_with_the_recorded_accuracy(run):
    recording = run("digits")
    for k, frame in enumerate(confusion_figure(recording).frames):
        counts = np.array([int(text) if text.strip() else 0 for text in frame.data[1].text]).reshape(10, 10)
        assert counts.sum() == len(recording.data.test)
        assert np.trace(counts) == round(recording.test_accuracy[k] * counts.sum())
        assert np.array_equal(counts.sum(axis=1), np.bincount(recording.data.labels[recording.data.test], minlength=10))


def test_right_answers_are_blue_wrong_ones_orange(run):
    levels = confusion_figure(run("digits"), at=0).data[0].z
    diagonal = np.eye(10, dtype=bool)
    assert (levels[diagonal] >= 100).all()
    assert (levels[~diagonal] <= 100).all()
    assert (levels != 100).any()


@pytest.mark.parametrize(
    ("name", "part", "message"), [("sine", "test", "number as target"), ("circle", "all", "part='all'")]
)
def test_a_confusion_matrix_needs_classes_and_a_part(run, name, part, message):
    with pytest.raises(ValueError, match=message):
        confusion_figure(run(name), part)


def test_predictions_are_drawn_in_the_units_of_the_target(run):
    recording = run("table")
    data = recording.data
    made = scatter_figure(recording)
    output = recording.network.forward(recording.params[-1], data.x[:, data.train])[0] * 40 + 250
    low, high = made.layout.yaxis.range
    expected = np.where((output >= low) & (output <= high), output, np.nan)
    assert np.allclose(made.data[1].y, expected, rtol=1e-5, equal_nan=True)
    assert np.allclose(made.data[1].x, data.targets[0, data.train] * 40 + 250)
    assert "price" in made.layout.xaxis.title.text


def test_a_scatter_needs_a_number_as_target(run):
    with pytest.raises(ValueError, match="classes as target"):
        scatter_figure(run("circle"))


# Arrays and names


@pytest.mark.parametrize(
    ("value", "dtype"), [(1.5, "float32"), (1e-60, "float64"), (1e60, "float64"), (0.0, "float32")]
)
def test_curves_are_float32_unless_that_would_lose_a_number(value, dtype):
    assert arrays.single([value, np.inf]).dtype == dtype
    assert np.isnan(arrays.single([value, np.inf])[1])


def test_thinning_keeps_spikes():
    values = np.zeros(20_000)
    values[[7_777, 12_345]] = 5, -5
    kept = arrays.envelope(values, 200)
    assert len(kept) <= 200
    assert {0, 7_777, 12_345, 19_999} <= set(kept.tolist())


@pytest.mark.parametrize(("largest", "dtype"), [(255, "uint8"), (256, "uint16"), (70_000, "uint32")])
def test_steps_travel_in_the_smallest_type(largest, dtype):
    assert arrays.whole([0, largest]).dtype == dtype


def test_names_from_a_table_are_text_not_markup():
    assert base.short("<b>a</b> %{x}") == "&lt;b&gt;a&lt;/b&gt; % {…"


def test_the_map_of_a_run_with_huge_weights_shows_the_numbers_they_give():
    """Weights of 1e107 fit no float32: their sums would be no numbers, and be drawn as the middle of the scale."""
    recording = train(Experiment(data="plane", arch=(), optimizer="sgd", lr=1.0))
    last, x = np.array([len(recording.frames) - 1]), np.array([[-1.0, 1.0, 1.0], [-1.0, -0.5, 1.0]])
    shown = base.outputs(recording, last, x)
    weights, biases = (recording.network.layout.view(recording.params[-1], name) for name in ("W1", "b1"))
    np.testing.assert_allclose(shown[0], weights @ x + biases[:, None], rtol=1e-12)


def test_a_log_axis_ends_where_numbers_do():
    low, high = scales.limits([1e-300, 1.7e308], log=True)
    assert 0 < 10.0**low < 1e-300
    assert 1.7e308 < 10.0**high < np.inf


@pytest.mark.parametrize("values", [[-1.7e308, 1.7e308], [9e307, 1.7e308], [1e-323, 1e308], [5e-324, 1e-323]], ids=str)
def test_axes_reach_as_far_as_numbers_do(values):
    """Without a warning: tests raise them."""
    for log in (False, True):
        span = scales.limits(values, log=log)
        assert np.isfinite(span).all()
        assert span[0] < span[1]
        assert span[1] >= (np.log10(values[1]) if log else values[1])
        axis = scales.value_axis("loss", span, log=log)
        assert "inf" not in str(axis)


@pytest.mark.parametrize("scale", [1e-12, 0.57, 3e7])
def test_sizes_of_gradients_can_be_read_from_their_axis(scale):
    for sign in (1, -1):
        gradient = sign * scale * np.array([0.2, 1.0, -0.7])
        axis = gradients_figure(stages(1, []), ["a", "b", "c"], [1, 1, 1], gradient, gradient).layout.yaxis
        assert [float(text) for text in axis.ticktext] == pytest.approx(axis.tickvals)
        assert max(map(abs, axis.tickvals)) >= 0.4 * scale
        assert axis.range[0] <= min(axis.tickvals) <= 0 <= max(axis.tickvals) <= axis.range[1]
