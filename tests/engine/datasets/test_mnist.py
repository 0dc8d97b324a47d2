"""MNIST's own file formats."""

import gzip
import io
import struct
import tracemalloc
import zipfile

import numpy as np
import pytest

from engine import Experiment, train
from engine.datasets import DataError
from engine.datasets.mnist import dataset, read_idx, read_npz, thinned

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
    with pytest.raises(DataError, match=words):
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
    with pytest.raises(DataError, match=words) as problem:
        read_npz(data)
    assert str(problem.value).endswith(".")


def packed(method=zipfile.ZIP_DEFLATED, **members):
    """An npz file whose members are bytes, under the names that are given."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in (ARRAYS_AS_FILES | members).items():
            archive.writestr(name, content)
    return file.getvalue()


def headed(text, body=b""):
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode() + body


ARRAYS_AS_FILES = {f"{name}.npy": npy(array) for name, array in ARRAYS.items()}


@pytest.mark.parametrize(
    ("member", "words"),
    [
        (b"1,2,3", "x_train is not an array of numbers"),
        (b"", "x_train is not an array of numbers"),
        (npy(IMAGES)[:-1], "x_train promises 24 bytes and holds 23"),
        (npy(IMAGES) + b"x", "x_train promises 24 bytes and holds 25"),
        (headed("{'descr': '|u1', 'fortran_order': False, 'shape': (3000000000,), }"), "promises 3,000,000,000 bytes"),
        (headed("{'descr': '<U99999999', 'fortran_order': False, 'shape': (6,), }"), "not an array of numbers"),
        (headed("{'descr': " * 5000), "not an array of numbers"),
        (headed("(" * 60_000), "not an array of numbers"),
        (npy(np.zeros((2, 3, 4), "c16")), "not an array of numbers"),
    ],
    ids=range(9),
)
def test_a_header_is_believed_only_as_far_as_the_file_goes(member, words):
    with pytest.raises(DataError, match=words):
        read_npz(packed(**{"x_train.npy": member}))


def test_members_may_lack_the_ending_that_numpy_gives_them():
    members = {name.removesuffix(".npy"): content for name, content in ARRAYS_AS_FILES.items()}
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    assert np.array_equal(read_npz(file.getvalue())["x_train"], IMAGES)


def test_a_header_of_python_2_is_read():
    member = headed("{'descr': '|u1', 'fortran_order': False, 'shape': (2L, 3L, 4L), }   \n", IMAGES.tobytes())
    assert np.array_equal(read_npz(packed(**{"x_train.npy": member}))["x_train"], IMAGES)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_unpacks_without_bound_is_not_unpacked(method):
    with pytest.raises(DataError, match="compressed in a way that numpy does not use"):
        read_npz(packed(method))


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("kind", ["u1", "<i8", ">i4", "<f4"])
def test_arrays_read_back_as_numpy_reads_them(kind, order):
    array = np.asarray(IMAGES.astype(kind), order=order)
    read = read_npz(packed(**{"x_train.npy": npy(array)}))["x_train"]
    assert read.dtype == array.dtype
    assert np.array_equal(read, array)


def test_thinned_images_keep_their_labels():
    images = np.arange(50, dtype=np.uint8).repeat(6).reshape(50, 2, 3)
    arrays = {"x_train": images, "y_train": np.arange(50), "x_test": images[:5], "y_test": np.arange(5)}
    few = thinned(arrays, 20)
    assert len({*few["y_train"]}) == 20
    assert np.array_equal(few["x_train"][:, 0, 0], few["y_train"])
    assert all(np.array_equal(few[name], arrays[name]) for name in ("x_test", "y_test"))


# A data set of images


def drawn(n, seed=0):
    """Images of 4 x 3 pixels whose first pixel is their number and whose label is its last digit."""
    images = np.random.default_rng(seed).integers(0, 256, (n, 4, 3), dtype=np.uint8)
    images[:, 0, 0] = np.arange(n)
    return images, (np.arange(n) % 10).astype(np.uint8)


def test_pixels_are_rows_from_black_to_white_and_labels_keep_their_images():
    images, labels = drawn(200)
    data = dataset(images, labels, samples=80, test=0.25, seed=3)
    numbers = data.points[0].astype(int)
    assert data.x.shape == (12, 80)
    assert np.array_equal(data.points, images[numbers].reshape(80, 12).T)
    assert np.array_equal(data.x * 255, data.points)
    assert np.array_equal(data.expand(data.points), data.x)
    assert [data.class_names[label] for label in data.labels] == [str(number % 10) for number in numbers]
    assert (len(data.train), len(data.test)) == (60, 20)
    assert len({*numbers}) == 80
    assert data.input_names[:4] == ("pixel 0,0", "pixel 0,1", "pixel 0,2", "pixel 1,0")


def test_seventy_thousand_images_take_five_bytes_a_pixel():
    """As many as MNIST has, of 2 x 2 pixels: bytes, and float32 beside them; no float64 on the way."""
    images = np.arange(280_000, dtype=np.uint32).view(np.uint8)[:280_000].reshape(-1, 2, 2)
    tracemalloc.start()
    data = dataset(images, np.arange(70_000) % 10, samples=70_000, test=1 / 7)
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert (len(data.train), len(data.test)) == (60_000, 10_000)
    assert (data.points.dtype, data.x.dtype) == (np.uint8, np.float32)
    assert held < 5 * 280_000 + 4 * 8 * 70_000


def test_images_to_test_on_stay_apart():
    images, labels = drawn(100)
    data = dataset(images, labels, held=(255 - images, labels), samples=40, test=0.5)
    train_numbers, test_numbers = data.points[0, data.train].astype(int), data.points[0, data.test].astype(int)
    assert np.array_equal(data.points[:, data.train], images[train_numbers].reshape(20, 12).T)
    assert np.array_equal(data.points[:, data.test], 255.0 - images[255 - test_numbers].reshape(20, 12).T)


@pytest.mark.parametrize(
    ("n", "held", "parts"), [(2, None, (1, 1)), (10, None, (8, 2)), (3, 1, (3, 1)), (1, 9, (1, 2)), (10, 2, (10, 2))]
)
def test_few_images_are_all_used_with_one_at_least_on_each_side(n, held, parts):
    images, labels = drawn(10)
    others = None if held is None else (images[:held], np.arange(held) + 10)
    data = dataset(images[:n], labels[:n], held=others, samples=5000)
    assert (len(data.train), len(data.test)) == parts


def test_equal_seeds_give_equal_data_and_other_labels_are_counted_from_zero():
    images, labels = drawn(100)
    one, same, other = (dataset(images, labels % 2 * 4 + 3, samples=20, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(one.x, same.x)
    assert not np.array_equal(one.x, other.x)
    assert one.class_names == ("3", "7")
    assert {*one.labels} == {0, 1}


def test_a_network_learns_which_half_is_bright():
    images, labels = drawn(200)
    labels = labels % 3
    images[labels == 1, :2] //= 4
    images[labels == 2, 2:] //= 4
    data = dataset(images, labels, samples=200)
    recording = train(Experiment(data="csv", steps=100), data=data)
    assert recording.network.sizes == (12, 8, 8, 3)
    assert recording.test_accuracy[-1] > 0.9


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"samples": 1}, "samples=1 must be from 2 to 70000"),
        ({"samples": 70_001}, "samples=70001"),
        ({"test": 1.0}, "test=1.0"),
        ({"seed": -1}, "seed=-1"),
        ({"images": np.zeros((5, 4, 3))}, "The images are float64"),
        ({"images": np.zeros((5, 12), np.uint8)}, r"of shape \(5, 12\)"),
        ({"images": np.zeros((5, 65, 64), np.uint8)}, "at most 4,096 pixels"),
        ({"images": np.zeros((0, 4, 3), np.uint8)}, "The images are"),
        ({"labels": np.arange(4)}, r"The labels are int64 of shape \(4,\)"),
        ({"labels": np.zeros(5)}, "The labels are float64"),
        ({"labels": np.zeros(5, int)}, "The labels have 1 different values"),
        ({"held": (np.zeros((5, 3, 4), np.uint8), np.arange(5))}, r"shape \(3, 4\), the others \(4, 3\)"),
    ],
)
def test_what_is_no_data_set_is_one_sentence(arguments, words):
    images, labels = drawn(5)
    with pytest.raises(ValueError, match=words):
        dataset(**{"images": images, "labels": labels} | arguments)
