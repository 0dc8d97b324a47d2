"""The Backprop page: each number on it is the engine's, its products multiply out, and its links and edits hold."""

import base64
import re
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from engine import Experiment, train
from engine.backprop import EXAMPLES, LARGEST, Replay, examine, paths, read_edits, slopes
from engine.network import Network
from engine.optimizers.equations import Line
from pages.common.text import number
from pages.figures.backprop.captions import MOST_CHARACTERS
from pages.figures.backprop.stages import stages
from pages.sections.backprop.following import spans

ROOT = Path(__file__).resolve().parents[2]
NUMBER = re.compile(r"(-?\d+(?:\.\d+)?)(?: \\cdot 10\^\{(-?\d+)\})?")
RUN = {"data": "spiral", "arch": "3-2", "act": "tanh", "samples": "20", "steps": "30", "optimizer": "adam"}


def visit(**link):
    """A new session on the page with a link."""
    session = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    for key, value in link.items():
        session.query_params[key] = value
    session.switch_page("pages/backprop.py").run()
    assert not session.exception
    return session


@pytest.fixture(params=[*EXAMPLES, "run"], scope="module")
def looked_at(request):
    """A session on an example or a run, and the pass and the moment it must show."""
    if request.param == "run":
        recording = train(Experiment.from_params(RUN))
        replay = Replay(recording.experiment, recording.data, recording.network)
        moment = replay.advance(7)
        session = visit(**RUN, step="7", sample="5", weight="W2[1,3]")
        seen = examine(recording.network, moment.params, replay.x[:, 4:5], replay.y[:, 4:5])
        return session, recording.network, moment, seen
    example = EXAMPLES[request.param]
    network = Network(example.experiment, 2, 2)
    moment = Replay(example.experiment, example.data, network, example.start(network)).moment
    return visit(example=request.param), network, moment, examine(network, moment.params, moment.x, moment.y)


def listed(network, flat):
    """The numbers of a flat vector part by part, W1, b1, W2, ..., as people list them."""
    return np.concatenate([network.layout.view(flat, name).ravel() for name in network.layout.names])


def opened(session, tab):
    """The table in another tab."""
    session.session_state["numbers"] = tab
    table = session.run().dataframe[0].value
    session.session_state["numbers"] = "Every parameter"
    session.run()
    return table


def lines_below(charts, session):
    """The lines under the diagram, stage by stage."""
    said = [frame["data"][16]["text"] for frame in charts(session)[0]["frames"]]
    return [text.split("<br>") for [text] in said if text.strip()]


def values(packed):
    if isinstance(packed, dict):
        return np.frombuffer(base64.b64decode(packed["bdata"]), packed["dtype"])
    return np.array(packed)


def numbers(latex):
    return [float(digits) * 10.0 ** int(power or 0) for digits, power in NUMBER.findall(latex)]


def test_every_number_in_the_diagram_is_the_engines(looked_at, charts):
    session, network, moment, seen = looked_at
    last = charts(session)[0]["frames"][-1]["data"]
    pointed, edges = last[12]["text"], last[17]["text"]
    known = [f"x {number(value)}" for value in seen.x[:, 0]]
    for layer in seen.layers:
        known += [f"a {number(a)}<br>δ {number(d)}" for a, d in zip(layer.a[:, 0], layer.delta[:, 0], strict=True)]
    assert pointed == known
    assert last[15]["text"] == [f"L = {number(seen.loss)}"]
    places = [network.layout.indices(f"W{layer.number}").ravel() for layer in seen.layers]
    weights = moment.following[np.concatenate(places)]
    assert edges == [number(value) for value in weights]
    beside = {text for one in known for text in one.split("<br>")}
    assert len(last[13]["text"]) == len(network.sizes)  # a number for the unit on the path of each layer
    assert len(last[14]["text"]) == len(last[10]["text"]) == len(seen.layers)
    assert {*last[13]["text"], *last[14]["text"]} <= beside
    assert {*last[10]["text"]} <= {number(value, 3) for value in weights}


