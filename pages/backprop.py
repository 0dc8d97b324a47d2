"""Backprop: one update of one network, number by number, with the chain rule written out."""

import numpy as np
import streamlit as st

from engine.backprop import count_paths, differences, examine, is_plain, paths, write_out
from engine.training import network_of, optimizer_of
from pages.common import parameter_names, theme
from pages.common.app.head import Head
from pages.common.app.navigation import ensure_router
from pages.common.player.player import player
from pages.common.runs.cache import require_data
from pages.common.settings import chosen
from pages.common.text import number, plain
from pages.figures.backprop.animation import backprop_figure, stage_metrics
from pages.figures.backprop.gradients import gradients_figure
from pages.figures.backprop.highlights import View
from pages.figures.backprop.stages import heading, stages
from pages.sections.backprop import formulas, number_tables, selection
from pages.sections.backprop.examples import choose_example, rectified
from pages.sections.backprop.replayed import replayed, typed, undo

MAIN, SIDE = 330, 240  #: pixels: the diagram and the player on a screen of 1280x800
LISTED = 400  #: parameters that lists and tables hold; of larger networks those on the path
PATHS = 12

ensure_router()
settings = chosen()
experiment = settings.experiment
head = Head("backprop", "Where does every number of one update come from?", settings)
require_data(settings)

with st.container(horizontal=True, vertical_alignment="bottom"):
    example, data, note = choose_example(settings)
    network, samples = network_of(experiment, data), len(data.train)
    notes = [note, selection.restored("step", 0, experiment.steps, 0), selection.restored("sample", 0, samples, 1)]
    step = st.number_input("Step", 0, experiment.steps, 0, key="step", bind="query-params", width=115)
    st.button(
        "Next step",
        icon=":material/skip_next:",
        disabled=step >= experiment.steps,
        help="Take the update that is shown, and go on from there.",
        on_click=lambda: st.session_state.update(step=min(step + 1, experiment.steps)),
    )
    help_ = "Counted in the training part; 0 is the whole batch of the step."
    sample = st.number_input(
        "Sample (0: batch)", 0, samples, 1, key="sample", bind="query-params", help=help_, width=130
    )
    edits, unread = typed()
    if edits:
        st.button(f"Undo typing ({len(edits)})", icon=":material/undo:", type="tertiary", on_click=undo)

start = example.start(network) if example else None
edits = rectified(example, edits)
run = replayed(settings, head, step, data, network, start, edits)
moment = run.moment
if experiment.norm == "batch" and sample:
    notes.append("Batch normalisation needs a whole batch, so the batch of the step is shown in place of one sample.")
    sample = 0
one = slice(sample - 1, sample)
x, y = (run.x[:, one], run.y[:, one]) if sample else (moment.x, moment.y)
seen = examine(network, moment.params, x, y)

problem, part, place = selection.restored_weight(network.layout)
index = int(network.layout.indices(part)[place])
found = paths(seen, part, place, PATHS) if is_plain(network) else []
notes += [problem, selection.restored("path", 1, max(len(found), 1), 1)]

rule = optimizer_of([experiment])
sheet = write_out(rule, moment.params, moment.applied, moment.before, moment.lr, moment.update)
handed = selection.why_handed(experiment, moment, seen)
edges = {"weight": moment.params, "gradient": seen.gradient, "handed": moment.applied, "new": moment.following}
edges |= {f"line {row}": line.value for row, line in enumerate(sheet.lines)}
token = f"{step} {sample} {st.query_params.get('typed', '')} {hash(experiment)} {example and example.name}"

with st.container(horizontal=True, vertical_alignment="bottom"):
    cells = st.container(key="backprop-metrics", horizontal=True, width="content")
    if network.size <= LISTED:
        st.selectbox(
            "Weight", list(parameter_names.every_name(network.layout)), key="weight", bind="query-params", width=120
        )
    else:
        st.text_input("Weight", selection.FIRST, key="weight", bind="query-params", width=120)
    number_tables.type_weight(moment.step, part, place, moment.params[index], token)
    rank = 1
    if len(found) > 1 and sample:
        help_ = "From the weight to the output, the path that adds most to the gradient first."
        rank = st.number_input(
            f"Path of {len(found)}", 1, len(found), 1, key="path", bind="query-params", help=help_, width=115
        )

