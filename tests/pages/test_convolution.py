"""The Convolution page: what it shows is what the engine, and PyTorch, give for the same network."""

import io
import re

import numpy as np
import pytest

from engine import Experiment, train
from engine.training import load
from engine.vision import blocks_of, climb, convolutional, fooling_step, mistakes
from pages.common.text import number, share
from pages.figures.convolution import maps, mosaic
from pages.figures.convolution.signals import signals_of
from pages.sections.convolution import ink, watching
from pages.sections.convolution.cells import read
from tests.pages.conftest import given

PAGE = "convolution"
SMALL = {"cvdata": "8x8", "cvmost": "200", "cvblocks": "4k3-6k3p", "cvdense": "8", "cvepochs": "2"}


@pytest.fixture(scope="module")
def run():
    """The small run, put together by hand."""
    experiment = Experiment(data="digits", samples=200, arch=(8,), act=("relu",), lr=0.01, batch=64, steps=6)
    data = load(experiment)
    network = convolutional(experiment, (1, 8, 8), blocks_of("4k3-6k3p"), 10)
    return train(experiment, data=data, network=network, frames=40, dtype=np.float32)


def torchs(run, params):
    """What PyTorch makes of the first image with some weights: the image, c1, c2, p2, a of layer 3, answer."""
    torch = pytest.importorskip("torch")
    of = {name: torch.tensor(np.array(run.network.layout.view(params, name))) for name in run.parts}
    image = torch.tensor(run.data.x[:, 0].astype(np.float32).reshape(1, 1, 8, 8))
    first = torch.conv2d(image, of["K1"], of["b1"])
    second = torch.conv2d(first.relu(), of["K2"], of["b2"])
    pool = torch.max_pool2d(second.relu(), 2)
    dense = (of["W3"] @ pool.flatten() + of["b3"]).relu()
    answer = (of["W4"] @ dense + of["b4"]).softmax(0)
    return [part.numpy() for part in (image[0], first[0], second[0], pool[0], dense, answer)]


@pytest.fixture(scope="module")
def through_torch(run):
    """The same with the weights of the end."""
    return torchs(run, run.params[-1])


def names(session):
    return [chart["name"] for stage in given(session) for chart in stage["charts"]]


def chart(session, charts, name):
    return charts(session)[names(session).index(name)]


def test_the_numbers_over_the_charts_are_those_of_the_engine(opened, metrics, run):
    shown = metrics(opened(SMALL))
    assert shown["Loss, train"] == number(run.train_loss[-1])
    assert shown["Loss, test"] == number(run.test_loss[-1])
    assert shown["Accuracy, test"] == share(run.test_accuracy[-1])
    assert shown["Step of 6"] == "6"


def test_maps_and_answer_are_those_of_torch(opened, charts, metrics, array, run):
    session = opened(SMALL)
    image, first, second, pool, dense, answer = map(np.stack, zip(*(torchs(run, at) for at in run.params), strict=True))
    signals = [image, np.maximum(first, 0), np.maximum(second, 0), pool]
    signals += [part.reshape(*part.shape, 1, 1) for part in (dense, answer)]
    reaches = [*(np.abs(values).max() for values in signals[:-1]), 1.0]  # one range for a layer and all key frames
    drawn = [trace for trace in chart(session, charts, "maps")["data"] if trace["type"] == "heatmap"]
    blocks = maps.blocks_of(run.data, signals_of(run))
    for trace, block, values, reach in zip(drawn, blocks, signals, reaches, strict=True):
        levels = array(trace["z"]).astype(int)
        for tile, value in enumerate(values[-1]):
            down, across = divmod(tile, block.columns)
            top, left = down * (block.height + block.gap), across * (block.width + block.gap)
            shown = levels[top : top + block.height, left : left + block.width]
            assert np.abs(shown - 100 * value / reach).max() <= 0.51  # whole per cents of the range
        assert np.abs(levels).max() <= 100
    said, probability = metrics(session)["It says"].rsplit(", ", 1)
    assert said == f"class {answer[-1].argmax()}"
    assert float(probability) == pytest.approx(answer[-1].max(), abs=6e-4)


def test_the_pictures_of_the_filters_are_the_kernels(opened, charts, array, run):
    trace = chart(opened(SMALL), charts, "filters")["data"][0]
    kernels = run.network.layout.view(run.params[-1], "K1")[:, 0]
    limit = np.abs(run.network.layout.view(run.params, "K1")).max()
    block = mosaic.arranged([(4, 3, 3), (24, 3, 3)], 2.6, [0, 4])[0]
    for tile, kernel in enumerate(kernels):
        down, across = divmod(tile, block.columns)
        shown = array(trace["z"])[4 * down : 4 * down + 3, 4 * across : 4 * across + 3]
        assert shown == pytest.approx(100 * kernel / limit, abs=0.51)


