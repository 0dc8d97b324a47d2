"""The user's own MNIST files: images and labels from IDX files (LeCun's format) or from `mnist.npz` (Keras' format).

An IDX file is a magic number, two zero bytes, a type and the number of dimensions, then each dimension as a big-endian
32-bit number, then the values; only unsigned bytes (type 8) occur in MNIST. Files may be compressed by gzip.

`dataset` makes of images and labels what a network learns from: a row for each pixel, its grey from 0 to 1, and of the
70,000 images a random part that an interactive page can train on.
"""

import gzip
import io
import math
import zipfile
import zlib

import numpy as np

from engine.datasets.dataset import Dataset

GZIP, ZIP = b"\x1f\x8b", b"PK"
UNSIGNED_BYTE = 8
MOST_DIMENSIONS = 4
MOST_BYTES = 100_000_000  #: after decompression
NPZ_NAMES = ("x_train", "y_train", "x_test", "y_test")
WHITE = 255.0  #: the largest pixel
MOST_SAMPLES = 5000
MOST_PIXELS = 4096  #: of an image
MOST_CLASSES = 50


class MnistError(ValueError):
    """What is wrong with a file, in one sentence for the screen."""


def read_idx(data: bytes) -> np.ndarray:
    """The array of an IDX file, compressed or not: uint8 of the shape that the file says."""
    raw = _unzipped(data) if data.startswith(GZIP) else data
    if len(raw) < 4 or raw[:2] != b"\0\0":
        raise MnistError("This is not an IDX file: it does not begin with two zero bytes.")
    kind, dimensions = raw[2], raw[3]
    if kind != UNSIGNED_BYTE:
        raise MnistError(f"The IDX file holds values of type {kind}; only unsigned bytes (8) can be read.")
    start = 4 + 4 * dimensions
    if not 1 <= dimensions <= MOST_DIMENSIONS:
        raise MnistError(f"The IDX file has {dimensions} dimensions; 1 to {MOST_DIMENSIONS} can be read.")
    if len(raw) < start:
        raise MnistError("The IDX file ends within its header.")
    shape = tuple(int(size) for size in np.frombuffer(raw, ">u4", dimensions, 4))
    if len(raw) - start != math.prod(shape):
        raise MnistError(f"The IDX file promises {math.prod(shape):,} values and holds {len(raw) - start:,}.")
    return np.frombuffer(raw, np.uint8, offset=start).reshape(shape)


def read_npz(data: bytes) -> dict[str, np.ndarray]:
    """The arrays `x_train`, `y_train`, `x_test` and `y_test` of an `mnist.npz` file, a label for each image."""
    if not data.startswith(ZIP):
        raise MnistError("This is not an npz file: it does not begin as a zip archive does.")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
        if size > MOST_BYTES:
            raise MnistError(f"The npz file holds more than {MOST_BYTES // 1_000_000} MB.")
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            missing = [name for name in NPZ_NAMES if name not in archive]
            if missing:
                raise MnistError(f"The npz file has no array named {', '.join(missing)}.")
            arrays = {name: archive[name] for name in NPZ_NAMES}
    except MnistError:
        raise
    except (
        OSError,
        EOFError,
        ValueError,
        NotImplementedError,
        RuntimeError,
        zipfile.BadZipFile,
        zlib.error,
    ) as problem:
        raise MnistError(f"This is not an npz file that can be read: {problem}.") from None
    for part in ("train", "test"):
        images, labels = arrays[f"x_{part}"], arrays[f"y_{part}"]
        if images.ndim != 3 or labels.shape != images.shape[:1]:
            raise MnistError(f"In the npz file x_{part} has shape {images.shape} and y_{part} {labels.shape}.")
    return arrays


def thinned(arrays: dict[str, np.ndarray], most: int = MOST_SAMPLES) -> dict[str, np.ndarray]:
    """At most `most` images of each part of an npz file, drawn at random, with their labels: enough for `dataset`."""
    rng, kept = np.random.default_rng(0), {}
    for part in ("train", "test"):
        rows = np.sort(rng.permutation(len(arrays[f"y_{part}"]))[:most])
        kept |= {name: arrays[name][rows] for name in (f"x_{part}", f"y_{part}")}
    return kept