def test_the_backward_pass_brings_the_gradient_in_layer_by_layer(looked_at, charts):
    session, network, _, seen = looked_at
    chart = charts(session)[1]
    bars = [values(frame["data"][0]["y"]) for frame in chart["frames"]]
    gradient = listed(network, seen.gradient)
    assert bars[-1] == pytest.approx(gradient, rel=1e-6)
    assert not bars[0].any()
    count = len(seen.layers)
    known = np.cumsum([0, *((a + 1) * b for a, b in pairwise(network.sizes))])
    for k, layer in enumerate(range(count, 0, -1)):
        shown = bars[2 + 2 * count + 2 * k + 1]
        assert shown == pytest.approx(np.where(np.arange(len(shown)) >= known[layer - 1], gradient, 0), rel=1e-6)
    assert values(chart["data"][1]["y"]) == pytest.approx(gradient, rel=1e-6, abs=1e-9)


def test_the_sums_below_the_diagram_add_up_to_the_engines(looked_at, charts):
    session, network, moment, seen = looked_at
    sums = [" ".join(lines) for lines in lines_below(charts, session) if lines[0].startswith("z")]
    assert len(sums) == len(seen.layers)
    for text, layer in zip(sums, seen.layers, strict=True):
        unit = int(text.partition("[")[2].partition("]")[0]) - 1
        body, total = text.split(" = ")[1:]
        *terms, bias = body.split(" + ")
        products = [np.prod([float(factor) for factor in term.split(" · ")]) for term in terms]
        assert products == pytest.approx(layer.weight[unit] * layer.reads[:, 0], rel=2e-3)
        assert bias == number(network.layout.view(moment.params, f"b{layer.number}")[unit])
        assert total == number(layer.z[unit, 0])
        assert sum(products) + float(bias) == pytest.approx(layer.z[unit, 0], rel=2e-3, abs=2e-3)


@pytest.mark.parametrize(
    "link",
    [
        {"arch": "8-8"},
        {"data": "digits", "arch": "16", "steps": "3", "weight": "W1[12,60]"},
        {"arch": "4-4", "lr": "1e-6", "init": "normal", "dropout": "0.2", "clip": "0.1", "noise": "0.3"},
        {"arch": "3-3", "typed": "~".join(f"0.W1.{to}.{source}:-1.234e-5" for to in range(3) for source in range(2))},
    ],
    ids=lambda link: next(iter(link.values())),
)
def test_what_is_written_below_the_diagram_fits_on_a_phone(link, charts):
    session = visit(**RUN | link, sample="5")
    below = lines_below(charts, session)
    room = charts(session)[0]["layout"]["margin"]["b"]
    assert max(map(len, below)) > 1
    for lines in below:
        assert max(map(len, lines)) <= MOST_CHARACTERS <= 60
        assert 6 + 1.3 * 12 * len(lines) <= room  # Plotly's lines are 1.3 times as high as their letters


@pytest.mark.parametrize("link", [{"arch": "8-8"}, {"data": "digits", "arch": "16", "steps": "3"}], ids=str)
def test_a_shortened_sum_says_how_many_terms_it_leaves_out_and_ends_in_the_total(link, charts):
    session = visit(**RUN | link, sample="5")
    recording = train(Experiment.from_params(RUN | link))
    replay = Replay(recording.experiment, recording.data, recording.network)
    seen = examine(recording.network, replay.moment.params, replay.x[:, 4:5], replay.y[:, 4:5])
    last = " ".join([lines for lines in lines_below(charts, session) if lines[0].startswith("z")][-1])
    layer, unit = seen.layers[-1], int(last.partition("[")[2].partition("]")[0]) - 1
    first, more, rest, bias, total = re.fullmatch(
        r"\S+ = (.+) \+ (\d+) more terms \((\S+) in all\) \+ (\S+) = (\S+)", last
    ).groups()
    written = [np.prod([float(factor) for factor in term.split(" · ")]) for term in first.split(" + ")]
    assert len(written) + int(more) == layer.weight.shape[1]
    assert total == number(layer.z[unit, 0])
    assert sum(written) + float(rest) + float(bias) == pytest.approx(layer.z[unit, 0], rel=2e-3, abs=2e-3)


def test_the_chain_rule_multiplies_out(looked_at):
    session, network, _, seen = looked_at
    part, place = ("W2", (0, 2)) if network.sizes[-1] == 1 else ("W1", (0, 0))
    gradient = network.layout.view(seen.gradient, part)[place]
    total, chain, _ = (element.value for element in session.get("latex"))
    rows = [row.split("&&=")[1] for row in chain.split(r"\\[3pt]")]
    *factors, product = [numbers(row)[0] for row in rows]
    found = paths(seen, part, place)
    assert np.prod(factors) == pytest.approx(product, rel=4e-3)
    assert product == pytest.approx(found[0].product, rel=1e-3)
    assert factors == pytest.approx(found[0].factors, rel=1e-3)
    first, *sums = total.split(r"\\[3pt]")
    assert numbers(first)[-1] == pytest.approx(gradient, rel=1e-3)
    assert sum(sum(numbers(row)) for row in sums) == pytest.approx(gradient if sums else 0, rel=2e-3)


