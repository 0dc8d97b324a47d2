"""The Study page: what it shows is what the engine gives for each run by itself."""

import os

import numpy as np
import pytest

from engine import Experiment, train
from engine.datasets import Column, Fold, from_columns
from engine.study import LogUniform, Row, best_of, folds, grid, measured, points, random, sensible_top, study_work
from engine.training import load
from engine.work import duration
from pages.common.text import number
from pages.figures.study.cells import written_cells
from pages.figures.study.points import budget_figure, curve_figure, search_figure
from pages.figures.study.samples import folds_figure, learning_figure
from pages.sections.study import choice, executors
from pages.sections.study.plans import axis_of, planned
from pages.sections.study.varied import clicking

PAGE = "study"
SMALL = {"steps": "20", "arch": "4", "samples": "60", "stseeds": "1"}


def test_each_point_of_a_curve_is_a_run_of_the_engine(opened, charts, array):
    session = opened(SMALL | {"st1v": "0.01, 0.1, 1"})
    drawn = charts(session)[0]["data"][1]
    small = Experiment(steps=20, arch=(4,), samples=60)
    expected = [train(small.replace(lr=lr)).test_loss[-1] for lr in (0.01, 0.1, 1.0)]
    assert array(drawn["y"]) == pytest.approx(expected, rel=1e-12)
    best = [0.01, 0.1, 1.0][int(np.argmin(expected))]
    assert any(f"**Best**: learning rate {best:g}" in one.value for one in session.markdown)


def test_each_cell_of_a_map_is_a_run_of_the_engine(opened, charts, array):
    session = opened(SMALL | {"st1v": "0.01, 0.1", "st2": "arch", "st2v": "2, 3-3", "stshow": "train_loss"})
    heat = charts(session)[0]["data"][0]
    small = Experiment(steps=20, samples=60)
    expected = [
        [train(small.replace(lr=lr, arch=arch)).train_loss[-1] for arch in ((2,), (3, 3))] for lr in (0.01, 0.1)
    ]
    assert array(heat["z"]) == pytest.approx(np.float32(expected), rel=1e-6)


def test_a_run_that_diverges_is_a_cross_and_not_an_error(opened, charts, array):
    link = SMALL | {"data": "plane", "arch": "none", "optimizer": "sgd", "steps": "400", "st1v": "0.01, 100"}
    session = opened(link)
    curve = charts(session)[0]["data"]
    assert np.isfinite(array(curve[1]["y"])).tolist() == [True, False]
    assert array(curve[2]["x"]).tolist() == [100]
    assert any("1 diverged" in caption.value for caption in session.caption)
    assert not session.exception


FAR = SMALL | {"data": "plane", "arch": "none", "optimizer": "sgd", "steps": "15", "st1v": "0.01, 0.03, 0.1, 1000"}
HIGH = 1e20  #: at a rate of 1,000 the loss is finite, and larger than this


def test_a_finite_loss_far_beyond_the_others_leaves_them_their_colours(opened, charts, array):
    heat, known, *_ = charts(opened(FAR | {"st2": "seed", "st2v": "0, 1"}))[0]["data"]
    z = array(heat["z"]).astype(float)
    assert (z[3] > np.log10(HIGH)).all() or (z[3] > HIGH).all()
    near = z[:3].ravel()
    assert heat["zmin"] == pytest.approx(near.min(), rel=1e-6)
    assert heat["zmax"] == pytest.approx(near.max(), rel=1e-6)
    texts = np.array(known["text"]).reshape(4, 2)
    assert all(text.startswith("↑ ") and float(text[2:]) > HIGH for text in texts[3])
    assert not any("↑" in text for text in texts[:3].ravel())


