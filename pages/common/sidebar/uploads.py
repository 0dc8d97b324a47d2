"""What there is to learn: a named data set, the user's own table, its target and features picked here, or images.

A file is read once, when it arrives: a table as CSV, or images with labels as `mnist.npz` holds them. A file that
cannot be used is one sentence, and what was there before stays. The content never goes into the link.
"""

import hashlib
from typing import NamedTuple

import numpy as np
import streamlit as st

from engine.datasets import DATASETS, Dataset, Table, load, mnist, read_table
from engine.datasets.tables import TableError
from pages.common.text import count, plain

_FILE, _MADE = "csv_kept_file", "csv_kept_data"
_PICKERS = ("csv_target", "csv_features", "csv_kind")


class Source(NamedTuple):
    """A task, "classification" or "regression", with so many classes; `data` is None for the named sets.

    `fingerprint` stands for the data in keys; `missing` is a sentence where there is nothing to train on yet.
    """

    task: str
    classes: int | None
    data: Dataset | None = None
    fingerprint: str = ""
    missing: str = ""


class Upload(NamedTuple):
    """The newest good table or images, and the sentence about a bad file that came after it."""

    file: str = ""
    name: str = ""
    table: Table | None = None
    images: dict[str, np.ndarray] | None = None
    digest: str = ""
    problem: str = ""


class Picked(NamedTuple):
    """The column to learn, the columns to learn it from, and whether it is a "class" or a "number"."""

    target: str
    features: tuple[str, ...]
    kind: str


def named(name: str) -> Source:
    """A data set of the lab."""
    return Source(DATASETS[name].task, DATASETS[name].n_classes)


def pick() -> tuple[Upload, Picked | None]:
    """Show the uploader, what was wrong with a file, and the pickers once there is a table."""
    file = st.file_uploader(
        "Your table (CSV)",
        ["csv", "tsv", "txt", "npz"],
        max_upload_size=20,
        key="csv_file",
        help="At most 5 MB and 20,000 rows; or images with labels, as mnist.npz holds them. "
        "It stays in this session; the link does not hold it.",
    )
    upload = st.session_state.get(_FILE, Upload())
    if file is None:
        upload = upload._replace(problem="")
    elif file.file_id != upload.file:
        upload = _read(file.name, file.file_id, file.getvalue(), upload)
    st.session_state[_FILE] = upload
    if upload.problem:
        st.warning(plain(upload.problem))
    if upload.name:
        st.caption(plain(upload.name))
    return upload, None if upload.table is None else _columns(upload.table)


def source(upload: Upload, picked: Picked | None, *, samples: int, test: float, seed: int) -> Source:
    """The task that the table or the images set, scaled and split; made anew only when something changes."""
    if upload.table is None and upload.images is None:
        missing = "Choose a CSV file in the sidebar. The content of a table is never part of a link."
        return Source("classification", None, missing=missing)
    key = f"{upload.digest} {picked}"
    made = st.session_state.get(_MADE)
    if made is None or made[0] != (key, samples, test, seed):
        made = ((key, samples, test, seed), _made(upload, picked, key, samples, test, seed))
        st.session_state[_MADE] = made
    return made[1]


def _columns(table: Table) -> Picked:
    names = [column.name for column in table.columns]
    target = st.selectbox(
        "Target",
        names,
        len(names) - 1,
        key="csv_target",
        persist_state="session",
        help="The column to learn: classes make it a classification, numbers a regression.",
    )
    others = [name for name in names if name != target]
    features = st.multiselect(
        "Features",
        others,
        key="csv_features",
        persist_state="session",
        placeholder="All other columns",
        help="The columns to learn from; text becomes one input for each of its values.",
    )
    column = table.column(target)
    kind = column.kind
    if kind == "class" and column.numbers is not None:
        kinds = ["class", "number"]
        kind = st.segmented_control("Target is a", kinds, default=kind, required=True, key="csv_kind")
    return Picked(target, tuple(features or others), kind)


def _made(upload: Upload, picked: Picked | None, key: str, samples: int, test: float, seed: int) -> Source:
    try:
        if picked is None:
            images, labels, *held = (upload.images[name] for name in mnist.NPZ_NAMES)
            data = mnist.dataset(images, labels, held=tuple(held), samples=samples, test=test, seed=seed)
        else:
            columns = {"target": picked.target, "columns": picked.features, "kind": picked.kind}
            data = load("csv", table=upload.table, samples=samples, test=test, seed=seed, **columns)
    except (TableError, mnist.MnistError) as problem:
        return Source("classification", None, missing=str(problem))
    return Source(data.task, None if data.labels is None else len(data.class_names), data, key)


def _read(name: str, file: str, content: bytes, before: Upload) -> Upload:
    table = images = None
    try:
        if content.startswith(mnist.ZIP):
            arrays = mnist.read_npz(content)
            images = mnist.thinned(arrays)
            what = count(sum(len(arrays[key]) for key in ("x_train", "x_test")), "image")
        else:
            table = read_table(content)
            what = count(table.rows, "row")
    except (TableError, mnist.MnistError) as problem:
        return before._replace(file=file, problem=f"{name}: {problem}")
    for key in _PICKERS:
        st.session_state.pop(key, None)
    return Upload(file, f"{name}: {what}", table, images, hashlib.sha256(content).hexdigest()[:16])