def dataset(
    images: np.ndarray,
    labels: np.ndarray,
    *,
    held: tuple[np.ndarray, np.ndarray] | None = None,
    samples: int = 1000,
    test: float = 0.25,
    seed: int = 0,
) -> Dataset:
    """A data set of images and their labels; equal arguments give equal data.

    Args:
        images: uint8 `[n, height, width]`, of at most 4,096 pixels each.
        labels: whole numbers `[n]`, of 2 to 50 different values.
        held: images and labels to test on; without them some of the first are held back.
        samples: how many images are used at the most, 2 to 5,000, drawn at random.
        test: share of the samples to test on, 0 to 0.9; at least one stays on each side.
        seed: of what is drawn.

    Raises:
        ValueError: naming the argument, the value and what is allowed; `MnistError` for what is wrong with the arrays.
    """
    if not 2 <= samples <= MOST_SAMPLES or not 0 <= test <= 0.9 or seed < 0:
        raise ValueError(
            f"samples={samples} must be from 2 to {MOST_SAMPLES}, test={test} from 0 to 0.9 and seed={seed} 0 or more"
        )
    _check(images, labels)
    if held is not None:
        _check(*held)
        if held[0].shape[1:] != images.shape[1:]:
            raise MnistError(f"The images to test on have shape {held[0].shape[1:]}, the others {images.shape[1:]}.")
    train, tested = _drawn(len(labels), None if held is None else len(held[1]), samples, test, seed)
    others, names = (images, labels) if held is None else held
    classes = np.union1d(labels, names)
    if not 2 <= len(classes) <= MOST_CLASSES:
        raise MnistError(f"The labels have {len(classes)} different values; there must be 2 to {MOST_CLASSES}.")
    points = np.concatenate([images[train], others[tested]]).reshape(len(train) + len(tested), -1).T.astype(np.float64)
    pixels = tuple(f"pixel {row},{column}" for row, column in np.ndindex(images.shape[1:]))
    return Dataset(
        name="csv",
        task="classification",
        points=points,
        x=points / WHITE,
        labels=np.searchsorted(classes, np.concatenate([labels[train], names[tested]])),
        targets=None,
        class_names=tuple(map(str, classes.tolist())),
        input_names=pixels,
        feature_names=pixels,
        train=np.arange(len(train)),
        test=np.arange(len(train), len(train) + len(tested)),
        expand=lambda raw: np.asarray(raw) / WHITE,
        target_name="label",
    )


def _drawn(n: int, held: int | None, samples: int, test: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Which of `n` images to train on, and which to test on, of `held` others or else of the rest."""
    rng = np.random.default_rng([seed, 0])
    count = min(samples, n if held is None else n + held)
    tested = min(max(round(test * count), 1), count - 1)
    if held is None:
        order = rng.permutation(n)[:count]
        return np.sort(order[tested:]), np.sort(order[:tested])
    return np.sort(rng.permutation(n)[: count - tested]), np.sort(rng.permutation(held)[:tested])


def _check(images: np.ndarray, labels: np.ndarray) -> None:
    if images.dtype != np.uint8 or images.ndim != 3 or not 1 <= images[0:1].size <= MOST_PIXELS:
        raise MnistError(
            f"The images are {images.dtype} of shape {images.shape}; they must be uint8, [n, height, width], "
            f"of at most {MOST_PIXELS:,} pixels."
        )
    if labels.dtype.kind not in "iu" or labels.shape != images.shape[:1]:
        raise MnistError(
            f"The labels are {labels.dtype} of shape {labels.shape}; they must be whole numbers, one for each image."
        )


def _unzipped(data: bytes) -> bytes:
    try:
        with gzip.open(io.BytesIO(data)) as file:
            raw = file.read(MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error) as problem:
        raise MnistError(f"The compressed file cannot be read: {problem}.") from None
    if len(raw) > MOST_BYTES:
        raise MnistError(f"The compressed file holds more than {MOST_BYTES // 1_000_000} MB.")
    return raw