@pytest.mark.parametrize(("rows", "columns"), [(5, 4), (5, 6), (8, 8), (10, 10), (12, 12)])
def test_numbers_in_the_cells_of_a_map_do_not_touch_on_a_phone(rows, columns):
    """205 pixels for all columns, 6.4 for a letter of 12 pixels; one higher than its neighbours has twice that."""
    values = np.geomspace(1.234e-3, 0.0987, rows * columns).reshape(rows, columns)
    values[0, 0], beyond = 3.21e22, np.zeros((rows, columns), bool)
    beyond[0, 0], values[1, 1] = True, np.nan
    diverged = np.isnan(values).astype(int)
    known, lost = written_cells(values, diverged, beyond, np.zeros((rows, columns)))
    row = np.rint(known["y"]) == 2
    assert lost["text"].tolist() == ["✕"]
    assert known["text"][0].startswith("↑")
    if rows > 10:
        assert known["text"].tolist() == ["↑"]  # which is what there is room for
        return
    texts, heights = known["text"][row], known["y"][row]
    assert len(texts) == columns
    assert [float(text) for text in texts] == pytest.approx(values[2], rel=0.05)
    room = 205 / columns * (2 if len({*heights}) > 1 else 1)
    assert max(map(len, texts)) * 6.4 <= room


@pytest.mark.parametrize("plan", ["grid", "random"])
def test_a_finite_loss_far_beyond_the_others_is_an_arrow_at_the_end_of_a_curve(opened, charts, array, plan):
    figure = charts(opened(FAR | {"stplan": plan, "struns": "12"}))[0]
    arrows = next(trace for trace in figure["data"] if trace.get("marker", {}).get("symbol") == "triangle-up")
    assert {*array(arrows["x"])} == {1000}
    end = figure["layout"]["yaxis"]["range"][1]
    assert array(arrows["y"]) == pytest.approx(end if figure["layout"]["yaxis"].get("type") != "log" else 10.0**end)
    assert end < 10
    assert float(array(arrows["customdata"])[0][-1].replace("↑ ", "")) > HIGH
    assert "↑ above" in figure["layout"]["title"]["text"]


def test_a_finite_loss_far_beyond_the_others_is_an_arrow_among_the_folds_and_in_the_learning_curve():
    far = np.array([0.1, 0.2, 3e22, 0.15])
    spread = points([Row(Experiment(), test_loss=value) for value in far], "test_loss")
    top = sensible_top(far)
    for figure in (
        folds_figure({"train": far, "test": far}, "Loss", top=top),
        learning_figure(np.array([20, 40, 80, 160]), {"train": spread, "test": spread}, "Loss", top=top),
    ):
        assert figure.layout.yaxis.range[1] < 1
        assert "↑ above" in figure.layout.title.text
        arrows = [trace for trace in figure.data if trace.marker.symbol == "triangle-up"]
        assert [float(trace.customdata[0]) for trace in arrows] == [3e22, 3e22]


LEVELS = {"train": 1e20, "test": 2e20}  #: of A
NEAR = np.array([0.1, 0.2, 0.15])


def with_far_a(draw):
    axis = axis_of("lr", "0.01, 0.1, 1", Experiment())
    found = points([Row(Experiment(), test_loss=value) for value in NEAR], "test_loss")
    if draw == "curve":
        return curve_figure(axis, found, "Loss", 1e20, top=10)
    if draw == "search":
        return search_figure([axis], [np.array(axis.values)], found, "Loss", NEAR, 1e20, top=10)
    if draw == "budget":
        return budget_figure({"grid": NEAR, "random": NEAR}, "Loss", 1e20, top=10)
    if draw == "folds":
        return folds_figure({"train": NEAR, "test": NEAR}, "Loss", LEVELS, top=10)
    return learning_figure(np.array([20, 40, 80]), {"train": found, "test": found}, "Loss", LEVELS, top=10)


def end_of(figure):
    axis = figure.layout.yaxis
    return 10.0 ** axis.range[1] if axis.type == "log" else axis.range[1]


@pytest.mark.parametrize("draw", ["curve", "search", "budget", "folds", "learning"])
def test_a_far_beyond_the_scale_is_a_line_at_its_end_with_an_arrow_and_its_number(draw):
    figure = with_far_a(draw)
    both = draw in ("folds", "learning")
    of_a = [line.y0 for line in figure.layout.shapes if line.line.dash != "dot"]
    assert of_a == pytest.approx([end_of(figure)] * (1 + both))
    assert end_of(figure) < 1
    assert "↑ above 10" in figure.layout.title.text
    texts = [note.text for note in figure.layout.annotations]
    names = ["A, train", "A, test"] if both else ["A"]
    said = [(name, "↑", value) for name, value in zip(names, LEVELS.values(), strict=False)]
    assert [(*text.rsplit(" ", 2)[:2], float(text.rsplit(" ", 1)[1])) for text in texts] == said
    assert {note.y for note in figure.layout.annotations} == {figure.layout.yaxis.range[1]}