def test_the_table_is_the_engines_and_the_difference_stands_beside_the_gradient(looked_at):
    session, network, moment, seen = looked_at
    table = session.dataframe[0].value
    checked = slopes(network, moment.params, seen.x, seen.y).central
    assert table["value"].to_numpy() == pytest.approx(listed(network, moment.params), rel=1e-15)
    columns = {"gradient": seen.gradient, "finite difference": checked, "error": np.abs(seen.gradient - checked)}
    columns |= {"update": moment.update, "new value": moment.following}
    if hasattr(moment.after, "m"):
        t = moment.after.t
        columns |= {"m": moment.after.m, "v": moment.after.v, "g": moment.applied}
        columns |= {"m̂": moment.after.m / (1 - 0.9**t), "v̂": moment.after.v / (1 - 0.999**t)}
    for name, expected in columns.items():
        rel = 0.2 if name == "error" else 6e-4
        shown = table[name].astype(float).to_numpy()
        assert shown == pytest.approx(listed(network, expected), rel=rel, abs=1e-15), name
    units = opened(session, "Every unit")
    for name, attribute in {"z": "z", "a": "a", "∂L/∂a": "by_a", "δ = ∂L/∂z": "delta"}.items():
        expected = np.concatenate([getattr(layer, attribute)[:, 0] for layer in seen.layers])
        assert units[name].astype(float).to_numpy() == pytest.approx(expected, rel=6e-4)


def test_a_whole_batch_adds_up_over_its_samples():
    session = visit(**RUN, sample="0", l2="0.01", batch="6")
    recording = train(Experiment.from_params(RUN | {"l2": "0.01", "batch": "6"}))
    moment = Replay(recording.experiment, recording.data, recording.network).moment
    first, *terms, total = session.get("latex")[0].value.split(r"\\[3pt]")
    assert "sum_{n=1}^{6}" in first
    *samples, penalty = terms
    added = sum(np.prod(numbers(term)) for term in samples) + numbers(penalty)[0]
    assert added == pytest.approx(numbers(total)[0], rel=2e-3)
    assert numbers(total)[0] == pytest.approx(moment.gradient[0], rel=1e-3)


def test_a_number_that_a_link_cannot_hold_cannot_be_typed():
    field = next(field for field in visit(weight="W1[1,1]").number_input if field.label == "Its value")
    assert (field.min, field.max) == (-LARGEST, LARGEST)
    edits = read_edits(f"0.W1.0.0:{field.max!r}~0.W1.0.0:{field.min!r}~0.W1.0.0:{2 * field.max!r}")
    assert ([edit.value for edit in edits[0]], len(edits[1])) == ([field.max, field.min], 1)


def test_what_is_typed_over_counts_and_next_step_goes_on_from_there():
    example = EXAMPLES["2-2-2-2-linear"]
    session = visit(example=example.name, weight="W2[1,2]", step="1")
    next(field for field in session.number_input if field.label == "Its value").set_value(-0.5).run()
    assert session.query_params["typed"] == "1.W2.0.1:-0.5"
    network = Network(example.experiment, 2, 2)
    x, y, params = example.data.x, example.data.targets, example.start(network)
    params = params - 0.1 * network.loss_and_gradient(params, x, y)[1]
    network.layout.view(params, "W2")[0, 1] = -0.5
    for step in (1, 2):
        assert session.dataframe[0].value["value"].to_numpy() == pytest.approx(listed(network, params), rel=1e-13)
        assert session.number_input(key="step").value == step
        next(button for button in session.button if button.label == "Next step").click().run()
        params = params - 0.1 * network.loss_and_gradient(params, x, y)[1]
    again = visit(**dict(session.query_params))
    assert again.dataframe[0].value.equals(session.dataframe[0].value)
    next(button for button in session.button if button.label.startswith("Undo typing")).click().run()
    assert "typed" not in session.query_params


