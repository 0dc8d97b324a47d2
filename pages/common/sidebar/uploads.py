"""What there is to learn: a named data set, the user's own table, or images with labels in any of their usual forms.

Files are read once, when they arrive: the newest one, and with it those that belong to the same images. One that cannot
be used is one sentence, and what was there before stays. Its
content stays in this session and never goes into the link. The table to try, example.csv, is made up for this lab and
free for any use (CC0).
"""

import hashlib
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from engine.datasets import DATASETS, DataError, Dataset, Fold, from_columns, mnist
from engine.datasets.catalogue import MOST_ROWS
from engine.datasets.encoding import MOST_NUMBERS
from engine.datasets.given import classes_of
from engine.datasets.image_files import WAYS, form_of, images_of
from engine.experiment import SETTINGS
from engine.training import OwnData
from pages.common.link.changes import change
from pages.common.link.page_settings import COLUMNS, tell
from pages.common.text import count, listed, plain

MOST_MB = 20  #: of a file; .streamlit/config.toml tells the server the same
EXAMPLE = Path(__file__).with_name("example.csv")
NOTHING = "Choose a file in the sidebar, or try the example there. The content of a table is never part of a link."
_FILE, _MADE = "csv_kept_file", "csv_kept_data"


class Source(NamedTuple):
    """A task, "classification" or "regression", with so many classes; `data` is None for the named sets.

    `fingerprint` stands for the data in keys; `missing` is a sentence where there is nothing to train on yet; `own`
    makes the data anew for another sample or split.
    """

    task: str
    classes: int | None
    data: Dataset | None = None
    fingerprint: str = ""
    missing: str = ""
    own: OwnData | None = None


class Upload(NamedTuple):
    """The newest good table or images, and the sentence about a bad file that came after it.

    `files` are the names that Streamlit has for those in the uploader; `content` is that of a table, which may be read
    in another way; `total` is how many images there are.
    """

    files: tuple[str, ...] = ()
    name: str = ""
    content: bytes = b""
    table: Any = None
    images: dict[str, np.ndarray] | None = None
    total: int = 0
    digest: str = ""
    problem: str = ""


class Picked(NamedTuple):
    """What was picked: the upload, what is learnt of its table (a `table_panel.Picked`), and where to say what came."""

    upload: Upload
    columns: Any
    below: Any


def named(name: str, points: str = "") -> Source:
    """A data set of the lab; of points of one's own the classes are counted."""
    tell(COLUMNS, "")
    classes = classes_of(SETTINGS["points"].read(points)[0]) if name == "drawn" else DATASETS[name].n_classes
    return Source(DATASETS[name].task, classes)


def pick() -> Picked:
    """Show the uploader, what was wrong with a file, and its columns once there is a table."""
    files = st.file_uploader(
        "Your table or images",
        accept_multiple_files=True,  # of any ending: MNIST's own files have none
        max_upload_size=MOST_MB,
        key="csv_file",
        help=f"A table as text (CSV), of at most {MOST_MB} MB and {MOST_ROWS:,} rows; or images with labels: {WAYS}. "
        "Several files of one set may be given together, of others the last one counts. They stay in this session; "
        "the link does not hold them.",
    )
    upload, present = st.session_state.get(_FILE, Upload()), tuple(file.file_id for file in files)
    if not files:
        upload = upload._replace(problem="")
    elif present != upload.files:
        with st.spinner("Reading the file"):
            upload = _read([(file.name, file.getvalue()) for file in files], present, upload)
        if upload.images is not None and st.session_state.samples == DATASETS["csv"].samples:
            change({"samples": mnist.USUAL_SAMPLES})  # all of them where somebody asks for them
    if not upload.name:
        st.caption(plain(f"A table (CSV), or images with labels: {WAYS}. Gzip what has more than {MOST_MB} MB."))
        more = {"icon": ":material/table:", "width": "stretch", "on_click": _try_example}
        st.button("Try an example", key="csv_example", help="120 made-up plants, with dates and empty cells.", **more)
    if upload.problem:
        st.warning(plain(upload.problem))
    columns = None
    if upload.table is not None:
        table, columns = _panel().pick(upload.name, upload.content, upload.table)
        upload = upload._replace(table=table)
    st.session_state[_FILE] = upload
    return Picked(upload, columns, st.container(gap="xxsmall"))