def test_the_best_of_few_runs_far_beyond_the_scale_is_an_arrow_among_those_after_so_many():
    figure = budget_figure({"grid": np.array([1e20, 0.2, 0.1]), "random": NEAR}, "Loss", top=10)
    arrows = [trace for trace in figure.data if trace.marker.symbol == "triangle-up"]
    assert [trace.customdata.tolist() for trace in arrows] == [[1e20]]
    assert arrows[0].x.tolist() == [1]
    assert arrows[0].y == pytest.approx(end_of(figure))


@pytest.mark.parametrize(("far", "mean"), [(1e20, 3.33e19), (20.0, 6.77)])  # the other is below the top, off the axis
def test_a_mean_of_the_folds_off_the_axis_is_a_line_at_its_end_with_an_arrow_and_its_number(far, mean):
    figure = folds_figure({"train": NEAR, "test": np.array([0.1, 0.2, far])}, "Loss", top=10)
    assert [line.y0 for line in figure.layout.shapes] == pytest.approx([0.15, end_of(figure)])
    (said,) = figure.layout.annotations
    assert said.text.startswith("mean, test ↑ ")
    assert float(said.text.split()[-1]) == pytest.approx(mean, rel=0.01)


def test_both_designs_have_as_many_runs_and_are_compared(opened, charts, array):
    session = opened(SMALL | {"stplan": "both", "st1v": "0.01..1 log 4"})
    grid, drawn_at, budget = charts(session)
    assert grid["layout"]["yaxis"]["range"] == drawn_at["layout"]["yaxis"]["range"]  # side by side, on one scale
    small = Experiment(steps=20, arch=(4,), samples=60)
    drawn = [measured(one).test_loss for one in random(small, {"lr": LogUniform(0.01, 1.0)}, 4, seed=0)]
    assert array(drawn_at["data"][0]["y"]) == pytest.approx(drawn, rel=1e-12)
    curves = {trace["name"]: array(trace["y"]) for trace in budget["data"]}
    assert curves["random search"] == pytest.approx(best_of(np.array(drawn), "test_loss"))
    assert len(curves["grid"]) == len(array(grid["data"][0]["x"])) == 4


def test_the_folds_are_those_of_the_engine(opened, charts, array):
    session = opened(SMALL | {"stview": "samples", "stfolds": "3", "stshow": "test_loss"})
    test = charts(session)[0]["data"][1]
    small = Experiment(steps=20, arch=(4,), samples=60)
    expected = [train(one).test_loss[-1] for one in folds(small, 3)]
    assert array(test["y"]) == pytest.approx(expected, rel=1e-12)
    assert any("on average over 3 folds" in caption.value for caption in session.caption)


def test_the_accuracy_of_the_folds_has_a_baseline_beside_it(opened):
    session = opened(SMALL | {"data": "spiral3", "stview": "samples", "stfolds": "2", "stshow": "test_accuracy"})
    labels = load(Experiment(data="spiral3", steps=20, arch=(4,), samples=60)).labels
    rate = f"always answering the commonest class gets {np.bincount(labels).max() / len(labels):.3f}."
    assert any(rate in caption.value for caption in session.caption)


@pytest.fixture(scope="module")
def own_table(opened):
    """A session of the view of samples with a table of one's own, and the columns in it."""
    x = np.round(np.random.default_rng(0).normal(size=(60, 2)), 3)
    kinds = (x.sum(axis=1) > 0).astype(int)
    lines = [f"{a},{b},{('no', 'yes')[kind]}" for (a, b), kind in zip(x, kinds, strict=True)]
    session = opened(SMALL | {"data": "csv", "stview": "samples", "stfolds": "3", "stshow": "test_loss"})
    session.file_uploader(key="csv_file").upload("own.csv", "\n".join(["a,b,kind", *lines]).encode())
    return session.run(), [Column("a", x[:, 0]), Column("b", x[:, 1]), Column("kind", kinds, ("no", "yes"))]


