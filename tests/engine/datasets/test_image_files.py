"""Images in every form in which people have them: what is read, and what is said of the rest."""

import csv
import gzip
import io
import struct

import numpy as np
import pytest

from engine.datasets import DataError
from engine.datasets.image_files import form_of, images_of
from engine.datasets.mnist import dataset

IMAGES = np.random.default_rng(0).integers(0, 256, (30, 16, 16), dtype=np.uint8)
LABELS = (np.arange(30) % 10).astype(np.uint8)
TRAIN, TEST = slice(0, 20), slice(20, 30)


def idx(array):
    return bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def npz(**arrays):
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def table(part=slice(None), *, headed=True, last=False, **how):
    """As Python's own module writes it."""
    file, pixels = io.StringIO(), IMAGES[part].reshape(-1, 256).tolist()
    rows = [[*row, label] if last else [label, *row] for row, label in zip(pixels, LABELS[part].tolist(), strict=True)]
    names = [f"pixel{i}" for i in range(256)]
    csv.writer(file, **how).writerows([[*names, "class"] if last else ["label", *names]] * headed + rows)
    return file.getvalue().encode()


FORMS = {
    "idx": [("train-images-idx3-ubyte", idx(IMAGES)), ("train-labels-idx1-ubyte", idx(LABELS))],
    "idx, labels first": [("labels", idx(LABELS)), ("images", idx(IMAGES))],
    "idx, the test part alone": [("t10k-images.idx3-ubyte", idx(IMAGES)), ("t10k-labels.idx1-ubyte", idx(LABELS))],
    "gz": [("train-images-idx3-ubyte.gz", gzip.compress(idx(IMAGES))), ("y.gz", gzip.compress(idx(LABELS)))],
    "csv": [("train.csv", table())],
    "csv without names": [("mnist_test.csv", table(headed=False))],
    "csv whose columns are counted": [
        ("a.csv", b",".join(b"%d" % i for i in range(257)) + b"\n" + table(headed=False))
    ],
    "csv with the label last": [("mnist_784.csv", table(last=True))],
    "csv, quoted, by semicolons": [("a.csv", b"\xef\xbb\xbf" + table(delimiter=";", quoting=csv.QUOTE_ALL) + b"\n\n")],
    "csv, no newline at its end": [("a.csv", table(headed=False, lineterminator="\n").rstrip())],
    "csv.gz": [("train.csv.gz", gzip.compress(table()))],
    "csv after something else": [("notes.txt", b"a,b\n1,2\n"), ("train.csv", table())],
}


@pytest.mark.parametrize("files", FORMS.values(), ids=FORMS)
def test_every_form_gives_the_same_images_with_their_labels(files):
    arrays, names = images_of(files)
    assert arrays.keys() == {"x_train", "y_train"}
    assert np.array_equal(arrays["x_train"], IMAGES)
    assert np.array_equal(arrays["y_train"], LABELS)
    assert {*names} <= {name for name, _ in files}
    assert len(dataset(arrays["x_train"], arrays["y_train"]).test)


PARTS = {
    "npz": [("m.npz", npz(x_train=IMAGES[TRAIN], y_train=LABELS[TRAIN], x_test=IMAGES[TEST], y_test=LABELS[TEST]))],
    "idx": [
        ("t10k-images-idx3-ubyte.gz", gzip.compress(idx(IMAGES[TEST]))),
        ("train-labels-idx1-ubyte.gz", gzip.compress(idx(LABELS[TRAIN]))),
        ("t10k-labels-idx1-ubyte.gz", gzip.compress(idx(LABELS[TEST]))),
        ("train-images-idx3-ubyte.gz", gzip.compress(idx(IMAGES[TRAIN]))),
    ],
    "csv": [("mnist_test.csv", table(TEST)), ("mnist_train.csv.gz", gzip.compress(table(TRAIN, headed=False)))],
}


