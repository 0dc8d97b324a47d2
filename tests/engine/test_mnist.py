"""MNIST's own file formats."""

import gzip
import io
import struct

import numpy as np
import pytest

from engine.mnist import MnistError, read_idx, read_npz

IMAGES = np.arange(2 * 3 * 4, dtype=np.uint8).reshape(2, 3, 4)


def idx(array, kind=8):
    """The file format as LeCun's page describes it."""
    return bytes([0, 0, kind, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_an_idx_file_reads_back(pack):
    assert np.array_equal(read_idx(pack(idx(IMAGES))), IMAGES)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not an IDX file"),
        (b"label,pixel\n1,2", "not an IDX file"),
        (idx(IMAGES, kind=13), "type 13"),
        (idx(IMAGES)[:6], "ends within its header"),
        (bytes([0, 0, 8, 200]) + struct.pack(">200I", *[1] * 200) + b"x", "has 200 dimensions; 1 to 4"),
        (idx(IMAGES)[:-1], "promises 24 values and holds 23"),
        (gzip.compress(idx(IMAGES))[:-9], "compressed file cannot be read"),
    ],
)
def test_a_bad_idx_file_is_one_sentence(data, words):
    with pytest.raises(MnistError, match=words):
        read_idx(data)


def npz(**arrays):
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


LABELS = np.array([4, 7], dtype=np.uint8)
ARRAYS = {"x_train": IMAGES, "y_train": LABELS, "x_test": IMAGES + 1, "y_test": LABELS + 1}


def npy(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def test_an_npz_file_reads_back():
    read = read_npz(npz(**ARRAYS))
    assert read.keys() == ARRAYS.keys()
    assert all(np.array_equal(value, ARRAYS[name]) for name, value in read.items())


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not an npz file"),
        (b"label,pixel\n1,2", "not an npz file"),
        (npy(IMAGES), "not an npz file"),
        (b"PK\x03\x04 broken", "not an npz file that can be read"),
        (npz(**ARRAYS)[:-30], "not an npz file that can be read"),
        (npz(x_train=IMAGES), "no array named y_train, x_test, y_test"),
        (npz(**ARRAYS | {"y_test": np.array([{}, {}])}), "Object arrays cannot be loaded"),
        (npz(**ARRAYS | {"y_train": LABELS[:1]}), r"x_train has shape \(2, 3, 4\) and y_train \(1,\)"),
        (npz(x_train=np.zeros(100_000_000, np.uint8)), "holds more than 100 MB"),
    ],
    ids=range(9),
)
def test_a_bad_npz_file_is_one_sentence(data, words):
    with pytest.raises(MnistError, match=words) as problem:
        read_npz(data)
    assert str(problem.value).endswith(".")
