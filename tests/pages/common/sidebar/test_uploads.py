"""The user's own file: what it was read as is shown and can be changed, and none takes the server down."""

import gzip
import io
import os
import struct
import subprocess
import sys
import tomllib
import zipfile
from functools import partial
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from engine.experiment import REGRESSION_LOSSES, SETTINGS
from engine.losses import LOSSES
from pages.common.sidebar.uploads import MOST_MB

QUICK = {"steps": "5", "arch": "3"}
SEPALS = b"length,width,kind\n1.0,2.0,a\n2.0,1.0,b\n1.5,2.5,a\n2.5,1.5,b\n1.2,2.2,a\n2.2,1.2,b\n"
HEIGHTS = b"age,height\n" + b"".join(b"%d.5,%d.25\n" % (age, 70 + 6 * age) for age in range(12))
GAPS = b"id,size,colour,deck,y\n" + b"".join(
    b"%d,%d.5,%s,%s,%d\n" % (i, i % 7, [b"red", b"blue"][i % 2], [b"", b"3"][i % 3 == 0], i % 2) for i in range(60)
)
ROOT = Path(__file__).resolve().parents[4]


@pytest.fixture(scope="module")
def app(app):
    """A session with all folds open: some settings of a table are in one."""
    return partial(app, unfolded=True)


def chosen(session):
    """The data set that the session trains on."""
    return session.session_state["settings_chosen"].data


def captions(session):
    return " ".join(caption.value for caption in session.sidebar.caption).replace("\\", "")


def shown(session):
    """The table of columns: `{name: (used, read as, empty)}`."""
    table = session.data_editor[0].value
    return {row.Column: (row.Use, row["Read as"], row.Empty) for _, row in table.iterrows()}


def upload(session, content, name="own.csv"):
    session.file_uploader(key="csv_file").upload(name, content)
    session.run()
    assert not session.exception


def change_column(session, place, **cells):
    """Type into the table of columns."""
    key = session.data_editor[0].key
    session.session_state[key] = {"edited_rows": {place: cells}, "added_rows": [], "deleted_rows": []}
    session.run()
    assert not session.exception


def test_an_own_table_is_trained_on(app, metrics, experiment):
    session = app({**QUICK, "data": "csv"})
    upload(session, SEPALS)
    assert next(iter(metrics(session).values())) == "5"
    assert session.selectbox(key="csv_target").value == "kind"
    assert experiment(session).loss == "binary_cross_entropy"
    session.selectbox(key="csv_target").select("width").run()
    assert experiment(session).loss == "squared_error"
    assert session.selectbox(key="loss").options == [LOSSES[name].title for name in REGRESSION_LOSSES]
    assert not session.exception


def test_the_loss_of_a_table_that_is_still_to_come_is_left_open(app, experiment):
    session = app({**QUICK, "data": "csv"})
    assert session.selectbox(key="loss").value == experiment(session).loss == "auto"
    assert "loss=auto" in session.code[0].value
    upload(session, SEPALS)
    assert session.selectbox(key="loss").value == "binary_cross_entropy"
    assert SETTINGS["loss"].named("auto") not in session.selectbox(key="loss").options


def test_features_of_a_table_can_be_picked(app, metrics):
    session = app({**QUICK, "data": "csv"})
    upload(session, SEPALS)
    before = metrics(session)["Loss, train"]
    change_column(session, 1, Use=False)
    assert session.session_state["settings_chosen"].data.feature_names == ("length",)
    assert metrics(session)["Loss, train"] != before


def npz(n, labels, side=28):
    """A file as Keras' mnist.npz, its images with a bright row for each label."""
    images = np.zeros((n, side, side), np.uint8)
    images[np.arange(n), np.arange(n) % labels] = 255
    parts = {"x_train": images, "y_train": np.arange(n) % labels, "x_test": images, "y_test": np.arange(n) % labels}
    file = io.BytesIO()
    np.savez_compressed(file, **parts)
    return file.getvalue()


def test_own_images_are_trained_on(app, experiment, metrics, sent):
    session = app({**QUICK, "data": "csv", "samples": "40"})
    upload(session, npz(60, 5), "mnist.npz")
    assert any("120 images" in caption.value for caption in session.sidebar.caption)
    data = session.session_state["settings_chosen"].data
    assert data.x.shape == (784, 40)
    assert data.class_names == tuple("01234")
    assert experiment(session).loss == "softmax_cross_entropy"
    assert metrics(session)
    for page in ("layers", "backprop", "loss_surface", "optimizers", "train"):
        session.switch_page(f"pages/{page}.py").run()
        assert not session.exception
        assert sent(session) < 1e6
    upload(session, SEPALS)
    assert session.selectbox(key="csv_target").value == "kind"