def test_the_wrong_ones_are_those_of_the_engine(opened, charts, run):
    wrong = mistakes(run.network, run.params[-1], run.data)
    figure = chart(opened(SMALL), charts, "wrong")
    assert figure["layout"]["title"]["text"].startswith(f"{len(wrong.indices)} of {len(run.data.test)} test images")
    texts, said = (figure["data"][trace]["text"] for trace in (2, 3))
    expected = [f"{label} → {taken}" for label, taken in zip(wrong.labels, wrong.predicted, strict=True)][:24]
    assert list(texts) == expected
    assert [text.rpartition(" probability ")[2] for text in said] == [share(p.max()) for p in wrong.probabilities[:24]]


@pytest.mark.parametrize(("cell", "layer", "place"), [("c1[2,4,5]", 1, (1, 3, 4)), ("c2[3,1,2]", 2, (2, 0, 1))])
def test_the_sum_of_a_cell_is_that_of_torch(opened, through_torch, cell, layer, place):
    session = opened(SMALL | {"cvview": "cell", "cvcell": cell})
    z = float(through_torch[layer][place])
    assert rf"\mathbf{{{number(z)}}}" in session.latex[0].value
    assert rf"\mathbf{{{number(max(z, 0.0))}}}" in session.latex[0].value


def test_a_cell_of_a_pool_is_the_largest_of_those_that_it_reads(opened, captions, through_torch):
    session = opened(SMALL | {"cvview": "cell", "cvcell": "p2[3,2,1]"})
    _, _, second, pool, *_ = through_torch
    window = np.maximum(second[2, 2:4, 0:2], 0)
    row, column = np.unravel_index(window.argmax(), (2, 2))
    said = next(text.replace("\\", "") for text in captions(session) if "goes to row" in text)
    assert f"goes to row {row + 3}, column {column + 1}, " in said
    assert f"was, {number(pool[2, 1, 0])};" in said


def test_one_cell_opens_where_the_image_has_ink(opened, charts, run, through_torch):
    products = through_torch[1][0] - run.network.layout.view(run.params[-1], "b1")[0]
    assert products.max() > 0
    row, column = np.unravel_index(products.argmax(), products.shape)
    session = opened(SMALL | {"cvview": "cell"})
    title = chart(session, charts, "maps")["layout"]["title"]["text"]
    assert f"cell c1[1,{row + 1},{column + 1}] " in title
    assert run.data.x[:, 0].reshape(8, 8)[row : row + 3, column : column + 3].any()
    assert "cvcell" not in session.query_params


def test_what_is_clicked_is_found_again(run):
    shown = signals_of(run)
    blocks = maps.blocks_of(run.data, shown)
    for signal, block in zip(shown, blocks, strict=True):
        for tile, row, column in ((0, 0, 0), (block.count - 1, block.height - 1, block.width - 1)):
            x, y = (place + block.pixel / 2 for place in block.corner(tile, row, column))
            assert block.found(x, y) == (tile, row, column)
            found = maps.cell_at(run, {"x": x, "y": y})
            if signal.code:
                cell = read(found, run.network)
                assert (cell.channel, cell.row, cell.column) == (tile, row, column)
                assert cell.signal == signal.index
            else:
                assert found is None
    assert maps.cell_at(run, {"x": -1.0, "y": 0.5}) is None


@pytest.mark.parametrize(
    ("link", "said"),
    [
        ({"cvblocks": "4k3p-4k3p-4k3"}, "Block 2"),
        ({"cvblocks": "4k3-hello"}, "hello"),
        ({"cvblocks": "4k4"}, "4 pixels"),
        ({"cvdata": "file"}, "There are no images yet"),
        ({"cvbatch": "1", "cvepochs": "100", "cvmost": "1797"}, "take fewer epochs"),
        ({"cvview": "cell", "cvcell": "c7[1,1,1]"}, "no cell of this network"),
        ({"cvimage": "4000"}, "must be from 1 to 200"),
        ({"cvdrawn": "nonsense"}, "cannot be read"),
        ({"cvdrawn": "gezeichnet: ä"}, "cannot be read"),
    ],
)
def test_what_cannot_be_is_one_sentence(opened, link, said):
    session = opened(SMALL | link)
    assert [said in warning.value.replace("\\", "") for warning in session.warning] == [True]


def test_a_heavy_run_waits_until_it_is_asked_for(opened):
    session = opened({"cvblocks": "32k3p-64k3p-64k3", "cvepochs": "20"})
    assert session.button(key="run_it").label.startswith("Run it, about")


def test_filters_that_do_not_change_are_drawn_again_and_again(opened, monkeypatch):
    monkeypatch.setattr(watching, "QUIET", 0)
    monkeypatch.setattr(watching, "PACE", 0)
    assert given(opened(SMALL | {"optimizer": "newton", "cvblocks": "2k3p", "cvdense": "none"}))