path = found[rank - 1] if found else None
way = selection.whole_path(seen, part, place, path.units if path else selection.largest_units(seen, part, place))
view = View(seen, network.sizes, edges, network.layout, sheet.lines, handed, way, part, place)
steps, rows = stage_metrics(view)
with cells:
    for title, text in zip(["Stage", "Unit on the path", selection.name_of(part, place)], rows[-1], strict=True):
        st.metric(title, text, width=118)

if run.event:
    st.warning(plain(run.event.sentence), icon=":material/report:")
if example and start is None:
    notes.append("The weights of the example do not fit this network, so they were drawn.")
notes += [f"typed: {text[:30]!r} could not be read" for text in unread[:3]]
notes += [f"typed: {str(edit)!r} is nothing in this network" for edit in run.unused[:3]]
if any(notes):
    st.warning("\n".join(f"- {plain(note)}" for note in notes if note), icon=":material/link_off:")

places = selection.listed(network.layout, way, LISTED)
indices = np.array([network.layout.indices(name)[at] for name, at in places])
finite = differences(network, moment.params, x, y, np.append(indices, index))
gradient, penalty = seen.gradient[index], seen.penalty[index]

with st.container(key="backprop"):
    left, right = st.columns([0.58, 0.42])
    with left:
        says = "Network diagram: activations forward, then gradients backward, then the update, stage by stage"
        st.plotly_chart(backprop_figure(view, height=MAIN), key="film", config=theme.CONFIG, alt=says)
    with right, st.container(height=MAIN, border=False, key="chain"):
        if path and sample:
            st.latex(formulas.total(part, place, found, count_paths(seen, int(part[1:])), gradient, penalty))
            st.caption(number_tables.checked(gradient, finite[-1]))
            st.latex(formulas.chain(seen, experiment.loss, part, place, path, smoothing=experiment.smoothing))
        else:
            st.latex(formulas.two_factors(seen, part, place, gradient, penalty))
            st.caption(number_tables.checked(gradient, finite[-1]))
            if not found:
                st.caption("Normalisation and residual paths tie units together: δ is taken from the backward pass.")
    left, right = st.columns(2)
    with left:
        every = stages(len(network.sizes) - 1, sheet.lines, handed)
        names = [selection.name_of(*each) for each in places]
        layers = [network.layout.layers[name] for name, _ in places]
        figure = gradients_figure(every, names, layers, seen.gradient[indices], finite[:-1], height=SIDE)
        says = "Gradient of each parameter by backpropagation, with finite differences"
        st.plotly_chart(figure, key="gradients", config=theme.CONFIG, alt=says)
    with right, st.container(height=SIDE, border=False):
        if handed:
            st.caption(f"The optimizer gets g = {number(moment.applied[index])}: {handed}.")
        new = moment.following[index]
        st.latex(formulas.update(sheet, index, formulas.parameter(part, place), new))

if example:
    st.caption(
        f"Worked example, {example.title}. {example.description} Its one sample stands in place of the data set."
    )
st.caption(
    "Bars fill from the last layer to the first, because a layer's δ is made from the δ of the layer after it; each "
    "must end in its ring. A weight moves the loss along every path to an output: one product for each, and their sum "
    "is the gradient. Type over a value, and Next step goes on from there."
)
tabs = ["Every parameter", "Every unit", "Inputs and targets"]
table, signals, typing = st.tabs(tabs, key="numbers", on_change="rerun")  # only the open one is made
if table.open:
    columns = {"value": moment.params, "gradient": seen.gradient}
    columns = {name: values[indices] for name, values in columns.items()} | {"finite difference": finite[:-1]}
    columns |= {"error": np.abs(columns["gradient"] - columns["finite difference"])}
    columns |= {"g": moment.applied[indices]} if handed else {}
    columns |= {heading(line.name): line.value[indices] for line in sheet.lines}
    with table:
        number_tables.parameters(moment.step, places, columns | {"new value": moment.following[indices]}, token)
with signals:
    if signals.open:
        number_tables.units(seen)
with typing:
    if typing.open and sample:
        number_tables.samples(moment.step, sample - 1, x, y, data.input_names, token)
    elif typing.open:
        st.caption("Choose one sample to type its inputs and targets over.")


@st.fragment
def show_player() -> None:
    """The player by itself, so that coming to rest on a stage does not run the page again."""
    player("backprop", steps, metrics=rows, rate=2)


with st.bottom:
    show_player()
