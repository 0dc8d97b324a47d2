"""The network put together block by block, with presets; what is composed is one text of the link, `cvblocks`.

Filters, kernel and pool of each block have controls that the link does not know: a change of one writes the text anew,
and the text, wherever it comes from, sets them all. Other images bring along blocks that fit them, which is said and
can be undone; a link that asks for blocks that do not fit is told so, with those that do beside.
"""

from functools import partial
from typing import Any, NamedTuple

import streamlit as st

from engine.experiment import recommended
from engine.vision import LESSON_BLOCKS, Block, blocks_of, blocks_text, fitting
from engine.vision.blocks import KERNELS, MOST_BLOCKS, MOST_FILTERS
from pages.common.link.changes import change, touched
from pages.common.link.controls import control, shown
from pages.common.link.link import put_some
from pages.common.settings import Settings
from pages.common.text import plain
from pages.sections.convolution.composed import SIDE, images_of
from pages.sections.convolution.settings import SETTINGS

_COUNT = "blocks_count"
_PARTS = ("filters", "kernel", "pool")
_CAME = "blocks_came"
SIDES = {"8x8": 8, "28x28": SIDE}  #: pixels of the images that are here whatever the sidebar holds


class Came(NamedTuple):
    """Blocks that came along with images: the controls `before`, by their keys, and `now`."""

    before: dict[str, Any]
    now: dict[str, Any]


class Preset(NamedTuple):
    """A network to begin with: what it is called, what it says, and what of the page's settings it changes."""

    title: str
    says: str
    changes: dict[str, Any]


NETWORK = ("cvdata", "cvblocks", "cvdense", "cvact", "cvlr", "cvepochs", "cvbatch")
PRESETS = {
    "small": Preset("A small one", "Two blocks of a few filters: trained in a second or two.", {}),
    "textbook": Preset(
        "The textbook's",
        "Convolutions of 32, 64 and 64 filters with two pools, then 64 units: about 93,000 parameters.",
        {"cvblocks": blocks_text(LESSON_BLOCKS), "cvdense": (64,), "cvlr": 0.001, "cvepochs": 5},
    ),
}


def composer(values: dict[str, Any]) -> None:
    """Show the controls of images, network and training."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
        control(SETTINGS["cvdata"], on_change=partial(_images_changed, values["cvdata"]))
        with st.popover(f"Network {_brief(values)}", icon=":material/view_in_ar:"):
            with st.container(horizontal=True, gap="small"):
                for name, preset in PRESETS.items():
                    more = {"help": preset.says, "type": "tertiary", "on_click": load, "args": (name,)}
                    st.button(preset.title, key=f"conv_{name}", **more)
            _blocks(values["cvblocks"])
            control(SETTINGS["cvblocks"])
            control(SETTINGS["cvdense"])
            control(SETTINGS["cvact"])
            control(SETTINGS["cvbatch"])
            if values["cvdata"] != "file":
                control(SETTINGS["cvmost"])
        control(SETTINGS["cvepochs"], width=70)
        control(SETTINGS["cvlr"], width=92)
    _blocks_came_along()


def offer_fitting(values: dict[str, Any], settings: Settings) -> None:
    """A button that takes blocks that fit the images; nothing where these are not what is wrong."""
    try:
        blocks, image = blocks_of(values["cvblocks"]), images_of(values, settings).image
    except ValueError:
        return
    fit = fitting(blocks, *image)
    if fit and fit != blocks:
        text = blocks_text(fit)
        st.button(
            f"Take blocks that fit: {text}", key="conv_fit", icon=":material/fit_screen:",
            on_click=change, args=({"cvblocks": text},),
        )  # fmt: skip


def load(name: str) -> None:
    """Take over a preset, trained by Adam (in a callback)."""
    wanted = {key: SETTINGS[key].default for key in NETWORK} | PRESETS[name].changes
    change({key: shown(SETTINGS[key], value) for key, value in wanted.items()})
    if st.session_state.optimizer != "adam":
        put_some({"optimizer": "adam"} | recommended("adam"))


def _brief(values: dict[str, Any]) -> str:
    dense = SETTINGS["cvdense"].format(values["cvdense"])
    text = values["cvblocks"] + ("" if dense == "none" else f" + {dense}")
    return text if len(text) <= 40 else f"{text[:39]}…"


def _blocks(text: str) -> None:
    """A row for each block; nothing where the text is none, which the page says."""
    try:
        blocks = blocks_of(text)
    except ValueError:
        return
    wanted = {_COUNT: len(blocks)}
    for i, block in enumerate(blocks):
        wanted |= {_key(part, i): getattr(block, part) for part in _PARTS}
    for key, value in wanted.items():
        if st.session_state.get(key) != value:
            change({key: value})
    about = {"on_change": _recomposed, "args": (blocks,)}
    st.segmented_control("Number of blocks", range(1, MOST_BLOCKS + 1), key=_COUNT, required=True, **about)
    for i in range(len(blocks)):
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            label = {"label_visibility": "visible" if i == 0 else "collapsed"}
            st.number_input("Filters", 1, MOST_FILTERS, key=_key("filters", i), step=4, width=110, **label, **about)
            st.segmented_control("Kernel", KERNELS, key=_key("kernel", i), required=True, **label, **about)
            st.toggle("Pool", key=_key("pool", i), **about)


def _key(part: str, block: int) -> str:
    return f"block_{block + 1}_{part}"


def _recomposed(before: tuple[Block, ...]) -> None:
    """Write the text anew from the controls; a further block is like the last one, without a pool."""
    keys = [_COUNT, *(_key(part, i) for i in range(len(before)) for part in _PARTS)]
    news = [touched(key) for key in keys]
    if not all(news):
        return
    here = st.session_state
    blocks = [Block(*(here[_key(part, i)] for part in _PARTS)) for i in range(len(before))]
    more = here[_COUNT] - len(blocks)
    blocks = blocks[: here[_COUNT]] + [Block(blocks[-1].filters, blocks[-1].kernel, False)] * max(more, 0)
    change({"cvblocks": blocks_text(blocks)})


def _images_changed(images: str, key: str) -> None:
    """Bring along blocks that fit, where those that are there do not; a text that names none stays, and is told so."""
    here = st.session_state
    if not touched(key) or here[key] not in SIDES:
        return
    try:
        blocks = blocks_of(here.cvblocks)
    except ValueError:
        return
    fit = fitting(blocks, SIDES[here[key]], SIDES[here[key]])
    if fit != blocks:
        before, now = {key: images, "cvblocks": here.cvblocks}, {key: here[key], "cvblocks": blocks_text(fit)}
        here[_CAME] = Came(before, now)
        change(now)


def _blocks_came_along() -> None:
    """Say that other blocks came along with the images, until one of them is another, with the way back."""
    came = st.session_state.get(_CAME)
    if came is None or any(st.session_state[key] != value for key, value in came.now.items()):
        return
    now, before = came.now["cvblocks"], came.before["cvblocks"]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(plain(f"Blocks that fit came along: {now}, in place of {before}."), width="content")
        undo = {"icon": ":material/undo:", "on_click": change, "args": (came.before,)}
        st.button("Undo", key="blocks_undo", type="tertiary", **undo)
