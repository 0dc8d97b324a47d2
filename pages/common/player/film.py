"""The player of a page, and the step at which it rests as part of the link.

Coming to rest on a step does not run the page again: the player is a fragment. It writes the step into the address
as `at`, unless it is the last one, and into the link to share. Charts are not drawn anew for it either: a link that
holds a step starts the player there.
"""

from collections.abc import Mapping, Sequence

import streamlit as st

from pages.common.app.head import Head
from pages.common.link.page_settings import AT, tell, told
from pages.common.player.player import player


@st.fragment
def film(
    head: Head,
    scope: str,
    steps: Sequence[int],
    metrics: Mapping[str, Sequence[str]],
    total: int | None = None,
    rate: int = 10,
) -> None:
    """Show the player; arguments as in `player`, `metrics` by their names."""
    rows = list(zip(*metrics.values(), strict=True)) or None
    rest = player(scope, steps, start=nearest(steps), total=total, metrics=rows, rate=rate)
    if rest is not None:
        tell(AT, None if rest == steps[-1] else rest)
    head.write_link()


def nearest(steps: Sequence[int]) -> int:
    """The key frame nearest to the step that the address asks for; the last one where it asks for none."""
    wish = told(AT)
    return int(steps[-1] if wish is None else min(steps, key=lambda step: abs(step - wish)))
