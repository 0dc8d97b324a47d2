"""The user's own MNIST files: images and labels from IDX files (LeCun's format) or from `mnist.npz` (Keras' format).

An IDX file is a magic number, two zero bytes, a type and the number of dimensions, then each dimension as a big-endian
32-bit number, then the values; only unsigned bytes (type 8) occur in MNIST. It may be compressed by gzip. An npz file
is a zip archive of arrays, each with a header that says its type and shape. A header may say anything: no more memory
is taken than the file's own size accounts for, and nothing in it is ever run (pickled objects are refused).

`dataset` makes of images and labels what a network learns from: all 70,000 of them, or a random part. They are kept
lean, 5 bytes a pixel, so that all take 275 MB.
"""

import gzip
import io
import math
import re
import struct
import zipfile
import zlib

import numpy as np

from engine.datasets.dataset import DataError, Dataset, Fold, split

GZIP, ZIP, NPY = b"\x1f\x8b", b"PK", b"\x93NUMPY"
UNSIGNED_BYTE = 8
MOST_DIMENSIONS = 4
MOST_BYTES = 100_000_000  #: after decompression
MOST_HEADER = 1000  #: bytes of the header of an array; numpy writes 118
NPZ_NAMES = ("x_train", "y_train", "x_test", "y_test")
NPY_HEADER = re.compile(
    rb"\{'descr': '([<>|]?(?:[iu][1248]|f[248]))', 'fortran_order': (True|False), "
    rb"'shape': \(((?:\d{1,10}L?, ?)*(?:\d{1,10}L?)?)\),? ?\}\s*"
)  #: as numpy writes it; an L follows numbers that Python 2 wrote on some systems
PACKED = re.compile(r"\.(csv|tsv|txt|gz|png|jpe?g)$|ubyte$", re.IGNORECASE)  #: files that are no arrays
WHITE = 255.0  #: the largest pixel
MOST_SAMPLES, USUAL_SAMPLES = 70_000, 5000  #: as many as MNIST has; what an interactive page trains on at once
MOST_PIXELS = 4096  #: of an image
MOST_CLASSES = 50
#: What a damaged archive raises, wherever it is damaged.
BROKEN = (
    *(OSError, EOFError, ValueError, LookupError, ArithmeticError, RuntimeError),
    *(struct.error, zipfile.BadZipFile, zlib.error),
)


def read_idx(data: bytes) -> np.ndarray:
    """The array of an IDX file, compressed or not: uint8 of the shape that the file says."""
    raw = unzipped(data) if data.startswith(GZIP) else data
    if len(raw) < 4 or raw[:2] != b"\0\0":
        raise DataError("This is not an IDX file: it does not begin with two zero bytes.")
    kind, dimensions = raw[2], raw[3]
    if kind != UNSIGNED_BYTE:
        raise DataError(f"The IDX file holds values of type {kind}; only unsigned bytes (8) can be read.")
    start = 4 + 4 * dimensions
    if not 1 <= dimensions <= MOST_DIMENSIONS:
        raise DataError(f"The IDX file has {dimensions} dimensions; 1 to {MOST_DIMENSIONS} can be read.")
    if len(raw) < start:
        raise DataError("The IDX file ends within its header.")
    shape = tuple(int(size) for size in np.frombuffer(raw, ">u4", dimensions, 4))
    if len(raw) - start != math.prod(shape):
        raise DataError(f"The IDX file promises {math.prod(shape):,} values and holds {len(raw) - start:,}.")
    return np.frombuffer(raw, np.uint8, offset=start).reshape(shape)


def unzipped(data: bytes, most: int = MOST_BYTES) -> bytes:
    """What gzip has compressed; `DataError` where it is damaged, or more than `most` bytes."""
    try:
        with gzip.open(io.BytesIO(data)) as file:
            raw = file.read(most + 1)
    except (OSError, EOFError, zlib.error) as problem:
        raise DataError(f"The compressed file cannot be read: {problem}.") from None
    if len(raw) > most:
        raise DataError(f"The compressed file holds more than {most // 1_000_000} MB.")
    return raw


def read_npz(data: bytes) -> dict[str, np.ndarray]:
    """The arrays `x_train`, `y_train`, `x_test` and `y_test` of an `mnist.npz` file, a label for each image."""
    if not data.startswith(ZIP):
        raise DataError("This is not an npz file: it does not begin as a zip archive does.")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = {entry.filename.removesuffix(".npy"): entry for entry in archive.infolist()}
            if packed := [name for name in entries if PACKED.search(name)]:
                raise DataError(
                    f"This zip archive is no npz file, it holds {packed[0][:60]}: unpack it, and give the file gzipped."
                )
            if sum(entry.file_size for entry in entries.values()) > MOST_BYTES:
                raise DataError(f"The npz file holds more than {MOST_BYTES // 1_000_000} MB.")
            if missing := [name for name in NPZ_NAMES if name not in entries]:
                raise DataError(f"The npz file has no array named {', '.join(missing)}.")
            arrays = {name: _member(archive, entries[name], name) for name in NPZ_NAMES}
    except DataError:
        raise
    except BROKEN as problem:
        words = " ".join(str(problem).split())[:100].removesuffix(".")
        raise DataError(f"This is not an npz file that can be read: {words}.") from None
    for part in ("train", "test"):
        images, labels = arrays[f"x_{part}"], arrays[f"y_{part}"]
        if images.ndim != 3 or labels.shape != images.shape[:1]:
            raise DataError(f"In the npz file x_{part} has shape {images.shape} and y_{part} {labels.shape}.")
    return arrays