def test_a_typed_input_changes_the_sample(charts):
    session = visit(example="2-3-2", typed="0.x.0.0:2~0.y.1.0:-1")
    example = EXAMPLES["2-3-2"]
    network = Network(example.experiment, 2, 2)
    seen = examine(network, example.start(network), np.array([[2.0], [2.0]]), np.array([[3.0], [-1.0]]))
    assert opened(session, "Inputs and targets")["value"].tolist() == [2.0, 2.0, 3.0, -1.0]
    assert charts(session)[0]["frames"][-1]["data"][15]["text"] == [f"L = {number(seen.loss)}"]


def test_an_example_opens_in_one_click_and_the_run_comes_back(experiment):
    session = visit(**RUN)
    before = experiment(session)
    session.get("button_group")[0].set_value("2-2-2-2").run()
    assert experiment(session) == EXAMPLES["2-2-2-2"].experiment
    assert session.dataframe[0].value["value"][0] == 0.1
    session.get("button_group")[0].set_value("run").run()
    assert experiment(session) == before


def test_another_data_set_leaves_the_example(experiment, choose):
    session = visit(example="2-3-2")
    choose(session, data="moons")
    assert not session.exception
    assert session.get("button_group")[0].value == "run"
    assert experiment(session).data == "moons"


def test_a_changed_optimizer_shows_its_own_lines():
    session = visit(example="2-2-2-2")
    session.selectbox(key="optimizer").set_value("adam").run()
    assert {"m", "v", "m̂", "v̂"} <= set(session.dataframe[0].value.columns)
    assert session.get("button_group")[0].value == "2-2-2-2"
    assert session.get("latex")[-1].value.count(r"\hat v") == 2


def test_a_link_restores_step_sample_weight_and_path():
    session = visit(**RUN, step="3", sample="9", weight="W1[2,1]", path="2")
    assert [session.number_input(key=key).value for key in ("step", "sample", "path")] == [3, 9, 2]
    assert session.selectbox(key="weight").value == "W1[2,1]"
    assert all(part in session.code[0].value for part in ("step=3", "sample=9", "weight=W1%5B2%2C1%5D", "path=2"))
    assert not session.warning


@pytest.mark.parametrize(
    "link",
    [
        {"step": "999"},
        {"sample": "-1"},
        {"weight": "W9[1,1]"},
        {"path": "77"},
        {"typed": "what"},
        {"typed": "0.W7.0.0:1"},
        {"example": "nope"},
        {"example": "2-2-2-2"},
    ],
    ids=str,
)
def test_a_link_that_says_nonsense_opens_and_says_so(link):
    session = visit(**RUN, **link)
    assert [text.value.count("\n") for text in session.warning] == [0]
    assert next(iter(link)) in session.warning[0].value


@pytest.mark.parametrize(
    "link",
    [
        {"data": "digits", "arch": "16", "steps": "3", "weight": "W1[2,30]"},
        {"arch": "-".join(["3"] * 30), "act": "sigmoid"},
        {"norm": "batch", "arch": "3-3"},
        {"residual": "gated", "arch": "3-3", "batch": "5", "dropout": "0.2"},
        {"optimizer": "lbfgs"},
        {"data": "line", "arch": "none"},
        {"lr": "1000", "optimizer": "sgd", "loss": "mse", "act": "relu", "arch": "4", "step": "300"},
    ],
    ids=lambda link: next(iter(link.items()))[1],
)
def test_other_networks_open_too(link, charts, sent):
    session = visit(**link)
    assert len(charts(session)) == 2
    assert sent(session) < 1_000_000


def test_the_largest_networks_light_up_one_path_and_the_page_stays_small(charts, sent):
    session = visit()
    last = charts(session)[0]["frames"][-1]["data"]
    assert len(last[13]["text"]) == 4
    assert sent(session) < 120_000


def test_a_negative_input_of_the_example_with_a_relu_on_its_inputs_is_read_as_zero():
    session = visit(example="2-3-2", typed="0.x.0.0:-2")
    assert opened(session, "Inputs and targets")["value"].tolist() == [0.0, 2.0, 3.0, 4.0]


def test_the_stages_come_in_the_order_of_the_computation():
    kinds = [(stage.kind, stage.layer) for stage in stages(2, [Line("u", "<x>", np.zeros(1))], "batch")]
    assert kinds == [
        ("x", 0), ("z", 1), ("a", 1), ("z", 2), ("a", 2), ("loss", 2), ("delta", 2), ("gradient", 2), ("delta", 1),
        ("gradient", 1), ("handed", 0), ("line", 0), ("new", 0),
    ]  # fmt: skip


