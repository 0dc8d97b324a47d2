"""Scripts round every page: components that show nothing, each a file beside this one."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st


def unseen(name: str, style: str = "") -> Callable[..., None]:
    """The component of the script of that name; called once in a run, it has the browser load it and hands it `data`.

    `style` is for what the script itself puts into the page.
    """
    component = st.components.v2.component(
        f"descent_lab_{name}",
        css=f".st-key-{name} {{ display: none; }}\n{style}",
        js=Path(__file__).with_name(f"{name}.js").read_text(encoding="utf-8"),
        isolate_styles=False,
    )

    def load(data: Any = None) -> None:
        with st.container(key=name, height=1, border=False):  # until the browser has it, a place is kept for it
            component(key=f"{name}_script", data=data)

    return load
