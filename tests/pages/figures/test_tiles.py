"""The tiles of the Train page: each level is the engine's number at its place, each weight is under its own name."""

from itertools import pairwise

import numpy as np
import pytest

from engine import Experiment, train
from engine.datasets import Dataset
from pages.common import theme
from pages.figures import diagram, edges
from pages.figures.train import boundary, plane, tiles, unit_map
from pages.figures.train.net import drawn_net
from pages.figures.train.units import outputs_of

EDGES, UNITS = edges.LINES, edges.LINES + 1
SETTINGS = {
    "circle": {"arch": (4, 3)},
    "relu": {"arch": (5,), "act": ("relu",), "data": "xor"},
    "three": {"data": "csv", "loss": "softmax_cross_entropy", "arch": (6,), "steps": 60},
    "plane": {"data": "plane", "arch": (3,)},
    "sums": {"features": ("x1", "x2", "x1x2"), "arch": (2,)},
    "diverged": {"optimizer": "sgd", "lr": 10.0, "data": "plane", "loss": "squared_error", "steps": 60},
    "normed": {"norm": "batch", "arch": (3, 3), "residual": "gated"},
}


def three_clouds():
    rng, labels = np.random.default_rng(0), np.arange(90) % 3
    centres = np.array([[-2.0, 2.0, 0.0], [0.0, 0.0, 3.0]])
    return Dataset.from_arrays(centres[:, labels] + rng.normal(0, 0.7, (2, 90)), labels, 3)


@pytest.fixture(scope="module")
def run():
    made = {}

    def recording(name):
        if name not in made:
            made[name] = train(Experiment(**SETTINGS[name]), data=three_clouds() if name == "three" else None)
        return made[name]

    return recording


def signals(recording, k, points):
    """The outputs of every layer at raw points in key frame k, in float64."""
    x = recording.data.expand(points)
    *hidden, (_, last) = recording.network.activations(recording.params[k], x)
    return [x, *(a for _, a in hidden), recording.network.loss_function.display(last)]


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("place", [0.0, 0.6, 1.0])
def test_every_tile_is_its_unit_over_the_plane(run, name, place):
    recording = run(name)
    made = tiles.tiles_figure(recording)
    frame = made.frames[int(place * (len(made.frames) - 1))]
    k = int(np.searchsorted(recording.frames, int(frame.name)))
    _, points = plane.grid(recording.data, tiles.CELLS)
    own = signals(recording, k, points)
    limits = [of.limit for of in outputs_of(recording, np.arange(len(recording.frames)), recording.data.expand(points))]
    images = [made.data[UNITS + len(own)].z, *(part.z for part in frame.data[UNITS + 1 :])]
    for layer, (image, values) in enumerate(zip(images, own, strict=True)):
        if layer == len(own) - 1 and len(values) == 1 and recording.data.labels is not None:
            expected = 200 * values  # neutral where both classes are equally likely
        else:
            expected = 100 * values / limits[layer] + 100
        expected = np.clip(np.rint(expected), 0, 200)
        for unit, levels in enumerate(expected.reshape(-1, tiles.CELLS, tiles.CELLS)):
            apart = (len(image) - tiles.CELLS) // max(len(values) - 1, 1)  # rows from one tile to the next
            low = (len(values) - 1 - unit) * apart
            assert np.abs(image[low : low + tiles.CELLS] - levels.astype(int)).max() <= 1


def test_a_tile_lies_where_its_unit_is_with_the_plane_the_right_way_up(run):
    made = tiles.tiles_figure(run("circle"))
    heat = made.data[UNITS + len(SETTINGS["circle"]["arch"]) + 2]  # of the inputs, after those of the layers
    assert heat.zmin == 0
    assert heat.zmax == 200
    assert heat.colorscale[2][1] == theme.SIGNED[2][1]
    image, rows, columns = (np.asarray(part, dtype=float) for part in (heat.z, heat.y, heat.x))
    assert image.shape == (len(rows) - 1, len(columns) - 1)
    x2, between, x1 = np.split(image, [tiles.CELLS, len(image) - tiles.CELLS])
    assert (np.diff(x1, axis=1) > 0).all()
    assert (np.diff(x1, axis=0) == 0).all()
    assert (np.diff(x2, axis=0) > 0).all()
    assert (np.diff(x2, axis=1) == 0).all()
    assert (between == 100).all()  # between two tiles there is nothing
    np.testing.assert_allclose(np.diff(rows), rows[1] - rows[0], rtol=1e-4)  # an image of a pixel a cell
    assert np.isclose(rows[: tiles.CELLS + 1].mean(), -0.25)
    assert np.isclose(rows[-tiles.CELLS - 1 :].mean(), 0.25)


