"""Lessons: a way in. One question each, on the page that answers it."""

from pages.common.app.navigation import ensure_router

ensure_router()

import streamlit as st

from pages.common.app.head import Head
from pages.common.glossary import TERMS
from pages.common.link.controls import control
from pages.common.link.page_settings import held
from pages.common.settings import chosen
from pages.sections.lessons.builder import builder
from pages.sections.lessons.gallery import found, gallery
from pages.sections.lessons.published import CHAPTER, published
from pages.sections.lessons.settings import SETTINGS

values, _ = held(SETTINGS.values())
Head("lessons", "One question each: predict, then watch what really happens.", chosen(), SETTINGS)
with st.container(horizontal=True, vertical_alignment="bottom"):
    control(SETTINGS["lchapter"])
    control(SETTINGS["lfind"], width=260, placeholder="vanishing, momentum, Glorot")
builder(chosen().experiment)
with st.expander("Words that come up, each in a sentence", key="glossary", icon=":material/dictionary:"):
    st.markdown("\n".join(f"- **{term}**: {says}" for term, says in TERMS.items()))
shown = found(values["lchapter"], values["lfind"])
gallery(shown)
if values["lchapter"] == str(CHAPTER) or (values["lfind"] and any(lesson.chapter == CHAPTER for lesson in shown)):
    st.header("Published numbers and ours", anchor=False)
    published()
