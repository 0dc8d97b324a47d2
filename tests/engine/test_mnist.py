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
        (idx(IMAGES)[:-1], "promises 24 values and holds 23"),
        (gzip.compress(idx(IMAGES))[:-9], "compressed file cannot be read"),
    ],
)
def test_a_bad_idx_file_is_one_sentence(data, words):
    with pytest.raises(MnistError, match=words):
        read_idx(data)


def test_an_npz_file_reads_back():
    file = io.BytesIO()
    arrays = {name: IMAGES + i for i, name in enumerate(("x_train", "y_train", "x_test", "y_test"))}
    np.savez(file, **arrays)
    assert all(np.array_equal(value, arrays[name]) for name, value in read_npz(file.getvalue()).items())


def test_a_bad_npz_file_is_one_sentence():
    file = io.BytesIO()
    np.savez(file, x_train=IMAGES)
    with pytest.raises(MnistError, match="no array named y_train, x_test, y_test"):
        read_npz(file.getvalue())
    with pytest.raises(MnistError, match="not an npz file"):
        read_npz(b"PK\x03\x04 broken")