@pytest.mark.parametrize("units", range(1, diagram.MOST_UNITS + 1))
def test_tiles_are_whole_rows_apart_and_of_few_units_as_large_as_of_eight(units):
    half, full = (tiles._half(count) for count in (units, tiles.FULL))
    rows = np.abs(np.diff(tiles._middles(units))) * tiles.CELLS / (2 * half)
    np.testing.assert_allclose(rows, np.rint(rows))
    assert (np.rint(rows) >= tiles.CELLS + tiles.GAP).all()
    assert units > tiles.FULL or half == pytest.approx(full, rel=0.07)


@pytest.mark.parametrize("name", ["circle", "normed", "three"])
@pytest.mark.parametrize("shows", ["weight", "gradient", "update"])
def test_under_the_pointer_are_weight_gradient_and_update_of_the_edge(run, name, shows):
    recording = run(name)
    made = tiles.tiles_figure(recording, shows)
    assert len(made.data[EDGES].text) == sum(
        recording.network.layout.indices(f"W{layer}").size for layer in range(1, len(recording.network.sizes))
    )
    frame = made.frames[len(made.frames) // 2]
    k = int(np.searchsorted(recording.frames, int(frame.name)))
    for text, numbers in zip(made.data[EDGES].text, frame.data[EDGES].customdata, strict=True):
        part, place = text[:2], tuple(int(index) - 1 for index in text[3:-1].split(","))
        kinds = (recording.params, recording.gradients, recording.updates)
        assert np.allclose(numbers, [recording.network.layout.view(kind[k], part)[place] for kind in kinds], rtol=1e-6)


def test_under_the_pointer_are_range_bias_and_gradient_of_the_unit(run):
    recording = run("circle")
    made = tiles.tiles_figure(recording)
    texts, numbers = made.data[UNITS].text, made.frames[-1].data[UNITS].customdata
    at = list(texts).index("Unit 3 of layer 2, a2[3]")
    _, points = plane.grid(recording.data, tiles.CELLS)
    values = signals(recording, -1, points)[2][2]
    view = recording.network.layout.view
    biases = [view(part[-1], "b2")[2] for part in (recording.params, recording.gradients)]
    assert np.allclose(numbers[at], [values.min(), values.max(), *biases], rtol=1e-5)
    assert texts[0].startswith("Input")
    assert "bias" not in made.data[UNITS].hovertemplate[0]


def test_what_an_edge_carries_is_its_weight_times_the_output_that_it_leaves(run):
    recording, point = run("circle"), (0.7, -1.2)
    made = tiles.tiles_figure(recording, "signal", point=point)
    own = [values[:, 0] for values in signals(recording, -1, np.array(point)[:, None])]
    expected = [
        recording.network.layout.view(recording.params[-1], f"W{layer}") * own[layer - 1]
        for layer in range(1, len(recording.network.sizes))
    ]
    flat = np.concatenate([part.ravel() for part in expected])
    drawn = made.frames[-1].data[: edges.LINES]
    found = {}
    for line, trace in enumerate(drawn):
        if len(trace.x) > 1:
            for (_, x, end), (_, y, high) in zip(
                np.reshape(trace.x, (-1, 3)), np.reshape(trace.y, (-1, 3)), strict=True
            ):
                found[float(x), float(end), round(float(y), 5), round(float(high), 5)] = line % 2
    lines = edges.graph(recording.network.sizes, tiles.BETWEEN, tiles.REACH)
    for x, y, value in zip(lines.edge_x, lines.edge_y, flat, strict=True):
        key = float(x[1]), float(x[2]), round(float(y[1]), 5), round(float(y[2]), 5)
        assert found[key] == int(value > 0)


def test_a_large_layer_shows_the_units_that_weigh_most_in_the_next_and_says_how_many():
    recording = train(Experiment(arch=(40, 30), steps=40))
    net = drawn_net(recording)
    assert sum(a * b for a, b in pairwise(net.sizes)) <= diagram.MOST_EDGES
    for layer in (1, 2):
        leaving = np.abs(recording.network.layout.view(recording.params[-1], f"W{layer + 1}")).sum(axis=0)
        assert set(net.units[layer]) == set(np.argsort(leaving)[-net.sizes[layer] :])
    heads = [text for text in tiles.tiles_figure(recording).data[UNITS + 6].text if "tanh" in text]
    assert [head.split(" tanh")[0] for head in heads] == [
        f"{n} of {m}" for n, m in zip(net.sizes[1:3], (40, 30), strict=False)
    ]


@pytest.mark.parametrize("looked", [(1, 2), (0, 1), (2, 1, 3)])
def test_what_is_looked_at_is_marked_at_its_place(run, looked):
    made = tiles.tiles_figure(run("circle"), looked=looked)
    marked = [trace for trace in made.data if trace.type == "scatter" and trace.line.color == theme.CHOSEN]
    assert len(marked) == 1
    layer, unit, *source = looked
    if source:
        assert list(marked[0].x) == [20 * layer - 20 + tiles.REACH, 20 * layer - tiles.REACH]
        assert np.allclose(marked[0].y, [0.5 - (source[0] + 0.5) / 4, 0.5 - (unit + 0.5) / 3])
    else:
        size = (2, 4, 3, 1)[layer]
        assert np.isclose((max(marked[0].y) + min(marked[0].y)) / 2, 0.5 - (unit + 0.5) / size)
    assert len(tiles.tiles_figure(run("circle")).data) == len(made.data) - 1


def test_the_large_map_of_a_unit_is_its_output_in_per_cent_of_the_stated_range(run):
    recording = run("relu")
    made = unit_map.unit_figure(recording, 1, 4)
    _, points = plane.grid(recording.data, boundary.CELLS)
    every = [signals(recording, k, points)[1] for k in range(len(recording.frames))]
    limit = max(np.abs(values).max() for values in every)
    for k in (0, 60, -1):
        drawn = np.asarray(made.frames[k].data[0].z, dtype=int).ravel()
        assert np.abs(drawn - 100 * every[k][4] / limit).max() < 0.51
    assert made.data[0].zmin == -100
    assert made.data[0].zmax == 100


def test_of_a_digit_network_the_first_units_are_pictures_and_the_next_ones_bars():
    recording = train(Experiment(data="digits", samples=100, steps=20, arch=(6, 5)))
    view = recording.network.layout.view
    picture = unit_map.unit_figure(recording, 1, 2)
    weights = view(recording.params, "W1")[:, 2]
    expected = np.rint(100 + 100 * weights[-1] / np.abs(weights).max()).reshape(8, 8)
    assert np.array_equal(np.asarray(picture.frames[-1].data[0].z), expected)
    assert picture.layout.yaxis.autorange == "reversed"  # row 1 is the top of the image
    bars = unit_map.unit_figure(recording, 2, 4)
    assert np.allclose(bars.frames[-1].data[0].y, view(recording.params[-1], "W2")[4], rtol=1e-6)
    assert list(bars.data[0].text) == [f"a1[{unit}]" for unit in range(1, 7)]


def test_under_the_pointer_is_the_probability_of_every_class(run):
    recording = run("three")
    made = boundary.boundary_figure(recording)
    _, points = plane.grid(recording.data, boundary.TOLD_CELLS)
    shares = signals(recording, -1, points)[-1].reshape(3, boundary.TOLD_CELLS, boundary.TOLD_CELLS)
    told = np.asarray(made.frames[-1].data[1].customdata)
    assert made.frames[-1].traces[1] == len(made.data) - 1
    assert np.abs(told - 100 * np.moveaxis(shares, 0, 2)).max() < 0.51
    assert all(f"class {k} %{{customdata[{k}]}} %" in made.data[-1].hovertemplate for k in range(3))
