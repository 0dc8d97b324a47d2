"""Backprop: one update of one network, number by number, with the chain rule written out."""

from pages.common.app.navigation import ensure_router

ensure_router()

from dataclasses import replace

import numpy as np
import streamlit as st

from engine.backprop import count_paths, examine, is_plain, paths, slopes
from engine.experiment.settings import quoted
from engine.training import network_of
from engine.training.remarks import remarks
from engine.work import trace_work
from pages.common import parameter_names
from pages.common.app.head import Head
from pages.common.app.notices import warn
from pages.common.glossary import caption
from pages.common.link.changes import change
from pages.common.link.controls import control
from pages.common.link.page_settings import AT, follow_step, held, told
from pages.common.runs.cache import key_of, require_data, trained
from pages.common.runs.computation import computing
from pages.common.runs.near import steps_near
from pages.common.runs.pin import ends_line, pin_buttons, pinned
from pages.common.settings import chosen
from pages.common.stage.charts import Chart, Place
from pages.common.stage.linked import linked_stage
from pages.common.text import number, plain
from pages.figures.backprop.animation import backprop_figure, stage_metrics
from pages.figures.backprop.captions import update_findings
from pages.figures.backprop.gradients import gradients_figure
from pages.figures.backprop.highlights import left_out
from pages.figures.backprop.stages import heading, shown, stages
from pages.sections.backprop import following, formulas, number_tables, selection
from pages.sections.backprop.bug import choose_bug
from pages.sections.backprop.examples import choose_example, rectified
from pages.sections.backprop.replayed import TYPED, replayed, typed, undo
from pages.sections.backprop.settings import SETTINGS
from pages.sections.backprop.updates import Way, beside_stages, course_typed, losses_figure, pinned_view, view_of

MAIN, SIDE = (250, 560), (150, 340)  #: pixels: smallest, with the player on a screen of 1280x800, and largest
LOSSES = (220, 340)  #: losses above accuracies
LISTED = 400  #: parameters that lists and tables hold; of larger networks those on the path
PATHS = 12

settings = chosen()
before = pinned(settings)
experiment = settings.experiment
head = Head("backprop", "Where does every number of one update come from?", settings, SETTINGS)
require_data(settings)

controls = st.container(horizontal=True, vertical_alignment="bottom")
with controls:
    example, data = choose_example(settings)
    network = network_of(experiment, data)
    steps_here = replace(SETTINGS["step"], high=experiment.steps)
    samples_here = replace(SETTINGS["sample"], high=len(data.train))
    _, notes = held([steps_here, samples_here])
    step = control(steps_here, width=115)
    follow_step(step)
    st.button(
        "Next step",
        icon=":material/skip_next:",
        disabled=step >= experiment.steps,
        help="Take the update that is shown, and go on from there.",
        on_click=change,
        args=({"step": min(step + 1, experiment.steps)},),
    )
    sample = control(samples_here, width=130)
    choose_bug()
    pin_buttons(settings, before)
    edits, unread = typed()
    if edits:
        st.button(f"Undo typing ({len(edits)})", icon=":material/undo:", type="tertiary", on_click=undo)

start = example.start(network) if example else None
edits = rectified(example, edits)
typed_over, course = bool(edits) and before is not None and not example, None
if typed_over:
    course = course_typed(settings, data, network, edits, head)
ends_line(settings, before, head, course, " with what was typed over" if typed_over else "")
run = replayed(settings, head, step, data, network, start, edits, example.name if example else "")
moment = run.moment
if experiment.norm == "batch" and sample:
    notes.append("Batch normalisation needs a whole batch, so the batch of the step is shown in place of one sample.")
    sample = 0
one = slice(sample - 1, sample)
notes += remarks(experiment, data, network)
x, y = (run.x[:, one], run.y[:, one]) if sample else (moment.x, moment.y)
checked = network.size + 1 if network.size <= LISTED else 2 * len(network.sizes)
with computing(
    ("trace", *key_of(settings), x.shape[1]), lambda: trace_work(network, x.shape[1], checked), head, "This pass"
):
    seen = examine(network, moment.params, x, y)

problem, part, place = selection.chosen_weight(network.layout)
index = int(network.layout.indices(part)[place])
found = paths(seen, part, place, PATHS) if is_plain(network) else []
paths_here = replace(SETTINGS["path"], label=f"Path of {len(found)}", high=max(len(found), 1))
notes += [problem, *held([paths_here])[1]]

token = f"{step} {sample} {told(TYPED)} {hash(experiment)} {example and example.name}"

with controls:
    if network.size <= LISTED:
        names = [*parameter_names.every_name(network.layout)]
        control(replace(SETTINGS["weight"], control="choice"), options=names, width=120)
    else:
        control(SETTINGS["weight"], width=120)
    number_tables.type_weight(moment.step, part, place, moment.params[index], token)
    rank = control(paths_here, width=115) if len(found) > 1 and sample else 1

