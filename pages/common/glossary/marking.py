"""Marking words where they stand: underlined, and explained by pointer, by focus and by a tap."""

import re
from html import escape

import streamlit as st

from pages.common.glossary.terms import EVERYDAY, TERMS

_WORDS = {term.lower(): says for term, says in TERMS.items() if term not in EVERYDAY}
_NAMES = "|".join(re.escape(term).replace(r"\-", r"\\?-") for term in sorted(_WORDS, key=len, reverse=True))
#: What stays as it is, or a word; a hyphen may have been escaped.
_FIND = re.compile(rf"`[^`]*`|\$[^$]*\$|\]\([^)]*\)|(?<![\w-])({_NAMES})s?(?![\w-])", re.IGNORECASE)
#: How marked words look.
STYLE = """
.term { text-decoration: underline dotted; text-underline-offset: 3px; cursor: help; position: relative; }
.term:hover::after, .term:focus::after {
  content: attr(data-says); position: absolute; left: 0; bottom: 1.7em; z-index: 1000; width: max-content;
  max-width: min(280px, 70vw); padding: 6px 10px; border-radius: 6px; font-size: 13px; line-height: 1.4;
  background: #1d232f; color: #ffffff; box-shadow: 0 2px 10px rgba(0, 0, 0, 0.3); text-decoration: none;
}
"""


def caption(look: str, why: str = "") -> None:
    """A caption whose words are explained: what to look at, in two sentences at most, and behind a button why.

    Text of a visitor in it must have gone through `text.plain`.
    """
    if not why:
        st.caption(marked_terms(look), unsafe_allow_html=True)
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(marked_terms(look), unsafe_allow_html=True, width="stretch")
        with st.popover("Why?", type="tertiary"):
            st.markdown(marked_terms(why), unsafe_allow_html=True)


def help_of(label: str, meaning: str) -> str:
    """What stands behind the "?" of a control: its meaning, and the words of its label that it leaves unexplained."""
    found = dict.fromkeys(match[1].lower() for match in _FIND.finditer(label) if match[1])
    found.pop(label.lower().removesuffix("s"), None)  # which is what the meaning is about
    more = [f"{term[:1].upper()}{term[1:]}: {_WORDS[term][:1].lower()}{_WORDS[term][1:]}" for term in found]
    return " ".join([*([meaning] if meaning else []), *more])


def marked_terms(text: str) -> str:
    """Markdown in which the first mention of each word is marked; code, formulas and addresses stay as they are."""
    seen: set[str] = set()

    def mark(found: re.Match[str]) -> str:
        term = (found[1] or "").lower().replace("\\", "")
        if not term or term in seen:
            return found[0]
        seen.add(term)
        says = escape(_WORDS[term], quote=True)
        about = f'class="term" tabindex="0" role="note" data-says="{says}" aria-label="{term}: {says}"'
        return f"<span {about}>{found[0]}</span>"

    return _FIND.sub(mark, text)
