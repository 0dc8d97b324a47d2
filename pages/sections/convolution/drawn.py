"""Which image is sent through: one of the data by its number, or one drawn by hand, in a popover of its own."""

from typing import Any

import streamlit as st

from engine.datasets import Dataset
from pages.common.link.page_settings import tell, told
from pages.sections.convolution.digit import digit, put_away
from pages.sections.convolution.image import Image, drawn, numbered
from pages.sections.convolution.ink import read
from pages.sections.convolution.settings import SETTINGS

HOW = {
    "8x8": "It is brought to the size of the digits here, each pixel of 8 × 8 the ink of its cells.",
    "28x28": "It is made as the digits here were: brought to 8 × 8 pixels, and enlarged.",
    "file": "It is made as MNIST's are: brought into the middle 20 of 28 pixels, its centre of mass in the middle.",
}


def drawn_or_numbered(data: Dataset, values: dict[str, Any]) -> tuple[Image, str]:
    """The image, and a sentence where the link holds a drawing that cannot be read."""
    text, problem, kind = told(SETTINGS["cvdrawn"]), "", values["cvdata"]
    image = numbered(data, values["cvimage"])
    if text:
        try:
            image = drawn(text, data, kind)
        except ValueError as unreadable:
            tell(SETTINGS["cvdrawn"], "")
            text, problem = "", str(unreadable)
    with st.popover("Draw a digit", icon=":material/draw:"):
        digit(read(text) if text else "")
        st.caption(f"{HOW[kind]} It stays in the link.")
    if text:
        more = {"type": "tertiary", "icon": ":material/close:", "on_click": put_away}
        st.button("Back to the images", key="put_away", **more)
    return image, problem