def test_mnists_own_files_are_images_once_their_labels_are_there(app):
    """Gzipped, as they are distributed, one after the other; until then what was there before stays."""
    images, labels = np.zeros((30, 5, 5), np.uint8), (np.arange(30) % 3).astype(np.uint8)
    images[np.arange(30), labels] = 255
    packed = [
        gzip.compress(bytes([0, 0, 8, each.ndim]) + struct.pack(f">{each.ndim}I", *each.shape) + each.tobytes())
        for each in (images, labels)
    ]
    session = app({**QUICK, "data": "csv"})
    assert "mnist.npz, MNIST's own files of images and labels (.gz)" in captions(session)
    upload(session, SEPALS)
    upload(session, packed[0], "train-images-idx3-ubyte.gz")
    warned = session.sidebar.warning[0].value.replace("\\", "")
    assert (
        warned
        == "train-images-idx3-ubyte.gz holds 30 images without their labels: add train-labels-idx1-ubyte.gz, too."
    )
    assert chosen(session).class_names == ("a", "b")
    names, kind = ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"), "application/gzip"
    session.file_uploader(key="csv_file").set_value([(*file, kind) for file in zip(names, packed, strict=True)]).run()
    assert not session.sidebar.warning
    assert "train-images-idx3-ubyte.gz and train-labels-idx1-ubyte.gz: 30 of 30 images used: 22 to" in captions(session)
    assert chosen(session).image == (5, 5)
    session.number_input(key="samples").set_value(20).run()
    assert "20 of 30 images used" in captions(session)
    upload(session, SEPALS, "newer.csv")
    assert chosen(session).class_names == ("a", "b")


def test_lines_of_pixels_are_images_and_a_packed_table_is_a_table(app):
    rows = [",".join(map(str, [i % 2, *[255 * (i % 2)] * 256])) for i in range(20)]
    session = app({**QUICK, "data": "csv"})
    upload(session, "\n".join(rows).encode(), "mnist_test.csv")
    assert chosen(session).image == (16, 16)
    upload(session, gzip.compress(SEPALS), "sepals.csv.gz")
    assert chosen(session).input_names == ("length", "width")
    session.toggle(key="csv_headed").set_value(False).run()
    assert "sepals.csv.gz: 7 rows" in captions(session)
    upload(session, gzip.compress(b"\x80\x04" + bytes(MOST_MB * 2**20)), "mnist.pkl.gz")
    assert (
        "holds more than 20 MB. No line of it is an image; those come as mnist.npz" in session.sidebar.warning[0].value
    )
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("train.csv", "\n".join(rows))
    upload(session, zipped.getvalue(), "archive.zip")
    assert "holds train.csv: unpack it" in session.sidebar.warning[0].value.replace("\\", "")


def test_images_of_one_class_are_one_sentence_on_the_page(app):
    session = app({**QUICK, "data": "csv"})
    upload(session, npz(20, 1), "own.npz")
    assert "1 different values" in session.info[0].value


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"PK\x03\x04 broken", "npz"),
        (b"", "empty"),
        (b"a,b\n", "no rows"),
        (b"a,b\n1,2\n", "single row"),
        (b"a,b\n1,2\n3,4,5\n", "Line 3"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\xff", "text"),
    ],
    ids=["broken npz", "empty", "header only", "one row", "ragged", "not text"],
)
def test_a_bad_file_is_one_sentence_and_the_good_table_stays(app, metrics, content, word):
    session = app({**QUICK, "data": "csv", "lr": "0.1"})
    upload(session, HEIGHTS)
    before = metrics(session)
    upload(session, content, "bad.csv")
    assert len(session.sidebar.warning) == 1
    assert word in session.sidebar.warning[0].value
    assert metrics(session) == before
    assert session.number_input(key="lr").value == 0.1


def test_a_target_of_one_class_is_one_sentence_on_the_page(app, metrics):
    session = app({**QUICK, "data": "csv"})
    upload(session, b"a,b\n1.5,x\n2.5,x\n3.5,x\n")
    assert len(session.info) == 1
    assert not metrics(session)
    session.selectbox(key="csv_target").select("a").run()
    assert not session.info
    assert metrics(session)


def test_a_table_survives_a_look_at_another_data_set(app, choose, metrics):
    session = app({**QUICK, "data": "csv"})
    upload(session, HEIGHTS)
    before = metrics(session)
    choose(session, data="moons")
    choose(session, data="csv")
    assert metrics(session) == before


# What was read is shown