@pytest.mark.parametrize("files", PARTS.values(), ids=PARTS)
def test_a_part_to_test_on_is_one(files):
    arrays, names = images_of(files)
    assert sorted(names) == sorted(name for name, _ in files)
    for part, rows in (("train", TRAIN), ("test", TEST)):
        assert np.array_equal(arrays[f"x_{part}"], IMAGES[rows])
        assert np.array_equal(arrays[f"y_{part}"], LABELS[rows])


TESTS = ["test.csv", "mnistTest.csv", "mnistTEST.csv", "MNISTTest.csv", "mnisttest.csv", "Test-1.csv", "MNIST_TEST.csv"]


@pytest.mark.parametrize("name", [*TESTS, "2test.csv", "T10k.csv", "my t10k.csv"])
def test_a_part_to_test_on_is_known_by_its_name(name):
    train = ("mnistTrain.csv", table(TRAIN))
    for files in ([train, (name, table(TEST))], [(name, table(TEST)), train]):
        arrays, names = images_of(files)
        assert sorted(names) == sorted([name, train[0]])
        assert np.array_equal(arrays["x_train"], IMAGES[TRAIN])
        assert np.array_equal(arrays["x_test"], IMAGES[TEST])


@pytest.mark.parametrize(
    "name", ["latest.csv", "LATEST.csv", "Latest.csv", "theLatest.csv", "contest.csv", "train.csv"]
)
def test_a_name_that_speaks_of_no_test_is_to_be_trained_on(name):
    arrays, names = images_of([(name, table(TRAIN)), ("test.csv", table(TEST))])
    assert name in names
    assert np.array_equal(arrays["x_train"], IMAGES[TRAIN])


@pytest.mark.parametrize("corner", [np.arange(60), 0], ids=["too many values", "always 0 as in MNIST"])
def test_a_label_without_a_name_is_last_where_the_first_column_is_none(corner):
    images = np.arange(60 * 256, dtype=np.uint32).astype(np.uint8).reshape(60, 16, 16)
    images[:, 0, 0] = corner
    lines = "\n".join(",".join(map(str, [*row, i % 3])) for i, row in enumerate(images.reshape(60, -1).tolist()))
    arrays, _ = images_of([("a.csv", lines.encode())])
    assert np.array_equal(arrays["x_train"], images)
    assert np.array_equal(arrays["y_train"], np.arange(60) % 3)


@pytest.mark.parametrize("last", [0, np.arange(60), np.arange(60) % 7], ids=["one value", "too many values", "few"])
def test_a_label_without_a_name_is_first_wherever_it_can_be(last):
    pixels = np.zeros((60, 256), np.uint8)
    pixels[:, -1] = last
    lines = "\n".join(",".join(map(str, [i % 3, *row])) for i, row in enumerate(pixels.tolist()))
    arrays, _ = images_of([("a.csv", lines.encode())])
    assert np.array_equal(arrays["x_train"], pixels.reshape(-1, 16, 16))
    assert np.array_equal(arrays["y_train"], np.arange(60) % 3)


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ([("train-images-idx3-ubyte.gz", gzip.compress(idx(IMAGES)))], "30 images without.*add train-labels-idx1"),
        ([("t10k-labels.idx1-ubyte", idx(LABELS))], "30 labels without their images: add t10k-images-idx3-ubyte, too"),
        ([("some", idx(IMAGES))], "add the IDX file of the labels, too"),
        ([("x", idx(IMAGES)), ("y", idx(LABELS[:9]))], "x holds 30 images and y 9 labels: these do not belong"),
        ([("x", idx(IMAGES[None]))], "x has 4 dimensions: images have 3, labels 1"),
        ([("x.gz", gzip.compress(idx(IMAGES))[:-20])], "compressed file cannot be read"),
        ([("a.csv", table() + b"1,2,3\n")], "Line 32 has 3 cells where the first one has 257"),
        ([("a.csv", table().replace(b"\n", b"\n\n") + b"1,2,3\n")], "has 3 cells where the first one has 257"),
        ([("a.csv", table(headed=False).replace(b"0,", b"0.5,", 1))], "Line 1 holds '0.5'; label and pixels are whole"),
        ([("a.csv", table() + b"1," * 256 + b"256")], "Line 32 holds '256'"),
        ([("a.csv", table() + b"1," * 256)], "Line 32 holds ''"),
        ([("a.csv", table() + b"1," * 256 + b"-1")], "Line 32 holds '-1'"),
        ([("test.csv", b",".join(b"pixel%d" % i for i in range(256)))], "256 pixels and no label"),
        ([("a.csv.gz", gzip.compress(table())[:-30])], "cannot be read"),
        ([("a.csv", table(slice(0)))], "^The file holds no images.$"),
        ([("x", idx(IMAGES[:0])), ("labels", idx(LABELS[:0]))], "^The file holds no images.$"),
        ([("a.csv", table()), ("test.csv", table(slice(0)))], "^The file holds no images to test on.$"),
        ([("m.npz", npz(x_train=IMAGES[:0], y_train=LABELS[:0], x_test=IMAGES, y_test=LABELS))], "no images to train"),
    ],
    ids=range(18),
)  # fmt: skip
def test_what_is_missing_or_wrong_is_one_sentence(files, words):
    with pytest.raises(DataError, match=words) as problem:
        images_of(files)
    assert str(problem.value).endswith(".")


