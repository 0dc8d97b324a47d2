"""Train: the whole of a run on one screen, moved step by step by one player."""

from pages.common.app.navigation import ensure_router

ensure_router()

from collections.abc import Mapping
from typing import Any

import streamlit as st

from pages.common.app.head import Head
from pages.common.app.notices import warn
from pages.common.link.controls import control
from pages.common.link.page_settings import AT, held, told
from pages.common.runs.cache import trained
from pages.common.runs.findings import gradient_findings
from pages.common.runs.near import with_near
from pages.common.runs.pin import difference, pin_buttons, pinned
from pages.common.runs.verdict import fill_remedies
from pages.common.settings import chosen
from pages.common.stage.charts import Chart, Place
from pages.common.stage.linked import linked_stage
from pages.common.text import plain
from pages.figures.norms import norms_figure
from pages.figures.train.history import history_figure
from pages.sections.train import by_hand, looked, probe
from pages.sections.train.charts import learned, network, numbers
from pages.sections.train.download import run_table
from pages.sections.train.outcome import more_button, outcome_of, outcome_row
from pages.sections.train.settings import SETTINGS
from pages.sections.train.welcome import first_visit, plays_once, welcome

MAIN, SIDE = (245, 620), (200, 420)  #: pixels: smallest, on a screen of 1280x800 with the player, and largest

settings = chosen()
before = pinned(settings)
held([SETTINGS["edges"]])
head = Head("train", "What does each step of descent change, and when has the network understood?", settings, SETTINGS)
new_here = first_visit(settings.experiment)
if new_here:
    welcome()
run = trained(settings, head)
rest = told(AT)
recording, near, asks = with_near(run, rest, settings, head)
other = None if before is None else with_near(trained(before, head), rest, before, head)[0]

with st.container(horizontal=True, vertical_alignment="bottom"):
    edges = control(SETTINGS["edges"], label_visibility="collapsed")
    focus, unknown = looked.look_control(recording)
    followed, unread = probe.probe_control(recording.data)
    if focus is not None:
        by_hand.start_field(recording, focus)
        st.button("Back", icon=":material/close:", type="tertiary", help="The whole network", on_click=looked.look_away)
    pin_buttons(settings, before)
warn([problem for problem in (unknown, unread) if problem])

answers = None if followed is None else probe.answers(recording, followed)
metrics = numbers(recording, other)
if followed is not None:
    metrics[followed.said] = probe.answer_texts(recording, answers)

if recording.event:
    says = st.error if recording.event.kind == "diverged" else st.info
    says(plain(recording.event.sentence), icon=":material/flag:")
with st.container(gap="xsmall"):
    with st.container(horizontal=True, vertical_alignment="center"):
        outcome = outcome_of(run)
        row = outcome_row(outcome)
        more_button(run)
    by_hand.start_line(recording.experiment)

versus = "" if before is None else difference(before.experiment, settings.experiment).text
diagram, said = network(recording, edges, focus, followed)
figure, says = learned(recording, focus, followed, answers)
clickable = probe.can_draw(recording.data) and (focus is None or len(recording.data.points) == 2)
charts = [
    Chart("diagram", diagram, said, Place(1, 1, 6), *MAIN, clicks=True),
    Chart("learned", figure, says, Place(1, 7, 6), *MAIN, square=True, clicks=clickable),
    Chart(
        "norms",
        norms_figure(recording),
        "Norm of each layer's gradient over the steps",
        Place(2, 1, 6),
        *SIDE,
        over_steps=True,
    ),
    Chart(
        "history",
        history_figure(recording, other),
        "Loss and accuracy of train and test",
        Place(2, 7, 6),
        *SIDE,
        over_steps=True,
    ),
]


def chosen_there(chart: str, point: Mapping[str, Any]) -> None:
    """Look at the unit or the edge that was clicked, or follow the input."""
    if chart == "diagram":
        looked.clicked(recording, point)
    else:
        probe.clicked(recording.data, point)


bends = "the curve bends to the points" if recording.data.labels is None else "the border between the answers bends"
watched = f"Watch where {bends}, and which layer's gradient is large then. An edge is as thick as its {edges} is large."
more = {
    "metrics": metrics,
    "sentences": {} if followed is None else {"Followed": probe.sentences(recording, followed, answers)},
    "findings": gradient_findings(recording),
    "captions": [watched],
    "total": recording.steps,
    "asks": asks,
    "plays": new_here and plays_once(),
}
linked_stage(head, "train", charts, run.frames, near=near, closely=True, on_click=chosen_there, **more)
st.caption(watched)
if fewer := looked.fewer_said(recording):
    st.caption(fewer)
if versus:
    st.caption(plain(f"{versus}. A is grey, its numbers stand in brackets."))
st.download_button(
    "Download the run as a table",
    lambda: run_table(recording),
    "descent-lab-run.csv",
    "text/csv",
    icon=":material/download:",
    type="tertiary",
    on_click="ignore",
    help="A line for each step: loss, learning rate, and the norms of every layer.",
)
fill_remedies([row], run, [outcome.finding], settings, head)
