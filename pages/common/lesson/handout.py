"""The handout: a page that is printed from the browser's menu is a sheet for a class.

It is black on white, on A4 and on Letter: the question, the settings, the charts at the present step, room to write.
"""

import streamlit as st

from engine.experiment import SETTINGS, Experiment
from pages.common.lesson.classroom import own_lesson
from pages.common.lesson.state import current
from pages.common.link.link import brief
from pages.common.text import plain

ROOM = 6  #: lines to write on
STYLE = """<style>
.st-key-handout { display: none; }
@media print {
  @page { margin: 15mm; }
  [data-testid="stSidebar"], [data-testid="stHeader"], [data-testid="stToolbar"], [data-testid="stBottom"],
  .stage .player, .stage .menu, .stButton, .stButtonGroup, .stDownloadButton, .stPopover, .stExpander,
  .st-key-lesson, .st-key-class, .st-key-welcome { display: none !important; }
  .st-key-handout { display: flex; }
  html, body, .stApp, .stMain { background: #ffffff !important; color: #000000 !important; }
  html, body, .stApp, .stMain { overflow: visible !important; }
  .stApp, .stMain, .stAppViewContainer { position: static !important; height: auto !important; }
  .stApp, .stMain, .stAppViewContainer { display: block !important; }
  .stMainBlockContainer { max-width: none !important; padding: 0 !important; }
  .stMain *, .js-plotly-plot text { color: #000000 !important; }
  .js-plotly-plot text { fill: #000000 !important; }
  figure, .stDataFrame { break-inside: avoid; }
  .write { border-bottom: 1px solid #999999; height: 9mm; }
}
</style>"""


def handout(experiment: Experiment) -> None:
    """What is on paper only: question and choices of the lesson that is open, the settings, lines to write on."""
    st.html(STYLE)
    lesson, own = current(), own_lesson()
    if lesson is None and own is None:
        return
    if own is not None:
        title, text, question, choices = own.title, own.text, own.question, own.choices
    else:
        title, text, question = lesson.title, lesson.fill(lesson.system), lesson.fill(lesson.question)
        choices = tuple(lesson.fill(choice) for choice in lesson.choices)
    differing = brief(experiment).items()
    settings = ", ".join(f"{SETTINGS[key].label.lower()} {'-'.join(texts)}" for key, texts in differing)
    with st.container(key="handout"):
        st.markdown(f"**{plain(title.strip())}**")
        boxes = "".join(f"\n- ☐ {plain(choice)}" for choice in choices)
        asked = f" **{plain(question.strip())}**" if question.strip() else ""
        st.markdown(f"{plain(text.strip())}{asked}\n{boxes}")
        st.markdown(f"Settings: {plain(settings or 'the usual ones')}.")
        st.html("<div class='write'></div>" * ROOM)