def _member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str) -> np.ndarray:
    """One array of an npz file; its header is believed only as far as the archive's own sizes agree with it."""
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise DataError(f"In the npz file {name} is compressed in a way that numpy does not use.")
    with archive.open(entry) as file:
        start = file.read(len(NPY) + 2)
        length = int.from_bytes(file.read(2 if start[len(NPY) : -1] == b"\x01" else 4), "little")
        header = file.read(min(length, MOST_HEADER))
        found = NPY_HEADER.fullmatch(header)
        if not start.startswith(NPY) or found is None:
            objects = ": Object arrays cannot be loaded" if b"'|O'" in header else ""
            raise DataError(f"In the npz file {name} is not an array of numbers{objects}.")
        dtype, shape = np.dtype(found[1].decode()), tuple(int(size) for size in re.findall(rb"\d+", found[3]))
        promised, held = math.prod(shape) * dtype.itemsize, entry.file_size - file.tell()
        raw = file.read(held) if promised == held else b""
        if promised != held or len(raw) != held:
            raise DataError(f"In the npz file {name} promises {promised:,} bytes and holds {held:,}.")
    return np.frombuffer(raw, dtype).reshape(shape, order="F" if found[2] == b"True" else "C")


def thinned(arrays: dict[str, np.ndarray], most: int = MOST_SAMPLES) -> dict[str, np.ndarray]:
    """At most `most` images of each part that there is, drawn at random, with their labels: enough for `dataset`."""
    rng, kept = np.random.default_rng(0), {}
    for part in (name.removeprefix("x_") for name in NPZ_NAMES if name.startswith("x_") and name in arrays):
        rows = np.sort(rng.permutation(len(arrays[f"y_{part}"]))[:most])
        kept |= {name: arrays[name][rows] for name in (f"x_{part}", f"y_{part}")}
    return kept


def dataset(
    images: np.ndarray,
    labels: np.ndarray,
    *,
    held: tuple[np.ndarray, np.ndarray] | None = None,
    samples: int = 1000,
    test: float | Fold = 0.25,
    seed: int = 0,
    scale: bool = True,
) -> Dataset:
    """A data set of images and their labels; equal arguments give equal data.

    Args:
        images: uint8 `[n, height, width]`, of at most 4,096 pixels each.
        labels: whole numbers `[n]`, of 2 to 50 different values.
        held: images and labels to test on; without them some of the first are held back.
        samples: how many images are used at the most, 2 to 70,000, drawn at random.
        test: share of the samples to test on, 0 to 0.9, at most as many as are held; of 0 all are trained on. Or a
            fold of cross-validation, over all images together.
        seed: of what is drawn.
        scale: whether pixels are brought to 0..1, or left from 0 to 255.

    Raises:
        ValueError: naming the argument, the value and what is allowed; `DataError` for what is wrong with the arrays.
    """
    if not 2 <= samples <= MOST_SAMPLES or not (isinstance(test, Fold) or 0 <= test <= 0.9) or seed < 0:
        raise ValueError(
            f"samples={samples} must be from 2 to {MOST_SAMPLES}, test={test} from 0 to 0.9 and seed={seed} 0 or more"
        )
    _check(images, labels)
    if held is not None:
        _check(*held)
        if held[0].shape[1:] != images.shape[1:]:
            raise DataError(f"The images to test on have shape {held[0].shape[1:]}, the others {images.shape[1:]}.")
    if held is not None and isinstance(test, Fold):
        images, labels, held = np.concatenate([images, held[0]]), np.concatenate([labels, held[1]]), None
    others, names = (images, labels) if held is None else held
    classes = np.union1d(labels, names)
    if not 2 <= len(classes) <= MOST_CLASSES:
        raise DataError(f"The labels have {len(classes)} different values; there must be 2 to {MOST_CLASSES}.")
    rng = np.random.default_rng([seed, 0])
    count = min(samples, len(labels) + (0 if held is None else len(names)))
    if held is None:
        chosen = np.sort(rng.permutation(len(labels))[:count])
        train, tested = (chosen[part] for part in split(count, test, rng, np.searchsorted(classes, labels[chosen])))
    else:
        tests = min(max(round(test * count), 1), count - 1, len(names)) if test else 0
        train = np.sort(rng.permutation(len(labels))[: count - tests])
        tested = np.sort(rng.permutation(len(names))[:tests])
    return Dataset.from_images(
        "csv",
        np.concatenate([images[train], others[tested]]),
        np.searchsorted(classes, np.concatenate([labels[train], names[tested]])),
        map(str, classes.tolist()),
        WHITE if scale else 1.0,
        single=True,
        train=np.arange(len(train)),
        test=np.arange(len(train), len(train) + len(tested)),
        target_name="label",
    )


def _check(images: np.ndarray, labels: np.ndarray) -> None:
    if images.dtype != np.uint8 or images.ndim != 3 or not 1 <= images[0:1].size <= MOST_PIXELS:
        raise DataError(
            f"The images are {images.dtype} of shape {images.shape}; they must be uint8, [n, height, width], "
            f"of at most {MOST_PIXELS:,} pixels."
        )
    if labels.dtype.kind not in "iu" or labels.shape != images.shape[:1]:
        raise DataError(
            f"The labels are {labels.dtype} of shape {labels.shape}; they must be whole numbers, one for each image."
        )
