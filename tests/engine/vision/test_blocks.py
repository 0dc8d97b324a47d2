"""Blocks as text, and the networks they make."""

import math

import numpy as np
import pytest

from engine import Experiment
from engine.vision import LESSON_BLOCKS, Block, blocks_of, blocks_text, convolutional, fitting


@pytest.mark.parametrize("text", ["32k3p-64k3p-64k3", "8k5", "1k3p-64k5-2k3-3k3p"])
def test_the_text_of_blocks_names_them(text):
    assert blocks_text(blocks_of(text)) == text


def test_a_kernel_that_is_not_named_has_three_pixels():
    assert blocks_of(" 16P - 8 ") == (Block(16, 3, True), Block(8, 3, False))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not a block"),
        ("32x3", "not a block"),
        ("32k3-", "not a block"),
        ("0k3", "0 filters"),
        ("65", "1 to 64"),
        ("8k4p", "3 or 5"),
        ("8-8-8-8-8", "5 blocks cannot be"),
    ],
)
def test_what_is_no_block_is_said_in_one_sentence(text, words):
    with pytest.raises(ValueError, match=words) as caught:
        blocks_of(text)
    assert str(caught.value).endswith(".")


def test_the_lessons_classifier_has_the_parameters_of_the_textbook():
    """Keras' summary of the model: 320 + 18,496 + 36,928 + 36,928 + 650 = 93,322."""
    experiment = Experiment(data="digits", arch=(64,), act="relu", loss="softmax_cross_entropy")
    network = convolutional(experiment, (1, 28, 28), LESSON_BLOCKS, 10)
    sizes = [math.prod(network.layout.shapes[name]) for name in network.layout.names]
    assert [a + b for a, b in zip(sizes[::2], sizes[1::2], strict=True)] == [320, 18_496, 36_928, 36_928, 650]
    assert network.size == 93_322


def test_dense_layers_behind_the_blocks_have_all_that_an_experiment_gives_them():
    experiment = Experiment(
        data="digits", arch=(9, 9), act=("tanh", "relu"), norm="layer", residual="gated", dropout=0.1
    )
    network = convolutional(experiment.replace(loss="softmax_cross_entropy"), (1, 8, 8), blocks_of("4p"), 10)
    assert network.layout.names == (
        *("K1", "b1", "W2", "b2", "scale2", "shift2", "W3", "b3", "gate3", "scale3", "shift3", "W4", "b4"),
    )
    assert [layer.name for layer in network.layers if hasattr(layer, "derivative")] == ["tanh", "tanh", "relu"]


@pytest.mark.parametrize(("side", "text"), [(8, "4p-4p-4p"), (4, "4k5"), (3, "4p")])
def test_too_small_an_image_is_refused_in_words(side, text):
    experiment = Experiment(data="digits", loss="softmax_cross_entropy")
    with pytest.raises(ValueError, match=r"Block \d .* finds images of .* or larger images"):
        convolutional(experiment, (1, side, side), blocks_of(text), 10)


@pytest.mark.parametrize(
    ("side", "text", "fits"),
    [
        (28, "8k3p-16k3p", "8k3p-16k3p"),
        (8, "8k3p-16k3p", "8k3p-16k3"),  # 8, 6, 3: the pool goes
        (8, "32k3p-64k3p-64k3", "32k3p-64k3"),  # nothing is left for the third
        (4, "4k5p", "4k3"),
        (2, "4k3", ""),
    ],
)
def test_blocks_that_fit_are_those_asked_for_as_far_as_the_image_goes(side, text, fits):
    found = fitting(blocks_of(text), side, side + 9)
    assert blocks_text(found) == fits
    if found:
        convolutional(Experiment(data="digits", loss="softmax_cross_entropy"), (1, side, side), found, 10)


def test_biases_of_kernels_are_spread_about_their_constant():
    experiment = Experiment(data="digits", bias=0.3, bias_spread=0.5, arch=(4,), loss="softmax_cross_entropy")
    network = convolutional(experiment, (1, 8, 8), blocks_of("64k3"), 10)
    biases = network.layout.view(network.initial(np.random.default_rng(0)), "b1")
    assert biases.std() == pytest.approx(0.5, rel=0.3)
    assert biases.mean() == pytest.approx(0.3, abs=4 * 0.5 / 8)
