"""How every view of the Depth page lays out its numbers, its charts and its player."""

from typing import Any

import streamlit as st

from pages.common import theme
from pages.common.app.head import Head
from pages.common.player.film import film


def metrics(scope: str, shown: dict[str, list[str]], width: int = 92) -> Any:
    """The numbers that the player keeps up to date, in a row that has room for more."""
    row = st.container(key=f"{scope}-metrics", horizontal=True, vertical_alignment="center", gap="xsmall")
    for name, texts in shown.items():
        row.metric(name, texts[-1], width=width)
    return row


def grid(scope: str, charts: dict[str, tuple[Any, str]]) -> None:
    """The charts in rows of two, in the container that the player moves."""
    with st.container(key=scope):
        items = list(charts.items())
        for first in range(0, len(items), 2):
            for column, (key, (figure, alt)) in zip(st.columns(2), items[first : first + 2], strict=False):
                with column:
                    st.plotly_chart(figure, key=f"{scope}-{key}", config=theme.CONFIG, alt=alt)


def show_player(
    head: Head, scope: str, steps: list[int], shown: dict[str, list[str]] | None = None, total: int | None = None
) -> None:
    """The player below the page; `shown` are the numbers that it keeps up to date."""
    with st.bottom:
        film(head, scope, steps, shown or {}, total)
