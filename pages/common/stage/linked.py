"""The stage of a page, as part of its link, and its film to take along.

Coming to rest on a step does not run the page again: the stage is a fragment. It writes the step into the address as
`at`, unless it is the last one, and `cover` where the future is covered, and both into the link to share. Charts are
not drawn anew for it either: a link that holds a step starts the player there.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from engine.experiment import SETTINGS
from engine.experiment.settings import quoted
from pages.common.app.head import Head
from pages.common.app.looks import is_large
from pages.common.app.notices import warn
from pages.common.lesson.classroom import awaits_answer
from pages.common.lesson.state import hidden, turn
from pages.common.link.changes import all_known
from pages.common.link.link import brief
from pages.common.link.page_settings import AT, COVER, tell, told
from pages.common.settings import chosen
from pages.common.stage.charts import Chart, skips, veiled
from pages.common.stage.film import film
from pages.common.stage.parts import packed, unpacked
from pages.common.stage.projector import enlarged, first_rows
from pages.common.stage.stage import mounted, travelling
from pages.common.text import setting_said


def linked_stage(
    head: Head,
    scope: str,
    charts: Sequence[Chart],
    steps: Sequence[int] = (),
    *,
    metrics: Mapping[str, Sequence[str]] | None = None,
    captions: Sequence[str] = (),
    near: Sequence[int] = (),
    asks: bool = False,
    follows: bool = False,
    closely: bool = False,
    on_click: Callable[[str, Mapping[str, Any]], None] | None = None,
    **more: Any,
) -> None:
    """Show the stage of a page.

    Args:
        head: Of the page: it has the link.
        scope: Name of the stage.
        charts: As in `stage`.
        steps: As in `stage`.
        metrics: As in `stage`.
        captions: What the film says under its charts, as plain text.
        near: As in `stage`.
        asks: As in `travelling`: the page then runs again at every rest, to add the steps near it.
        follows: Whether the page runs again at every rest, because it writes out numbers of that step.
        closely: Whether charts with room for fewer steps have those that are near the rest: the page then runs again
            at every rest as well, if there is such a chart.
        on_click: Called with the name of the chart and the point of a click, before the whole page runs again.
        **more: As in `stage`.
    """
    every = sorted({*map(int, steps), *map(int, near)})
    _hold_step(every)
    every_one = awaits_answer()
    from_start = every and (more.get("plays") or every_one)
    start, covered = (every[0] if from_start else nearest(every)), told(COVER)
    file = " ".join(["descent-lab", scope, *_differing()])
    own = {
        "near": near,
        "asks": asks,
        "metrics": metrics,
        "start": start,
        "covered": covered,
        "file": file,
        "turn": turn(),
    }
    follows |= asks or (closely and any(skips(chart, len(every)) for chart in charts))
    charts = [veiled(chart) if every_one or chart.name in hidden() else chart for chart in charts]
    if is_large():
        charts, more["first"] = [enlarged(chart) for chart in charts], first_rows(charts)
    payload = travelling(scope, charts, steps, **own, **more)
    st.session_state[f"{scope}-whole"] = True
    _play(head, scope, payload, range(every[-1] + 1) if asks else every, captions, on_click, follows)


@st.fragment
def _play(
    head: Head,
    scope: str,
    payload: bytes,
    steps: Sequence[int],
    captions: Sequence[str],
    on_click: Callable[[str, Mapping[str, Any]], None] | None,
    follows: bool,
) -> None:
    def click() -> None:
        where = st.session_state[f"{scope}-stage"].clicked
        on_click(where["chart"], where["points"][0])
        st.session_state[f"{scope}-clicked"] = True

    played = mounted(scope, payload, steps, click if on_click else None)
    if not st.session_state.pop(f"{scope}-whole", False) and not all_known():
        st.rerun()  # to write into an address of before would take out of it what has changed meanwhile
    if st.session_state.pop(f"{scope}-clicked", False):
        st.rerun()
    if played.step is not None:
        rest = None if played.step == steps[-1] else played.step
        moved = rest != told(AT)
        tell(AT, rest)
        if moved and follows:
            st.rerun()
    if played.covered is not None:
        tell(COVER, played.covered)
    head.write_link()
    here = chosen().experiment
    settings = ", ".join(setting_said(SETTINGS[key], getattr(here, key)) for key in brief(here))

    def taken_along() -> bytes:  # runs at the click, outside the session
        start = {} if played.step is None else {"start": played.step}
        cover = {} if played.covered is None else {"covered": played.covered}
        return film(
            packed(unpacked(payload) | start | cover),
            head.title,
            f"Settings: {settings or 'the usual ones'}",
            captions,
            head.link,
        )

    if steps:
        st.download_button(
            "Save as film",
            taken_along,
            f"descent-lab-{scope}.html",
            "text/html",
            icon=":material/movie:",
            type="tertiary",
            on_click="ignore",
            help="One file with these charts and their player, to be opened in any browser, without a network.",
        )


def _hold_step(steps: Sequence[int]) -> None:
    """Where the address asks for a step beyond the last one, say so once; the player rests on the last."""
    wish = told(AT)
    if len(steps) and wish is not None and wish > steps[-1]:
        warn([f"at: {quoted(wish)} is beyond the last step; {steps[-1]:,} is shown"])
        tell(AT, None)


def nearest(steps: Sequence[int]) -> int | None:
    """The key frame nearest to the step that the address asks for; the last one where it asks for none."""
    if not len(steps):
        return None
    wish = told(AT)
    return int(steps[-1] if wish is None else min(steps, key=lambda step: abs(step - wish)))


def _differing() -> list[str]:
    """The settings that are not the usual ones, as the link writes them: for the names of files."""
    return [f"{name} {'-'.join(texts)}" for name, texts in brief(chosen().experiment).items()]