def test_blocks_are_composed_one_by_one(opened):
    session = opened(SMALL)
    session.number_input(key="block_1_filters").set_value(5).run()
    assert session.session_state["cvblocks"] == "5k3-6k3p"
    session.toggle(key="block_2_pool").set_value(False).run()
    assert session.session_state["cvblocks"] == "5k3-6k3"
    session.button_group(key="blocks_count").set_value(3).run()
    assert session.session_state["cvblocks"] == "5k3-6k3-6k3"
    assert not session.exception


def test_images_bring_along_blocks_that_fit(opened, captions):
    session = opened({"cvmost": "200", "cvepochs": "1"})
    session.button_group(key="cvdata").set_value("8x8").run()
    assert not session.warning
    said = "Blocks that fit came along: 8k3p-16k3, in place of 8k3p-16k3p."
    assert said in [text.replace("\\", "") for text in captions(session)]
    session.button(key="blocks_undo").click().run()
    here = session.session_state
    assert (here["cvdata"], here["cvblocks"], here["block_2_pool"]) == ("28x28", "8k3p-16k3p", True)
    assert not any("came along" in text for text in captions(session))


def test_a_link_with_blocks_that_do_not_fit_is_told_so_with_those_that_do(opened):
    session = opened(SMALL | {"cvblocks": "8k3p-16k3p"})
    assert "Block 2" in session.warning[0].value
    assert session.button(key="conv_fit").label == "Take blocks that fit: 8k3p-16k3"
    session.button(key="conv_fit").click().run()
    assert given(session)


def test_a_preset_is_taken_over(opened):
    session = opened(SMALL)
    session.button(key="conv_small").click().run()
    here = session.session_state
    assert (here["cvdata"], here["cvblocks"], here["cvdense"]) == ("28x28", "8k3p-16k3p", "32")
    assert not session.exception


def test_saliency_is_the_gradient_that_torch_gives(opened, metrics, run):
    torch = pytest.importorskip("torch")
    view = run.network.layout.view
    of = {name: torch.tensor(np.array(view(run.params[-1], name))) for name in run.parts}
    image = torch.tensor(run.data.x[:, 4].astype(np.float32).reshape(1, 1, 8, 8), requires_grad=True)
    second = torch.conv2d(torch.conv2d(image, of["K1"], of["b1"]).relu(), of["K2"], of["b2"]).relu()
    dense = (of["W3"] @ torch.max_pool2d(second, 2).flatten() + of["b3"]).relu()
    scores = of["W4"] @ dense + of["b4"]
    loss = torch.nn.functional.cross_entropy(scores[None], torch.tensor([int(run.data.labels[4])]))
    by_loss = torch.autograd.grad(loss, image, retain_graph=True)[0].abs().max()
    by_score = torch.autograd.grad(scores[3], image)[0].abs().max()
    shown = metrics(opened(SMALL | {"cvview": "input", "cvimage": "5", "cvclass": "3"}))
    assert float(shown["Loss on the image"]) == pytest.approx(loss.item(), rel=1e-3)
    assert float(shown["Largest ∂L/∂x"]) == pytest.approx(by_loss.item(), rel=1e-3)
    assert float(shown["Largest ∂S/∂x"]) == pytest.approx(by_score.item(), rel=1e-3)


@pytest.mark.parametrize("start", ["grey", "image"])
def test_a_climb_is_that_of_the_engine(opened, metrics, run, start):
    link = {"cvview": "input", "cvlook": "climb", "cvclass": "7", "cvfrom": start, "cvrate": "0.2", "cvdecay": "0.3"}
    begin = run.data.x[:, 0] if start == "image" else np.zeros(64)
    found = climb(run.network, run.params[-1], 7, begin, 60, 0.2, 0.3)
    shown = metrics(opened(SMALL | link))
    assert shown["Score of class 7"] == number(float(found.scores[-1]))
    assert shown["It says"] == f"class {found.probabilities[-1].argmax()}, {share(found.probabilities[-1].max())}"


def test_the_step_that_fools_changes_the_answer_half_way(opened, charts, run):
    found = fooling_step(run.network, run.params[-1], run.data.x[:, 0], int(run.data.labels[0]))
    session = opened(SMALL | {"cvview": "input", "cvlook": "fool"})
    before, after = found.predicted
    title = f"A step of {number(found.size, 3)} turns class {before} into class {after}"
    assert chart(session, charts, "fool")["layout"]["title"]["text"] == title
    said = dict(given(session)[0]["metrics"])["It says"]
    assert [text.partition(",")[0] for text in said[:20]] == [f"class {before}"] * 20
    assert said[21].startswith(f"class {after}")