@pytest.mark.parametrize("cell", ["1 2", "1'2", '1"2', "1  2", "1 '2", "1\r2"])
@pytest.mark.parametrize("place", [0, 100, 256])
@pytest.mark.parametrize(
    ("before", "line"), [(b"", 1), (table(), 32), (table(headed=False, lineterminator="\n\n"), 61)]
)
def test_a_blank_or_a_quote_within_a_number_is_refused(cell, place, before, line):
    row = ",".join(f' "{cell if at == place else at % 2}" ' for at in range(257)).encode()
    with pytest.raises(DataError) as problem:
        images_of([("a.csv", before + row + b"\r\n" + row)])
    assert str(problem.value) == f"Line {line} holds {cell!r}; label and pixels are whole numbers from 0 to 255."
    arrays, _ = images_of([("a.csv", before + row.replace(cell.encode(), b"12"))])
    assert [*arrays["y_train"][-1:], *arrays["x_train"][-1].ravel()][place] == 12


@pytest.mark.parametrize("place", [0, 100, 256])
def test_every_number_that_is_no_pixel_is_refused_and_every_pixel_is_itself(place):
    def written(value):
        return b",".join(b"%d" % (value if at == place else at % 2) for at in range(257))

    for value in range(256):
        arrays, _ = images_of([("a.csv", written(value))])
        assert [*arrays["y_train"][-1:], *arrays["x_train"][-1].ravel()][place] == value
    for value in range(256, 1000):
        with pytest.raises(DataError, match=f"Line 1 holds '{value}'; label and pixels are whole numbers from 0 to"):
            images_of([("a.csv", written(value))])


def test_a_file_that_unpacks_without_end_is_not_unpacked():
    line = b"0," * 256 + b"0\n"
    with pytest.raises(DataError, match="more than 70,000 images"):
        images_of([("a.csv.gz", gzip.compress(line * 80_000))])


@pytest.mark.parametrize(
    ("content", "form"),
    [
        (b"", ""),
        (b"\0\0", ""),
        (b"\0\0\0\0\0", ""),
        (b"a,b\n1,2\n", ""),
        (gzip.compress(b"a,b\n1,2\n"), ""),
        (gzip.compress(b"a")[:-9], ""),
        (b",".join([b"1"] * 65), ""),  # 8 x 8 pixels and a class are a table of columns, as before
        (b",".join([b"1"] * 201), ""),
        (table(), "pixels"),
        (idx(LABELS), "idx"),
        (npz(a=LABELS), "npz"),
    ],
)
def test_what_a_file_is_shows_in_how_it_begins(content, form):
    assert form_of(content) == form
