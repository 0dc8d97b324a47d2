"""Published results, run again: the published number, ours, the tolerance and the verdict, each to be opened.

What takes under two seconds is measured while the page is open, a little at a time once the table has been shown; what
takes longer when it is asked for. A miss stays in the table, with its reason.
"""

from time import perf_counter
from typing import Any
from urllib.parse import urljoin

import streamlit as st

from engine.cancellation import cancellable
from engine.lessons import LESSONS, Claim, Lesson
from pages.common.lesson.panel import claim_row, numbers, within
from pages.common.runs.computation import look_for_changes
from pages.common.text import count

CHAPTER = 5
AT_ONCE = 0.4  #: seconds of measuring in one pass of the page
_ASKED, _SHOWN = "published_asked", "published_shown"  #: whether the long ones were asked for; the table was seen
WAITS = "…"


def rows() -> list[tuple[Lesson, Claim]]:
    """Every claim of a published number, in the order of the lessons."""
    return [(lesson, claim) for lesson in LESSONS.values() if lesson.chapter == CHAPTER for claim in lesson.claims]


def published() -> None:
    """Show the table; numbers that are not measured yet follow while one looks."""
    waiting = any(not claim.measured for _, claim in rows() if claim.quick or st.session_state.get(_ASKED))
    st.fragment(_table, run_every=0.5 if waiting else None)(waiting)


def _table(waiting: bool) -> None:
    end, found = perf_counter() + (AT_ONCE if _SHOWN in st.session_state else 0), rows()
    st.session_state[_SHOWN] = True
    asked = st.session_state.get(_ASKED, False)
    for done, (_, claim) in enumerate(found):
        if not claim.measured and (claim.quick or asked) and perf_counter() < end:
            if not claim.quick:
                st.progress(done / len(found), f"Measuring: {claim.words}")
            with cancellable(look_for_changes):
                claim.measure()
    if waiting and all(claim.measured for _, claim in found if claim.quick or asked):
        st.rerun()  # nothing is to come any more
    lines = [_line(lesson, claim) for lesson, claim in found]
    columns = {name: [line[name] for line in lines] for name in lines[0]}
    agreeing = sum(line["agrees"] == "yes" for line in lines)
    st.caption(f"{agreeing} of {count(len(lines), 'published number')} agree within their tolerance.")
    config = {"open": st.column_config.LinkColumn(display_text="open"), "source": st.column_config.LinkColumn()}
    config |= {name: st.column_config.TextColumn(width="medium") for name in ("what", "published", "ours")}
    st.dataframe(columns, hide_index=True, column_config=config, width="stretch")
    slow = [claim for _, claim in found if not claim.quick and not claim.measured]
    if slow and not asked:
        label = f"Measure {count(len(slow), 'long one')} too, up to a minute each"
        if st.button(label, key="measure_long", icon=":material/straighten:"):
            st.session_state[_ASKED] = True
            st.rerun()


def _line(lesson: Lesson, claim: Claim) -> dict[str, Any]:
    row = {"measured": WAITS, "agrees": WAITS}
    if claim.measured:
        row = claim_row(claim, claim.words)
    return {
        "result": lesson.title,
        "what": claim.words,
        "published": numbers(claim.expected),
        "ours": row["measured"],
        "within": within(claim),
        "agrees": row["agrees"],
        "open": urljoin(st.context.url or "", f"{lesson.page}?lesson={lesson.key}"),
        "by": claim.source.author,
        "source": claim.source.url,
    }