def test_a_smoothed_target_is_written_as_it_enters_the_loss():
    session = visit(loss="softmax_cross_entropy", smoothing="0.1", arch="3", steps="5", sample="1")
    written = "".join(formula.value for formula in session.latex)
    assert r"((1 - 0.1)\,y_{1} + \tfrac{0.1}{2})" in written or r"((1 - 0.1)\,y_{2} + \tfrac{0.1}{2})" in written


def test_a_gradient_at_a_kink_is_said_to_be_one_of_two_slopes(captions):
    """Both inputs typed over with 0 and biases 0: every z of the first layer is exactly 0, where ReLU has its kink."""
    link = {"data": "circle", "arch": "3", "act": "relu", "samples": "20", "step": "0", "sample": "1"}
    session = visit(**link, weight="b1[1]", typed="0.x.0.0:0~0.x.1.0:0")
    said = next(text for text in captions(session) if "derivative" in text)
    assert "z1[1] lies at the kink of ReLU" in said
    assert "backpropagation takes 0, that to the left, as PyTorch does" in said
    assert any("Finite difference" in text for text in captions(visit(**link, weight="b1[1]")))


def test_the_stage_of_the_player_is_in_the_link():
    session = visit(example="2-2-2-2", at="4")
    assert "at=4" in session.code[0].value


def test_a_run_with_the_settings_of_an_example_has_data_of_its_own(choose):
    """Whose weights do not fit, so that the run and the example differ in nothing but their data."""
    link = {key: EXAMPLES["2-2-2-2"].experiment.to_params()[key] for key in ("data", "act", "out", "loss", "steps")}
    session = visit(**link, optimizer="sgd", lr="0.1", arch="4")
    of_run = session.dataframe[0].value["gradient"].tolist()
    session.get("button_group")[0].set_value("2-2-2-2").run()
    choose(session, arch="4")
    assert session.dataframe[0].value["gradient"].tolist() != of_run
    session.get("button_group")[0].set_value("run").run()
    assert session.dataframe[0].value["gradient"].tolist() == of_run


@pytest.mark.parametrize(("handed", "lines"), [("", 1), ("clipped", 6)])
def test_blocks_of_formulas_cover_the_way_back_and_the_update(handed, lines):
    every = stages(3, [SimpleNamespace(name="u")] * lines, handed)
    chain, gradient, update = spans(every, 2)
    assert [every[place].title for place in chain[1:]] == ["loss L", "∂L/∂W₂, ∂L/∂b₂"]
    assert gradient[1] == chain[2]
    assert every[gradient[2]].title == "∂L/∂W₁, ∂L/∂b₁"
    assert every[update[1]].kind == ("handed" if handed else "line")
    assert update[2] == len(every) - 1


def test_a_sum_too_long_for_the_column_stands_a_term_a_line(app):
    text = app({"step": "1"}, "backprop").latex[-1].value
    for decay in ("0.9", "0.999"):
        assert rf" \\[3pt] &\quad + (1-{decay}) \cdot" in text


def test_the_number_over_the_highest_unit_has_a_line_over_the_picture(app, charts):
    diagram = charts(app({"lesson": "worked-2-3-2", "lanswer": "-1", "llook": "1"}, "backprop"))[0]
    assert diagram["layout"]["margin"]["t"] >= 24


def test_beside_a_pinned_run_the_losses_are_those_of_the_numbers_that_were_typed(charts, array):
    """A weight typed over at the start is a run from other weights, which has a setting of its own."""
    link = RUN | {"pin": "v:1~lr:0.01", "typed": "0.W1.0.1:0.75"}
    given = train(Experiment.from_params(RUN | {"weights": "W1[1,2]:.75"}))
    session = visit(**link)
    drawn = next(chart for chart in charts(session) if chart["layout"]["title"]["text"].startswith("Loss"))
    own = next(trace for trace in drawn["data"] if trace.get("name") == "train")
    np.testing.assert_allclose(array(own["y"]), given.train_loss, rtol=1e-5)
    said = next(each.value for each in session.caption if "Loss at the end" in each.value)
    assert f"B with what was typed over {number(given.train_loss[-1])}" in said.replace("\\", "")
