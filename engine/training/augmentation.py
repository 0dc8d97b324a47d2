"""Augmentation: samples that look a little different whenever a step meets them, so that none can be learned by heart.

Images are moved by whole pixels, what comes in at the edge is black, and normal noise is added to the inputs. The
targets stay as they are, and so do the data: tests, accuracies and charts are those of the samples themselves. What is
drawn depends on the seed and on the steps before, so that a run can be had again bit by bit.

Simard, Steinkraus & Platt 2003 (shifts); Bishop 1995 (noise on the inputs acts like a penalty on the slopes).
"""

from collections.abc import Iterator

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from engine.experiment import Experiment

Batch = tuple[np.ndarray, np.ndarray]  #: inputs `[d, N]` and targets `[K, N]` of some samples


def augmented(stream: Iterator[Batch], experiment: Experiment, image: tuple[int, int] | None) -> Iterator[Batch]:
    """The batches of a stream, each sample drawn anew as the experiment asks for; `image` is its height and width."""
    rng = np.random.default_rng([experiment.seed, 5])
    for inputs, targets in stream:
        x = shifted(inputs, image, experiment.shift, rng) if experiment.shift and image else inputs
        if experiment.input_noise:
            x = (x + experiment.input_noise * rng.standard_normal(x.shape)).astype(x.dtype, copy=False)
        yield x, targets


def shifted(x: np.ndarray, image: tuple[int, int], most: int, rng: np.random.Generator) -> np.ndarray:
    """Images `x[height · width, N]`, each moved by up to `most` pixels down or up and to a side, all alike likely."""
    height, width = image
    n = x.shape[-1]
    padded = np.pad(x.T.reshape(n, height, width), ((0, 0), (most, most), (most, most)))
    windows = sliding_window_view(padded, (height, width), axis=(1, 2))
    down, right = rng.integers(0, 2 * most + 1, (2, n))
    return windows[np.arange(n), down, right].reshape(n, -1).T
