"""Depth: why gradients vanish and explode in deep networks, measured beside theory, and what repairs them."""

import streamlit as st

from engine.depth import REPAIRS, TASKS
from engine.training import load
from pages.common.app.head import Head
from pages.common.app.navigation import ensure_router
from pages.common.runs.cache import require_data
from pages.common.settings import chosen
from pages.common.text import plain
from pages.sections.depth.phase import phase
from pages.sections.depth.settings import controls, set_network, set_task, settle
from pages.sections.depth.signals import signals
from pages.sections.depth.spectra import jacobian, recurrence
from pages.sections.depth.start import inputs, start
from pages.sections.depth.training import training

ensure_router()
settings = chosen()
problems = settle()
head = Head("depth", "How far does a gradient get in a deep network, and what carries it further?", settings)
if problems:
    st.warning(" ".join(f"{plain(problem)}." for problem in problems), icon=":material/link_off:")
try:
    choice = controls()
except ValueError as problem:
    st.warning(plain(f"{problem}."), icon=":material/speed:")
    st.stop()

uses_data = choice.input == "data" or choice.view == "training"
if uses_data:
    require_data(settings)
data = (settings.data or load(settings.experiment)) if uses_data else None
networks = [deep for deep in (choice.deep, choice.repaired) if deep is not None]
task = TASKS.get(st.session_state.dtask)
measured = networks if choice.view == "signals" else networks[:1] if task else []
starts = [start(deep, *inputs(deep, choice.input, settings, data), settings.experiment.seed) for deep in measured]
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

names = ["this network", st.session_state.fix]
if choice.view == "signals":
    signals(starts, names)
elif choice.view == "training":
    training(networks, names, settings, data, head)
elif choice.view == "phase":
    phase(choice.deep, settings.experiment.seed, head, set_network)
elif choice.view == "jacobian":
    jacobian(choice.deep, settings.experiment.seed)
else:
    recurrence(choice.deep, settings.experiment.seed)

if choice.repaired is not None and choice.view in ("signals", "training"):
    fix = REPAIRS[st.session_state.fix]
    st.caption(f"**{fix.title}.** Why it works: {plain(fix.why)} When it does not: {plain(fix.unless)}")