path = found[rank - 1] if found else None
way = selection.whole_path(seen, part, place, path.units if path else selection.largest_units(seen, part, place))
view, sheet = view_of(experiment, network, moment, seen, Way(way, part, place))
handed = view.handed
every = stages(len(network.sizes) - 1, sheet.lines, handed)
played = shown(every)
view = view._replace(near=tuple(steps_near(told(AT), played).tolist()))
_, rows = stage_metrics(view)
metrics = dict(zip(["Stage", "Unit on the path", selection.name_of(part, place)], zip(*rows, strict=True), strict=True))
other = None if before is None else pinned_view(before, data if example else None, view, step, sample, head)
if other is not None:
    metrics = beside_stages(metrics, other)
elif before is not None:
    st.caption("A has other layers or fewer samples: of its update there is nothing beside this one.")
if run.event:
    st.warning(plain(run.event.sentence), icon=":material/report:")
if example and start is None:
    notes.append("The weights of the example do not fit this network, so they were drawn.")
notes += [f"typed: {quoted(text)} could not be read" for text in unread]
notes += [f"typed: {quoted(edit)} is nothing in this network" for edit in run.unused]
warn([note for note in notes if note])

places = selection.listed(network.layout, way, LISTED)
indices = np.array([network.layout.indices(name)[at] for name, at in places])
measured = slopes(network, moment.params, x, y, np.append(indices, index))
finite = measured.nearest(seen.gradient[np.append(indices, index)])[:-1]
gradient, penalty = seen.gradient[index], seen.penalty[index]

names = [selection.name_of(*each) for each in places]
layers = [network.layout.layers[name] for name, _ in places]
stages_said = (
    (
        "Bars fill from the last layer to the first; each must end in its ring, the slope measured directly (finite "
        "difference). Type over a value, and Next step goes on from there."
    ),
    (
        "A layer's error signal δ is made from the δ of the layer after it, which is why the last layer comes first. A "
        "weight moves the loss along every path to an output: one product for each, and their sum is the gradient."
    ),
)
left, right = st.columns([0.58, 0.42])
with left:
    charts = [
        Chart(
            "film",
            backprop_figure(view),
            "Network diagram: activations forward, then gradients backward, then the update, stage by stage",
            Place(1),
            *MAIN,
        ),
        Chart(
            "gradients",
            gradients_figure(every, names, layers, seen.gradient[indices], finite, near=view.near),
            "Gradient of each parameter by backpropagation, with finite differences",
            Place(2),
            *SIDE,
        ),
    ]
    if before is not None and not example:
        figure = losses_figure(course or trained(settings, head), before, step, head)
        about = "Loss and accuracy of A and of the present run" + (", with what was typed over" if typed_over else "")
        charts.append(Chart("losses", figure, about, Place(3), *LOSSES))
    found_there = update_findings(view, layers, seen.gradient[indices], finite)
    more = {"metrics": metrics, "findings": found_there, "captions": [" ".join(stages_said)]}
    more |= {"near": view.near, "asks": len(played) < len(every)}
    linked_stage(head, "backprop", charts, played, rate=2, **more)
    if unseen := left_out(view):
        caption(unseen)
with right:
    with st.container(key=following.GRADIENT):
        if path and sample:
            st.latex(formulas.total(part, place, found, count_paths(seen, int(part[1:])), gradient, penalty))
        else:
            st.latex(formulas.two_factors(seen, part, place, gradient, penalty))
        caption(number_tables.checked(gradient, measured, seen))
        if not found:
            caption("Normalisation and residual paths tie units together: δ is taken from the backward pass.")
    if path and sample:
        with st.container(key=following.CHAIN):
            st.latex(formulas.chain(seen, experiment.loss, part, place, path, smoothing=experiment.smoothing))
    with st.container(key=following.UPDATE):
        if handed:
            caption(f"The optimizer gets g = {number(moment.applied[index])}: {handed}.")
        new = moment.following[index]
        st.latex(formulas.update(sheet, index, formulas.parameter(part, place), new))
    following.follow(every, int(part[1:]))

if example:
    caption(f"Worked example, {example.title}: its one sample stands in place of the data set.", example.description)
caption(*stages_said)
tabs = ["Every parameter", "Every unit", "Inputs and targets"]
table, signals, typing = st.tabs(tabs, key="numbers", on_change="rerun")  # only the open one is made
if table.open:
    columns = {"value": moment.params, "gradient": seen.gradient}
    columns = {name: values[indices] for name, values in columns.items()} | {"finite difference": finite}
    columns |= {"error": np.abs(columns["gradient"] - columns["finite difference"])}
    columns |= {"g": moment.applied[indices]} if handed else {}
    columns |= {heading(line.name): line.value[indices] for line in sheet.lines}
    if other is not None:
        columns |= {"A: value": other.edges["weight"][indices], "A: gradient": other.edges["gradient"][indices]}
    with table:
        number_tables.parameters(moment.step, places, columns | {"new value": moment.following[indices]}, token)
with signals:
    if signals.open:
        number_tables.units(seen)
with typing:
    if typing.open and sample:
        number_tables.samples(moment.step, sample - 1, x, y, data.input_names, token)
    elif typing.open:
        caption("Choose one sample to type its inputs and targets over.")
