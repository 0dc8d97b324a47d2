"""Depth: why gradients vanish and explode in deep networks, measured beside theory, and what repairs them."""

from pages.common.app.navigation import ensure_router

ensure_router()

import streamlit as st

from engine.depth import REPAIRS, TASKS
from engine.training import load
from pages.common.app.head import Head
from pages.common.app.notices import warn
from pages.common.glossary import caption
from pages.common.link.changes import end_page
from pages.common.runs.cache import require_data
from pages.common.runs.pin import difference, pinned
from pages.common.settings import chosen
from pages.common.text import plain
from pages.sections.depth.controls import controls, set_network, set_task
from pages.sections.depth.phase import phase
from pages.sections.depth.settings import SETTINGS, settings_held
from pages.sections.depth.signals import signals
from pages.sections.depth.spectra import jacobian, recurrence
from pages.sections.depth.start import inputs, start
from pages.sections.depth.training import training

settings = chosen()
before = pinned(settings)
values, problems = settings_held()
head = Head("depth", "How far does a gradient get in a deep network, and what carries it further?", settings, SETTINGS)
warn(problems)
try:
    choice = controls(values, settings, before)
except ValueError as problem:
    st.warning(plain(f"{problem}."), icon=":material/speed:")
    end_page()

uses_data = choice.input == "data" or choice.view == "training"
if uses_data:
    require_data(settings)
data = (settings.data or load(settings.experiment)) if uses_data else None
networks = [deep for deep in (choice.deep, choice.repaired) if deep is not None]
task = TASKS.get(choice.task)
measured = networks if choice.view == "signals" else networks[:1] if task else []
starts = [start(deep, *inputs(deep, choice.input, settings, data), settings, head) for deep in measured]
if task is not None:
    ratio, kept = starts[0].signals.ratio, ", ".join(task.fixed)
    with st.container(horizontal=True, vertical_alignment="center"):
        if task.solved(choice.deep, ratio):
            st.success(
                f"Solved: {task.title}. First over last gradient is {ratio:.3g}.", icon=":material/check_circle:"
            )
        else:
            goal = f"First over last gradient must be {task.low:g} to {task.high:g}; it is {ratio:.3g}."
            changed = "" if task.kept(choice.deep) else "Something that has to stay was changed. "
            st.info(f"{task.title}. {goal} {changed}Keep: {kept}. {task.hint}", icon=":material/build:")
        st.button("End", type="tertiary", icon=":material/close:", on_click=set_task, args=("none",))

if before is not None:
    versus = difference(before.experiment, settings.experiment).text
    where = "A is grey" if choice.view == "training" else "A differs in how it trains: it is shown in the view Training"
    st.caption(plain(f"{versus}. {where}."))
names = ["this network", "with the remedy"]
if choice.view == "signals":
    signals(starts, names, head)
elif choice.view == "training":
    training(networks, names, settings, data, head, before)
elif choice.view == "phase":
    phase(choice.deep, settings.experiment.seed, head, set_network)
elif choice.view == "jacobian":
    jacobian(choice.deep, settings.experiment.seed, head)
else:
    recurrence(choice.deep, settings.experiment.seed, head)

if choice.repaired is not None and choice.view in ("signals", "training"):
    fix = REPAIRS[choice.fix]
    caption(f"The remedy here is **{fix.title}**.", f"It works: {plain(fix.why)} When it does not: {plain(fix.unless)}")