def test_the_table_of_columns_says_how_each_is_read(app):
    session = app({**QUICK, "data": "csv"})
    upload(session, GAPS)
    assert shown(session) == {
        "id": (False, "row number", 0),
        "size": (True, "number", 0),
        "colour": (True, "category", 0),
        "deck": (True, "number", 40),
        "→ y": (True, "category", 0),
    }
    assert session.data_editor[0].value["Examples"].tolist()[:3] == ["0, 1, 2", "0.5, 1.5, 2.5", "red, blue"]
    assert "own.csv: 60 rows. Cells parted by commas." in captions(session)


def test_rows_used_and_rows_lost_are_said(app):
    session = app({**QUICK, "data": "csv"})
    upload(session, GAPS)
    assert "20 of 60 rows used: 15 to train on, 5 to test on. 4 inputs, standardised" in captions(session)
    assert "40 of 60 rows have an empty cell: deck 40. Without deck it would be 0. These rows are left out" in captions(
        session
    )
    session.selectbox(key="missing").select("fill").run()
    assert "60 of 60 rows used" in captions(session)
    assert "filled by the median" in captions(session)
    session.selectbox(key="missing").select("drop").run()
    change_column(session, 3, Use=False)
    assert "60 of 60 rows used" in captions(session)
    assert "empty cell" not in captions(session)
    session.number_input(key="samples").set_value(10).run()
    assert "10 of 60 rows used" in captions(session)


def test_columns_that_cost_all_rows_are_named(app):
    session = app({**QUICK, "data": "csv"})
    upload(session, b"a,b,y\n1.5,,0\n2.5,,1\n,3,0\n,7,1\n")
    assert "0 of 4 rows have no empty cell" in session.info[0].value
    assert "4 of 4 rows have an empty cell: a 2 and b 2. Without a it would be 2." in captions(session)


def test_a_column_can_be_read_as_something_else(app):
    session = app({**QUICK, "data": "csv"})
    upload(session, SEPALS)
    change_column(session, 1, **{"Read as": "category"})
    names = chosen(session).input_names
    assert names[0] == "length"
    assert all(name.startswith("width=") for name in names[1:])
    assert shown(session)["width"] == (True, "category", 0)


def test_a_row_number_can_be_learnt_from_after_all(app):
    session = app({**QUICK, "data": "csv"})
    upload(session, GAPS)
    change_column(session, 0, Use=True)
    assert chosen(session).input_names[0] == "id"
    assert shown(session)["id"] == (True, "number", 0)


def test_the_column_to_learn_is_not_left_out(app):
    session = app({**QUICK, "data": "csv"})
    upload(session, SEPALS)
    change_column(session, 2, Use=False)
    assert "kind is to be learnt" in session.sidebar.warning[0].value
    session.run()
    assert not session.sidebar.warning
    assert shown(session)["→ kind"] == (True, "category", 0)


def test_a_target_of_numbers_may_be_classes_and_the_other_way_round(app, experiment):
    session = app({**QUICK, "data": "csv"})
    upload(session, GAPS)
    assert experiment(session).loss == "binary_cross_entropy"
    change_column(session, 4, **{"Read as": "number"})
    assert experiment(session).loss == "squared_error"
    assert chosen(session).task == "regression"


def test_the_first_line_can_be_taken_for_data(app):
    session = app({**QUICK, "data": "csv"})
    upload(session, b"born,died\nx,y\nu,v\nx,v\n")
    assert "3 rows" in captions(session)
    session.toggle(key="csv_headed").set_value(False).run()
    assert not session.exception
    assert "4 rows" in captions(session)
    assert list(shown(session)) == ["column 1", "→ column 2"]


def test_a_file_that_is_not_utf8_says_so_and_offers_a_way_out(app):
    session = app({**QUICK, "data": "csv"})
    upload(session, "улица;n\nМира;1\nЛесная;4\nМира;2\nЛесная;7\n".encode("cp1251"))
    assert "not UTF-8 but cp1252" in captions(session)
    session.selectbox(key="csv_encoding").select("cp1251").run()
    assert not session.exception
    assert list(shown(session)) == ["улица", "→ n"]


def test_scaling_can_be_switched_off(app):
    session = app({**QUICK, "data": "csv"})
    upload(session, HEIGHTS)
    assert abs(chosen(session).x[0, chosen(session).train].mean()) < 1e-12
    session.toggle(key="standardise").set_value(False).run()
    data = chosen(session)
    assert np.array_equal(data.x, data.points)
    assert (data.target_mean, data.target_std) == (0, 1)
    assert "inputs, as they are" in captions(session).replace("1 input,", "1 inputs,")


