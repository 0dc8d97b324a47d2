"""What a link held that could not be taken: said once, above the page, until the reader puts it away."""

import streamlit as st

from pages.common.text import count, plain

_GONE = "notices_gone"
MOST = 8  #: sentences shown; a broken link may hold hundreds


def show_notices(problems: tuple[str, ...]) -> None:
    """List the problems of the link with a button that dismisses them; nothing if there are none."""
    if not problems or _GONE in st.session_state:
        return
    rest = len(problems) - MOST
    lines = [f"- {plain(problem)}" for problem in problems[:MOST]]
    lines += [f"- and {count(rest, 'more', 'more')}"] if rest > 0 else []
    with st.container(key="notices"):
        st.warning("\n".join(lines), title="Parts of the link could not be taken", icon=":material/link_off:")
        st.button("Dismiss", key="notices_dismiss", type="tertiary", icon=":material/close:", on_click=_dismiss)


def _dismiss() -> None:
    st.session_state[_GONE] = True
