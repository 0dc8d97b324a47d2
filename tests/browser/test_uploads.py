"""A file of one's own as a person gives it: the table of columns is a canvas, and a file really travels."""

from __future__ import annotations

import io
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

ROW = 35  #: pixels of the table of columns


def reads(page, words):
    """Wait until the address says how the last columns are read."""
    page.wait_for_url(lambda url: parse_qs(urlsplit(url).query).get("columns", [""])[0].endswith(words))


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_a_column_is_left_out_by_a_click_and_another_one_learnt(app_url, open_page, wait_idle, rerun, width, height):
    page = open_page(f"{app_url}/train?data=csv&steps=20", width=width, height=height)
    if width < 700:
        page.get_by_test_id("stExpandSidebarButton").click()
    with rerun(page):
        page.get_by_role("button", name="Try an example").click()
    reads(page, "-number-number-target_category")
    page.get_by_text("67 of 120 rows used").wait_for()
    wait_idle(page)
    table = page.locator('[data-testid="stSidebar"] .dvn-scroller')
    with rerun(page):
        table.click(position={"x": 18, "y": 7 * ROW + ROW / 2})  # soil pH, which has most of the empty cells
    reads(page, "-out-number-target_category")
    page.get_by_text("106 of 120 rows used").wait_for()
    wait_idle(page)
    with rerun(page):
        page.get_by_role("combobox", name="Target").click()
        page.get_by_role("option", name="harvest kg").click()
    reads(page, "-out-target_number-category")


def test_a_file_of_the_size_of_mnist_can_be_uploaded(app_url, page, wait_idle, rerun, tmp_path):
    """11.5 MB, as Keras' mnist.npz: random images can hardly be compressed."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (14_500, 28, 28), dtype=np.uint8)
    labels = (np.arange(14_500) % 10).astype(np.uint8)
    file = io.BytesIO()
    np.savez_compressed(file, x_train=images, y_train=labels, x_test=images[:100], y_test=labels[:100])
    assert 11e6 < len(file.getvalue()) < 12e6
    (tmp_path / "mnist.npz").write_bytes(file.getvalue())
    page.goto(f"{app_url}/train?data=csv&steps=5&samples=200")
    wait_idle(page)
    with rerun(page):
        page.set_input_files("input[type=file]", tmp_path / "mnist.npz")
    page.get_by_text("200 of 14,600 images used: 150 to train on, 50 to test on").wait_for()


def test_mnists_own_files_are_given_together(app_url, page, wait_idle, rerun, tmp_path):
    """Their names have no ending, by which a browser could tell what they are."""
    images, labels = np.zeros((60, 9, 9), np.uint8), (np.arange(60) % 3).astype(np.uint8)
    images[np.arange(60), labels] = 255
    files = {"train-images-idx3-ubyte": images, "train-labels-idx1-ubyte": labels}
    for name, array in files.items():
        (tmp_path / name).write_bytes(
            bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes() + array.tobytes()
        )
    page.goto(f"{app_url}/train?data=csv&steps=5")
    wait_idle(page)
    with rerun(page):
        page.set_input_files("input[type=file]", [tmp_path / name for name in files])
    page.get_by_text("60 of 60 images used: 45 to train on, 15 to test on").wait_for()