def test_a_table_of_ones_own_is_split_anew_for_each_fold_and_each_size(own_table, charts, array):
    session, columns = own_table
    by_fold, by_size = charts(session)
    small = Experiment(data="csv", steps=20, arch=(4,), samples=60)
    parts = [from_columns(columns, "kind", test=Fold(number, 3)) for number in (1, 2, 3)]
    assert sorted(np.concatenate([part.test for part in parts])) == list(range(60))
    expected = [train(small, data=part).test_loss[-1] for part in parts]
    assert array(by_fold["data"][1]["y"]) == pytest.approx(expected, rel=1e-12)
    curve = next(trace for trace in by_size["data"] if trace.get("name") == "test")
    sizes = array(curve["x"]).astype(int)
    assert (sizes[0], sizes[-1]) == (20, 60)
    expected = [train(small, data=from_columns(columns, "kind", samples=size)).test_loss[-1] for size in sizes]
    assert array(curve["y"]) == pytest.approx(expected, rel=1e-12)


def test_a_setting_that_changes_nothing_is_not_studied(opened):
    noise = opened(SMALL | {"data": "digits", "st1": "noise"}).warning[0].value
    assert "changes nothing in these runs" in noise
    assert "“Handwritten digits”" in noise
    session = opened(SMALL | {"data": "digits", "st1": "momentum"})
    assert ["changes nothing in these runs" in warning.value for warning in session.warning] == [True]


def test_the_threshold_moves_the_confusion_matrix(opened, charts):
    link = {"data": "moons", "noise": "0.6", "steps": "60", "arch": "4", "stview": "answers"}
    experiment = Experiment(data="moons", noise=0.6, steps=60, arch=(4,))
    recording, data = train(experiment), load(experiment)
    yes = 1 / (1 + np.exp(-recording.output(data.x[:, data.test], [-1])[0, 0]))
    for cut in (0.2, 0.5, 0.9):
        text = charts(opened(link | {"stcut": str(cut)}))[0]["data"][1]["text"]
        true, said = data.labels[data.test] == 1, yes >= cut
        expected = [(~true & ~said).sum(), (~true & said).sum(), (true & ~said).sum(), (true & said).sum()]
        assert [int(count) for count in text] == expected


@pytest.mark.parametrize(
    "link", [{"data": "digits", "samples": "200", "stclass": "3"}, {"data": "sine"}, {"test": "0"}]
)
def test_answers_of_any_task_have_a_baseline_beside_them(opened, link):
    session = opened({"steps": "20", "arch": "4", "stview": "answers"} | link)
    assert any("always answering the" in caption.value for caption in session.caption)


def test_precision_recall_f1_and_brier_stand_beside_those_of_a_guess(opened):
    """All of 50 moons are taken for the commonest class of the training part: scikit-learn's numbers for that."""
    reference = pytest.importorskip("sklearn.metrics")
    session = opened({"data": "moons", "steps": "20", "arch": "4", "stview": "answers"})
    data = load(Experiment(data="moons", steps=20, arch=(4,)))
    true, known = data.labels[data.test], data.labels[data.train]
    guess = np.full(len(true), np.bincount(known).argmax())
    found = session.dataframe[0].value
    for row, average in ((-2, "macro"), (-1, "weighted")):
        expected = reference.precision_recall_fscore_support(true, guess, average=average, zero_division=0)[:3]
        np.testing.assert_allclose(found.iloc[row, 1:4].astype(float), expected, rtol=1e-12)
    score = reference.brier_score_loss(true, np.full(len(true), known.mean()))
    said = " ".join(element.value for element in session.caption)
    assert f"gets {number(score)}." in said


@pytest.mark.parametrize(
    ("link", "said"),
    [
        ({"st1v": "1..0.1"}, "the first one lower"),
        ({"st1v": "hello"}, "hello"),
        ({"st1": "seed", "st1v": "0..99 100", "st2": "steps", "st2v": "1..200 100", "stseeds": "2"}, "20,000 runs"),
        ({"st1": "out", "st1v": "linear, tanh"}, "must be linear"),
    ],
)
def test_a_plan_that_cannot_be_is_one_sentence(opened, link, said):
    session = opened(SMALL | link)
    assert [said in warning.value.replace("\\", "") for warning in session.warning] == [True]