def test_a_network_that_nothing_fools_is_not_said_to_be_fooled(opened, charts, captions):
    session = opened(SMALL | {"cvview": "input", "cvlook": "fool", "cvlr": "1"})  # so large that all units are dead
    assert chart(session, charts, "fool")["layout"]["title"]["text"].startswith("No step up to 1 changes the answer")
    assert not any("Half way" in text for text in captions(session))


def hexadecimal(cells):
    return "".join(f"{round(15 * part):x}" for part in cells.ravel())


@pytest.fixture(scope="module")
def stroke():
    """A stroke from above to below, left of the middle, `[28, 28]`."""
    cells = np.zeros((28, 28))
    cells[6:20, 4:7] = 1
    return cells


def test_what_is_drawn_is_sent_through_as_the_images_were_made(opened, metrics, run, stroke):
    session = opened(SMALL | {"cvdrawn": ink.written(hexadecimal(stroke))})
    image = ink.as_small_digits(stroke).astype(np.float32)
    answer = run.network.loss_function.display(run.network.forward(run.params[-1], image.reshape(64, 1)))[:, 0]
    assert metrics(session)["It says"] == f"class {answer.argmax()}, {share(answer.max())}"
    session.button(key="put_away").click().run()
    assert "cvdrawn" not in session.query_params
    assert not session.exception


def test_ink_fits_the_small_digits_and_mnist(stroke):
    small, large = ink.as_small_digits(stroke), ink.as_mnist(stroke)
    assert small.max() <= 1
    assert np.flatnonzero(small.any(axis=1)).tolist() == [*range(8)]  # as high as the image
    assert np.flatnonzero(small.any(axis=0)).tolist() in ([3, 4], [2, 3, 4, 5])  # in the middle, narrow as it was
    assert np.ptp(np.flatnonzero(large.any(axis=1))) == 19  # the box of 20 pixels
    centre = [(large.sum(axis=1 - axis) * np.arange(28)).sum() / large.sum() for axis in (0, 1)]
    assert np.abs(np.array(centre) - 13.5).max() <= 0.5


def test_a_run_beyond_the_host_is_refused_with_the_epochs_that_fit(opened, monkeypatch):
    link = {"cvdata": "28x28", "cvblocks": "32k3p-64k3p-64k3", "cvepochs": "50"}
    monkeypatch.setenv("DESCENT_LAB_SECONDS", "12")
    (said,) = [one.value.replace("\\", "") for one in opened(link).warning]
    fitting = re.search(r"reduce the epochs to (\d+), the images \([\d,]+ to train on\) or the filters", said)[1]
    assert 1 <= int(fitting) < 50
    assert not opened(link | {"cvepochs": fitting}).warning
    assert opened(link | {"cvepochs": str(int(fitting) + 2)}).warning
    monkeypatch.setenv("DESCENT_LAB_SECONDS", "inf")
    assert not opened(SMALL).warning


def test_no_ink_is_lost_on_images_that_are_small():
    corners = np.zeros((28, 28))
    corners[[1, 1, 26, 26], [2, 25, 2, 25]] = 1
    for side in (1, 2, 8, 28):
        image = ink.as_mnist(corners, side)
        assert image.shape == (side, side)
        assert np.isfinite(image).all()
        assert image.sum() > 0


def test_ink_of_a_link_reads_back(stroke):
    digits = hexadecimal(stroke * np.linspace(0, 1, 28))
    assert ink.read(ink.written(digits)) == digits
    assert ink.written("0" * 784) == ""


def test_the_images_of_a_file_are_learnt_two_classes_too(opened, metrics, captions):
    """Bright above or bright below, in 12 x 12 pixels."""
    labels = np.arange(60) % 2
    images = np.zeros((60, 12, 12), np.uint8)
    images[labels == 0, :5], images[labels == 1, 7:] = 250, 250
    file = io.BytesIO()
    np.savez(file, x_train=images[:40], y_train=labels[:40], x_test=images[40:], y_test=labels[40:])
    session = opened({"data": "csv", "cvdata": "file", "cvblocks": "3k3p", "cvdense": "4", "cvepochs": "20"})
    assert "Choose a file" in session.warning[0].value
    session.file_uploader(key="csv_file").upload("own.npz", file.getvalue())
    session.run()
    assert not session.exception
    assert metrics(session)["It says"].startswith("class ")
    assert any(text.startswith("At the end 1.000 of all") for text in captions(session))


def test_settings_of_a_view_keep_their_values_while_another_one_is_shown(opened):
    session = opened(SMALL | {"cvview": "input", "cvlook": "climb", "cvrate": "0.3", "cvclass": "4"})
    for view in ("network", "input"):
        session.segmented_control(key="cvview").set_value(view).run()
        assert not session.exception
    assert session.number_input(key="cvrate").value == 0.3
    assert session.number_input(key="cvclass").value == 4
