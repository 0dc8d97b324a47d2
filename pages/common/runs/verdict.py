"""The verdict on a run, the same on every page: its word in a badge, and what says so.

While a lesson asks its question there is none: it would be the answer.
"""

import streamlit as st

from engine.diagnostics import Finding
from pages.common import theme
from pages.common.lesson.state import hidden
from pages.common.text import plain


def verdict_badge(finding: Finding, more: str = "") -> None:
    """The word alone; what says so, and `more`, under the pointer."""
    if hidden():
        return
    look = theme.VERDICTS[finding.severity]
    said = f"{finding.measure[0].upper()}{finding.measure[1:]}."
    st.badge(finding.word, icon=look.icon, color=look.badge, help=plain(f"{said} {more}".strip()))


def verdict_line(finding: Finding, where: str, whose: str = "") -> None:
    """The word, where it is so, and what says so (of `whose` measure)."""
    if hidden():
        return
    look = theme.VERDICTS[finding.severity]
    st.markdown(
        f":{look.badge}-badge[{look.icon} {finding.word}] **{plain(where)}** :small[{whose}{finding.measure}]",
        width="content",
    )
