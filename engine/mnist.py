"""The user's own MNIST files: images and labels from IDX files (LeCun's format) or from `mnist.npz` (Keras' format).

An IDX file is a magic number, two zero bytes, a type and the number of dimensions, then each dimension as a big-endian
32-bit number, then the values; only unsigned bytes (type 8) occur in MNIST. Files may be compressed by gzip.
"""

import gzip
import io
import math
import zipfile
import zlib

import numpy as np

GZIP, ZIP = b"\x1f\x8b", b"PK"
UNSIGNED_BYTE = 8
MOST_DIMENSIONS = 4
MOST_BYTES = 100_000_000  #: after decompression
NPZ_NAMES = ("x_train", "y_train", "x_test", "y_test")


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


def _unzipped(data: bytes) -> bytes:
    try:
        with gzip.open(io.BytesIO(data)) as file:
            raw = file.read(MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error) as problem:
        raise MnistError(f"The compressed file cannot be read: {problem}.") from None
    if len(raw) > MOST_BYTES:
        raise MnistError(f"The compressed file holds more than {MOST_BYTES // 1_000_000} MB.")
    return raw