def test_whatever_changes_the_data_changes_what_stands_for_them_in_keys(app):
    """Depth keeps what it measured on the data by this alone."""
    session = app({**QUICK, "data": "csv"})
    upload(session, GAPS)
    seen = [session.session_state["settings_chosen"].fingerprint]
    for change in (
        lambda: session.toggle(key="standardise").set_value(False),
        lambda: session.selectbox(key="missing").select("fill"),
        lambda: session.slider(key="test").set_value(0.5),
        lambda: session.number_input(key="samples").set_value(30),
        lambda: session.number_input(key="seed").set_value(3),
        lambda: session.selectbox(key="csv_target").select("size"),
    ):
        change().run()
        seen.append(session.session_state["settings_chosen"].fingerprint)
    assert len({*seen}) == len(seen)


def test_the_truth_table_of_xor_is_trained_on_whole(app, metrics):
    session = app({"steps": "300", "data": "csv", "test": "0", "lr": "0.1"})
    upload(session, b"0,0,0\n0,1,1\n1,0,1\n1,1,0\n")
    assert "4 of 4 rows used: 4 to train on. 2 inputs" in captions(session)
    assert metrics(session)["Accuracy, train"] == "1.000"
    assert "Accuracy, test" not in metrics(session)
    for page in ("layers", "backprop", "loss_surface", "optimizers", "depth", "train"):
        session.switch_page(f"pages/{page}.py").run()
        assert not session.exception


def test_the_example_has_every_kind_of_column_and_gaps(app, metrics):
    session = app({**QUICK, "data": "csv"})
    session.button(key="csv_example").click().run()
    assert not session.exception
    assert {kind for _, kind, _ in shown(session).values()} == {"number", "category", "date", "row number"}
    assert any(empty for _, _, empty in shown(session).values())
    assert metrics(session)
    assert "csv_example" not in [button.key for button in session.button]


# The link


def link_of(session):
    query = parse_qs(urlsplit(session.code[0].value).query, keep_blank_values=True, strict_parsing=True)
    return {key: values if key == "features" else values[-1] for key, values in query.items()}


def test_how_columns_are_read_is_in_the_link_but_nothing_of_their_content(app, choose):
    session = app({**QUICK, "data": "csv"})
    upload(session, GAPS)
    assert session.query_params["columns"] == "out-number-category-number-target_category"
    change_column(session, 3, Use=False)
    assert session.query_params["columns"] == "out-number-category-out-target_category"
    session.selectbox(key="csv_target").select("size").run()
    shared = link_of(session)
    assert shared["columns"] == "out-target_number-category-out-number"
    assert not [word for word in ("colour", "deck", "blue") if word in session.code[0].value]
    other = app(shared)
    upload(other, GAPS)
    assert chosen(other).input_names == chosen(session).input_names
    assert chosen(other).target_name == "size"
    choose(session, data="moons")
    assert "columns" not in session.query_params
    assert "columns" not in link_of(session)


def test_a_link_for_another_table_is_said_not_to_suit(app):
    session = app({**QUICK, "data": "csv", "columns": "number-target_number"})
    upload(session, SEPALS)
    assert "does not suit this table" in session.sidebar.warning[0].value
    assert chosen(session).input_names == ("length", "width")


def test_a_mended_file_keeps_how_columns_are_read_and_another_one_does_not(app):
    session = app({**QUICK, "data": "csv"})
    upload(session, SEPALS)
    change_column(session, 1, Use=False)
    upload(session, SEPALS + b"1.1,2.1,a\n")
    assert chosen(session).input_names == ("length",)
    upload(session, SEPALS.replace(b"width", b"breadth"))
    assert chosen(session).input_names == ("length", "breadth")


# Limits


def test_one_limit_holds_for_the_server_and_what_the_uploader_says(app):
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert config["server"]["maxUploadSize"] == MOST_MB
    uploader = app({**QUICK, "data": "csv"}).file_uploader(key="csv_file")
    assert uploader.proto.max_upload_size_mb == MOST_MB
    assert f"at most {MOST_MB} MB" in uploader.proto.help
    assert MOST_MB * 2**20 > 11_490_434, "mnist.npz, as Keras serves it, can be uploaded"


def test_three_hundred_hostile_files_are_data_or_one_sentence_within_bounded_memory():
    """The program sets the bound itself, 400 MB beyond what the libraries take; two minutes are ten times its need."""
    if not sys.platform.startswith("linux"):
        pytest.skip("the bound of memory is Linux'")
    program = Path(__file__).with_name("hostile_files.py")
    here = {"env": {**os.environ, "PYTHONPATH": str(ROOT)}, "timeout": 120, "text": True}
    done = subprocess.run([sys.executable, program], check=False, capture_output=True, **here)
    assert done.returncode == 0, done.stderr[-2000:]
    files, kept = map(int, done.stdout.split())
    assert files >= 300
    assert kept < files