def test_too_many_runs_are_told_with_their_number_their_time_and_what_to_reduce(opened):
    link = SMALL | {"st1": "seed", "st1v": "0..99 100", "st2": "lr", "st2v": "0.01..1 100", "stseeds": "2"}
    said = opened(link).warning[0].value.replace("\\", "")
    experiments = grid(Experiment(steps=20, arch=(4,), samples=60), {"seed": range(100), "lr": [0.03] * 100})
    time = duration(2 * study_work(experiments).seconds / os.cpu_count())
    assert said.startswith("a study of 20,000 runs must have from 1 to 10,000: reduce the number of values")
    assert said.endswith(f"would take about {time}")


def test_a_large_study_waits_until_it_is_asked_for(opened, charts):
    session = opened(
        {"st1": "seed", "st1v": "0..9 10", "st2": "lr", "st2v": "0.001..1 log 20", "steps": "4000", "stseeds": "1"}
    )
    assert [button.label for button in session.button if button.key == "run_it"]
    assert not charts(session)


def test_a_study_that_was_stopped_keeps_what_was_made(opened):
    session = opened(SMALL | {"st1v": "0.01, 0.1"})
    session.session_state["st1v"] = "0.01, 0.1, 0.5"
    rows = len(session.session_state["study_rows"])
    session.run()
    assert (rows, len(session.session_state["study_rows"])) == (2, 3)


def test_every_setting_has_usual_values():
    for key in (
        "lr",
        "arch",
        "dropout",
        "l2",
        "optimizer",
        "batch",
        "seed",
        "steps",
        "act",
        "loss",
        "nesterov",
        "noise",
    ):
        axis = axis_of(key, "", Experiment())
        assert len(planned(Experiment(), [axis], "grid", 5, 1).runs) >= 2


def test_a_scheduler_that_cannot_be_reached_is_one_sentence(opened, charts, monkeypatch):
    monkeypatch.setenv(executors.SCHEDULER, "tcp://127.0.0.1:9")
    monkeypatch.setattr(executors, "PATIENCE", 0.5)
    session = opened(SMALL | {"st1v": "0.01, 0.1"})
    assert ["cannot be used" in warning.value for warning in session.warning] == [True]
    assert charts(session)


def test_a_scheduler_that_is_named_makes_the_runs(opened, charts, array, monkeypatch):
    distributed = pytest.importorskip("distributed")
    small = Experiment(steps=20, arch=(4,), samples=60)
    how = {"n_workers": 1, "processes": False, "protocol": "tcp", "dashboard_address": None, "silence_logs": 50}
    monkeypatch.setattr(executors, "pool", lambda: pytest.fail("the runs were made here"))
    with distributed.LocalCluster(**how) as cluster:
        monkeypatch.setenv(executors.SCHEDULER, cluster.scheduler_address)
        session = opened(SMALL | {"st1v": "0.03, 0.3"})
        drawn = array(charts(session)[0]["data"][1]["y"])
        executors._client(cluster.scheduler_address)[0].close()
    executors._client.clear()
    assert not session.warning
    assert drawn == pytest.approx([train(small.replace(lr=lr)).test_loss[-1] for lr in (0.03, 0.3)], rel=1e-12)


def test_the_pool_has_a_process_for_each_core():
    assert executors.pool().workers == os.cpu_count()


