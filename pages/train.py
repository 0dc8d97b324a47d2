"""Train: the whole of a run on one screen, moved step by step by one player."""

import plotly.graph_objects as go
import streamlit as st

from engine.diagnostics import run_findings
from engine.training import Recording
from pages.common.app.head import Head
from pages.common.app.navigation import ensure_router
from pages.common.link.controls import control
from pages.common.link.page_settings import AT, held, told
from pages.common.runs.cache import trained
from pages.common.runs.verdict import verdict_line
from pages.common.settings import chosen
from pages.common.stage.charts import Chart, Place
from pages.common.stage.linked import linked_stage
from pages.common.text import number, plain, share, short
from pages.figures.diagram import diagram_figure
from pages.figures.norms import norms_figure
from pages.figures.train.boundary import boundary_figure, can_draw
from pages.figures.train.confusion import confusion_figure
from pages.figures.train.history import history_figure
from pages.figures.train.predictions import scatter_figure
from pages.sections.train.download import run_table
from pages.sections.train.near import with_near
from pages.sections.train.settings import SETTINGS
from pages.sections.train.welcome import first_visit, plays_once, welcome

MAIN, SIDE = (245, 620), (200, 420)  #: pixels: smallest, on a screen of 1280x800 with the player, and largest


def learned(recording: Recording) -> tuple[go.Figure, str]:
    """What the network has learned, and what the chart says to those who do not see it."""
    if can_draw(recording.data):
        return boundary_figure(recording), "What the network says about every input, with the data"
    if recording.data.labels is None:
        return scatter_figure(recording), "Predicted against true values"
    part = "test" if len(recording.data.test) else "train"
    return confusion_figure(recording, part), f"Confusion matrix of the {part} part"


ensure_router()
settings = chosen()
held([SETTINGS["edges"]])
head = Head("train", "What does each step of descent change, and when has the network understood?", settings, SETTINGS)
new_here = first_visit(settings.experiment)
if new_here:
    welcome()
recording = trained(settings, head)
steps = recording.frames
recording, near = with_near(recording, told(AT), settings, head)

shown = {"Loss, train": recording.train_loss, "Loss, test": recording.test_loss}
metrics = {f"Step of {recording.steps:,}": [f"{step:,}" for step in recording.frames]}
metrics |= {name: [number(value) for value in values] for name, values in shown.items() if values is not None}
if recording.train_accuracy is not None:
    metrics["Accuracy, train"] = [share(value) for value in recording.train_accuracy]
if recording.test_accuracy is not None:
    metrics["Accuracy, test"] = [share(value) for value in recording.test_accuracy]
metrics["Learning rate"] = [short(value) for value in recording.lr[recording.frames]]

edges = control(SETTINGS["edges"], label_visibility="collapsed")
if recording.event:
    says = st.error if recording.event.kind == "diverged" else st.info
    says(plain(recording.event.sentence), icon=":material/flag:")
for finding in run_findings(recording):
    if finding.word != "healthy":
        verdict_line(finding, "The run")

figure, says = learned(recording)
charts = [
    Chart("diagram", diagram_figure(recording, edges), f"Network diagram: each edge's {edges}", Place(1, 1, 6), *MAIN),
    Chart("learned", figure, says, Place(1, 7, 6), *MAIN, square=True),
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
        history_figure(recording),
        "Loss and accuracy of train and test",
        Place(2, 7, 6),
        *SIDE,
        over_steps=True,
    ),
]
more = {"metrics": metrics, "total": recording.steps, "follows": True, "plays": new_here and plays_once()}
linked_stage(head, "train", charts, steps, near=near, **more)
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
