"""The files in which people have images with labels: which form one has, and what several of them are together.

    IDX     MNIST as it is distributed: images in one file, labels in another, of one part or of both; also gzipped
    npz     Keras' mnist.npz, both parts in one file
    a table a label and the pixels in each line (`pixel_table`); also gzipped

A file whose name speaks of a test (or of t10k, as MNIST calls its 10,000) is that part; any other is to be trained on.
Of several files of one part the last one counts.
"""

import gzip
import io
import re
import zlib
from collections.abc import Sequence

import numpy as np

from engine.datasets import mnist
from engine.datasets.dataset import DataError
from engine.datasets.pixel_table import LONGEST, has_pixels, read_pixels

TEST = re.compile(
    "(?i:t10k|(?<![a-z])test|(?<=mnist)test)|(?<=[a-z])(?:Test|TEST)|(?<=[A-Z])Test"
)  #: where a word begins, as in mnistTest, but not "latest"
PARTS = {"train": " to train on", "test": " to test on"}
WAYS = "mnist.npz, MNIST's own files of images and labels (.gz), or lines of a label and its pixels (.csv, .csv.gz)"


def form_of(content: bytes) -> str:
    """The form of a file: `npz`, `idx`, `pixels`, or nothing where it is none of them."""
    start = _start(content)
    if content.startswith(mnist.ZIP):
        return "npz"
    if start[:2] == b"\0\0" and start[2:3] and 8 <= start[2] <= 14:  # the types that IDX knows
        return "idx"
    return "pixels" if has_pixels(start) else ""


def images_of(files: Sequence[tuple[str, bytes]]) -> tuple[dict[str, np.ndarray], list[str]]:
    """Images and labels of files in one form, and the names of those that were used.

    They are `x_train` and `y_train`, and `x_test` and `y_test` where a part to test on is among the files.

    Args:
        files: names and contents, the newest last, which has a form; those in another form are left alone.

    Raises:
        DataError: one sentence on what is wrong, or what is missing.
    """
    arrays, names = _read(files)
    parts = {what: len(arrays[f"y_{part}"]) for part, what in PARTS.items() if f"y_{part}" in arrays}
    for what, count in parts.items():
        if not count:
            raise DataError(f"The file holds no images{what if any(parts.values()) else ''}.")
    return arrays, names


def _read(files: Sequence[tuple[str, bytes]]) -> tuple[dict[str, np.ndarray], list[str]]:
    name, content = files[-1]
    form = form_of(content)
    if form == "npz":
        return mnist.read_npz(content), [name]
    alike = [(name, content) for name, content in files if form_of(content) == form]
    if form == "idx":
        return _paired([(name, mnist.read_idx(content)) for name, content in alike])
    newest = {_part(name): (name, content) for name, content in alike}
    found = {part: _pixels(content) for part, (_, content) in newest.items()}
    return _parts(found), [name for name, _ in newest.values()]


def _pixels(content: bytes) -> tuple[np.ndarray, np.ndarray]:
    """Of a table, which is unpacked as far as it is read if it is gzipped."""
    if not content.startswith(mnist.GZIP):
        return read_pixels(io.BytesIO(content))
    try:
        with gzip.open(io.BytesIO(content)) as file:
            return read_pixels(file)
    except (OSError, EOFError, zlib.error) as problem:
        raise DataError(f"The compressed file cannot be read: {problem}.") from None


def _start(content: bytes) -> bytes:
    if not content.startswith(mnist.GZIP):
        return content[:LONGEST]
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(content, LONGEST)
    except zlib.error:
        return b""


def _part(name: str) -> str:
    return "test" if TEST.search(name) else "train"


def _paired(arrays: Sequence[tuple[str, np.ndarray]]) -> tuple[dict[str, np.ndarray], list[str]]:
    """IDX files of images, three-dimensional, with those of their labels."""
    images = {_part(name): (name, array) for name, array in arrays if array.ndim == 3}
    labels = {_part(name): (name, array) for name, array in arrays if array.ndim == 1}
    for name, array in arrays:
        if array.ndim not in (1, 3):
            raise DataError(f"{name} has {array.ndim} dimensions: images have 3, labels 1.")
    for part in {**images, **labels}:
        has, lacks = (images, "labels") if part in images else (labels, "images")
        name, array = has[part]
        if part not in images or part not in labels:
            what, other = _other(name, lacks)
            raise DataError(f"{name} holds {len(array):,} {what} without their {lacks}: add {other}, too.")
        if len(images[part][1]) != len(labels[part][1]):
            raise DataError(
                f"{name} holds {len(array):,} images and {labels[part][0]} {len(labels[part][1]):,} labels: these do "
                "not belong together."
            )
    found = {part: (images[part][1], labels[part][1]) for part in images}
    return _parts(found), [name for part in images for name in (images[part][0], labels[part][0])]


def _other(name: str, lacks: str) -> tuple[str, str]:
    """What a file holds whose other half is lacking, and what that one is called, as far as the name tells."""
    what, here, there = (
        ("images", "images-idx3", "labels-idx1") if lacks == "labels" else ("labels", "labels-idx1", "images-idx3")
    )
    other = re.sub(here.replace("-", "[-.]"), there, name)
    return what, other if other != name else f"the IDX file of the {lacks}"


def _parts(found: dict[str, tuple[np.ndarray, np.ndarray]]) -> dict[str, np.ndarray]:
    """Under the names of an npz file; a single part is trained on, whatever it is called."""
    if len(found) == 1:
        found = {"train": next(iter(found.values()))}
    return {f"{axis}_{part}": array for part, pair in found.items() for axis, array in zip("xy", pair, strict=True)}