def source(picked: Picked, *, samples: int, test: float | Fold, seed: int, standardise: bool, missing: str) -> Source:
    """The task that the table or the images set; made anew only when something changes, and said below the columns."""
    upload, columns, below = picked
    if not upload.name:
        return Source("classification", None, missing=NOTHING)
    key = upload.digest if columns is None else f"{upload.digest} {columns.key}"
    settings = (key, samples, test, seed, standardise, missing)
    made = st.session_state.get(_MADE)
    if made is None or made[0] != settings:
        made = st.session_state[_MADE] = (settings, *_made(picked, samples, test, seed, standardise, missing))
    _, data, problem = made
    with below:
        if columns is not None:
            rows = _used(data, columns.rows, "row")
            _panel().say(columns, data, rows, standardise=standardise, missing=missing)
        elif data is not None:
            top = 1 if standardise else 255
            st.caption(
                plain(
                    f"{upload.name}: {_used(data, upload.total, 'image')}; Points, below, says how many. Each pixel is "
                    f"an input, 0 to {top}."
                )
            )
    if data is None:
        return Source("classification", None, missing=problem)
    fingerprint = " ".join(map(str, settings))
    classes = None if data.labels is None else len(data.class_names)
    return Source(data.task, classes, data, fingerprint, own=_own(picked))


def _made(
    picked: Picked, samples: int, test: float | Fold, seed: int, standardise: bool, missing: str
) -> tuple[Dataset | None, str]:
    """The data set, or None and the sentence that says why there is none."""
    try:
        own, gaps = _own(picked), {} if picked.columns is None else {"missing": missing}
        return own.make(samples=min(samples, own.most), test=test, seed=seed, scale=standardise, **gaps), ""
    except DataError as problem:
        return None, str(problem)


def _own(picked: Picked) -> OwnData:
    """What makes a data set of the columns that were picked, or of the images."""
    if picked.columns is not None:
        return OwnData(partial(from_columns, picked.columns.used, picked.columns.target), MOST_ROWS, gaps=True)
    images, labels, *held = (picked.upload.images.get(name) for name in mnist.NPZ_NAMES)
    parted = None if held[0] is None else tuple(held)
    return OwnData(partial(mnist.dataset, images, labels, held=parted), mnist.MOST_SAMPLES)


def _used(data: Dataset | None, total: int, thing: str) -> str:
    """How many of the rows or images are used, and for what: never silently some of them."""
    if data is None:
        return ""
    width, used = data.points.shape
    full = f" (all that {MOST_NUMBERS:,} numbers allow)" if used < total and used == MOST_NUMBERS // width else ""
    parts = f"{len(data.train):,} to train on" + (f", {len(data.test):,} to test on" if len(data.test) else "")
    return f"{used:,} of {count(total, thing)} used{full}: {parts}"


def _read(files: list[tuple[str, bytes]], present: tuple[str, ...], before: Upload) -> Upload:
    """What the newest file is, with those that belong to it; where it is no good, what was there before and why."""
    name, content = files[-1]
    try:
        if len(content) > MOST_MB * 2**20:
            raise DataError(f"The file has {len(content) / 2**20:.1f} MB; at most {MOST_MB} MB can be read.")
        if form_of(content):
            arrays, names = images_of(files)
            total = sum(len(array) for key, array in arrays.items() if key.startswith("x"))
            digest = _digest(*(content for name, content in files if name in names))
            return Upload(present, listed(names), images=mnist.thinned(arrays), total=total, digest=digest)
        if content.startswith(mnist.GZIP):
            content = _unpacked(content)
        return Upload(present, name, content, _panel().arrived(content, before.table), digest=_digest(content))
    except DataError as problem:
        return before._replace(files=present, problem=f"{name}: {problem}".replace(f"{name}: {name}", name))


def _unpacked(content: bytes) -> bytes:
    try:
        return mnist.unzipped(content, MOST_MB * 2**20)
    except DataError as problem:
        raise DataError(f"{problem} No line of it is an image; those come as {WAYS}.") from None


def _digest(*contents: bytes) -> str:
    return hashlib.sha256(b"".join(contents)).hexdigest()[:16]


def _try_example() -> None:
    st.session_state[_FILE] = _read([(EXAMPLE.name, EXAMPLE.read_bytes())], (), Upload())


def _panel() -> Any:
    """The part that needs pandas, which takes a third of a second to load: only once there is a table."""
    from pages.common.sidebar import table_panel  # noqa: PLC0415

    return table_panel