@pytest.mark.parametrize("place", range(6))
def test_a_click_on_a_cell_chooses_its_run(monkeypatch, place):
    chosen = []
    monkeypatch.setattr(choice, "choose", chosen.append)
    axes = [axis_of("lr", "0.01, 0.1, 1", Experiment()), axis_of("arch", "4, 8-8", Experiment())]
    plan = planned(Experiment(), axes, "grid", 2, 1)
    found = {"grid": points([Row(one, test_loss=1.0) for one in plan.runs], "test_loss")}
    clicking(plan, found)("study-grid", {"x": place % 2, "y": place // 2})
    assert chosen == [plan.runs[place]]


def test_a_click_beside_a_point_chooses_the_nearest_run(monkeypatch):
    """0.03 is nearer to 0.01 than to 0.1 by its logarithm, and nearer to 0.1 than to 1."""
    chosen = []
    monkeypatch.setattr(choice, "choose", chosen.append)
    plan = planned(Experiment(), [axis_of("lr", "0.01, 0.1, 1", Experiment())], "grid", 2, 1)
    found = {"grid": points([Row(one, test_loss=1.0) for one in plan.runs], "test_loss")}
    for x in (0.03, 0.05, 0.9):
        clicking(plan, found)("study-grid", {"x": x, "y": 1.0})
    assert [one.lr for one in chosen] == [0.01, 0.1, 1.0]


@pytest.mark.parametrize("loss", ["hinge", "multi_margin", "squared_error", "mae"])
def test_scores_are_not_taken_for_probabilities(opened, charts, loss):
    """The accuracy is the engine's own; there is no calibration, no Brier score and no threshold of scores."""
    link = {"data": "moons", "loss": loss, "steps": "60", "arch": "4", "stview": "answers"}
    session = opened(link)
    right = train(Experiment(data="moons", loss=loss, steps=60, arch=(4,))).test_accuracy[-1]
    said = " ".join(element.value for element in session.caption)
    assert f"Accuracy {right:.3f}" in said
    assert "Brier" not in said
    assert len(charts(session)) == 3
    assert not [one for one in session.slider if one.key == "stcut"]


@pytest.mark.parametrize(
    "link",
    [
        {"samples": "4"},
        {"test": "0", "folds": "5", "patience": "10", "steps": "20"},
        {"data": "xor_gate"},
        {"data": "rows", "rows": "1,2:3,4;2,1:4,3"},
    ],
)
def test_samples_that_cannot_be_split_are_one_sentence(opened, charts, link):
    session = opened({"arch": "2", "steps": "5", "stview": "samples", "stseeds": "1"} | link)
    refused = [one for one in session.warning if "must" in one.value] or [
        one for one in session.caption if "split anew" in one.value
    ]
    assert bool(charts(session)) != bool(refused)


@pytest.mark.parametrize("key", ["momentum", "alpha", "rho", "beta1", "beta2", "etaplus", "shift", "dropout", "eps"])
def test_usual_values_can_be_taken(key):
    assert len(axis_of(key, "", Experiment()).values) >= 2


def test_a_value_that_is_left_to_the_engine_is_refused():
    with pytest.raises(ValueError, match="no place among numbers"):
        axis_of("dseed", "auto, 1", Experiment())


def test_settings_of_a_view_keep_their_values_while_another_one_is_shown(opened):
    session = opened(
        {"steps": "5", "samples": "40", "st1v": "0.1", "stseeds": "1", "stshow": "reached", "sttol": "0.2"}
    )
    for view in ("answers", "samples", "settings"):
        session.segmented_control(key="stview").set_value(view).run()
        assert not session.exception
    assert session.number_input(key="sttol").value == 0.2
    assert session.text_input(key="st1v").value == "0.1"


# ---- A, the pinned run, beside a study ----

PIN = {"pin": "v:1~lr:0.3~seed:5"}
OF_A = {"lr": 0.3, "seed": 5}


@pytest.mark.parametrize(
    ("measure", "value"),
    [("test_loss", lambda run: run.test_loss[-1]), ("train_accuracy", lambda run: run.train_accuracy[-1])],
)
@pytest.mark.parametrize("plan", ["grid", "random", "both"])
def test_the_pinned_run_is_a_line_across_the_study_with_its_own_number(opened, charts, plan, measure, value):
    session = opened(SMALL | PIN | {"st1v": "0.01..0.1 log 2", "stplan": plan, "stshow": measure})
    a = value(train(Experiment(steps=20, arch=(4,), samples=60, **OF_A)))
    for chart in charts(session):
        (line,) = chart["layout"]["shapes"]
        assert [line["y0"], line["y1"]] == pytest.approx([a, a], rel=1e-12)
        (note,) = chart["layout"]["annotations"]
        assert note["text"] == f"A {number(a, 3)}"
        axis = chart["layout"]["yaxis"]
        height = np.log10(a) if axis.get("type") == "log" else a
        assert note["y"] == pytest.approx(height)
        assert axis["range"][0] < height < axis["range"][1]
    table = session.dataframe[0].value
    assert table["Run"].tolist() == ["A"] + ["B"] * (len(table) - 1)
    assert table["Test loss at the end"][0] == pytest.approx(
        train(Experiment(steps=20, arch=(4,), samples=60, **OF_A)).test_loss[-1]
    )
    assert any("**A, the pinned run**: learning rate 0.3, seed 5" in one.value for one in session.markdown)


@pytest.mark.parametrize("plan", ["grid", "random"])
def test_over_two_settings_the_pinned_run_is_a_tick_of_the_colours(opened, charts, plan):
    link = {"st1v": "0.01..0.1 log 2", "st2": "arch", "st2v": "2, 3-3", "struns": "4", "stplan": plan}
    (chart,) = charts(opened(SMALL | PIN | link))
    a = train(Experiment(steps=20, arch=(4,), samples=60, **OF_A)).test_loss[-1]
    of_color = chart["data"][0].get("marker") or chart["data"][0]
    bar, ends = of_color["colorbar"], [of_color.get(f"{c}{end}") for end in ("min", "max") for c in "cz"]
    place = bar["tickvals"][[text.startswith("<b>A ") for text in bar["ticktext"]].index(True)]
    low, high = [end for end in ends if end is not None]
    assert low <= place <= high
    assert place in (pytest.approx(a), pytest.approx(np.log10(a)))


def test_the_pinned_run_stands_beside_the_folds_and_the_learning_curve(opened, charts):
    session = opened(SMALL | PIN | {"stview": "samples", "stfolds": "3", "stshow": "test_loss"})
    run = train(Experiment(steps=20, arch=(4,), samples=60, **OF_A))
    for chart in charts(session):
        of_a = [line["y0"] for line in chart["layout"]["shapes"] if line["line"]["dash"] != "dot"]
        assert of_a == pytest.approx([run.train_loss[-1], run.test_loss[-1]], rel=1e-12)


def test_the_answers_of_the_pinned_run_stand_beside_the_present_ones(opened, charts, array):
    link = {"data": "moons", "noise": "0.6", "steps": "60", "arch": "4", "stview": "answers"}
    session = opened(link | {"pin": "v:1~lr:0.001"})
    a, b = (train(Experiment(data="moons", noise=0.6, steps=60, arch=(4,), **more)) for more in ({"lr": 0.001}, {}))
    assert any(
        f"Accuracy {b.test_accuracy[-1]:.3f} (A {a.test_accuracy[-1]:.3f})" in one.value.replace("\\", "")
        for one in session.caption
    )
    metrics = pytest.importorskip("sklearn.metrics")
    labels = a.data.labels[a.data.test]
    score = a.output(a.data.x[:, a.data.test], [-1])[0, 0]
    drawn = {chart["layout"]["title"]["text"].split(":")[0]: chart for chart in charts(session)}
    false_rate, true_rate, _ = metrics.roc_curve(labels, score, drop_intermediate=False)
    of_a = next(trace for trace in drawn["ROC"]["data"] if trace.get("hovertemplate", "").startswith("A:"))
    assert np.trapezoid(array(of_a["y"]), array(of_a["x"])) == pytest.approx(np.trapezoid(true_rate, false_rate))
    assert f"(A {metrics.roc_auc_score(labels, score):.3f})" in drawn["ROC"]["layout"]["title"]["text"]
    table = session.dataframe[0].value
    expected = metrics.precision_recall_fscore_support(labels, score > 0)
    for name, values in zip(("precision", "recall", "F1"), expected, strict=False):
        assert table[f"{name} (A)"][:2].tolist() == pytest.approx(values.tolist())


@pytest.mark.parametrize(
    ("link", "says"),
    [
        ({"data": "moons", "pin": "v:1~data:spiral3~loss:softmax_cross_entropy"}, "answers with other classes"),
        ({"data": "moons", "pin": "v:1~test:0"}, "holds nothing back to test on"),
        ({"data": "sine", "pin": "v:1~data:moons~loss:binary_cross_entropy"}, "has no such numbers"),
        ({"data": "sine", "pin": "v:1~lr:0.001"}, "(A "),
    ],
)
def test_answers_that_cannot_stand_beside_each_other_are_said(opened, link, says):
    session = opened({"steps": "20", "arch": "4", "stview": "answers"} | link)
    assert any(says in caption.value.replace("\\", "") for caption in session.caption)
