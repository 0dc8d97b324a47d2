"""What has to be found where one more of a kind was added: `tests/test_additions.py` runs this in the copy."""

import json
import re
from functools import cache
from html import unescape
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

import engine
from engine import Experiment, race, train
from engine.activations import ACTIVATIONS
from engine.backprop import write_out
from engine.depth import Deep, measure, predict
from engine.depth.signals import noise
from engine.descent import descend
from engine.lessons import LESSONS
from engine.losses import LOSSES, with_options
from engine.optimizers import OPTIMIZERS
from engine.schedules import learning_rates
from engine.surfaces import SURFACES
from engine.training.builders import rates_of
from pages.common import theme
from pages.sections.backprop.formulas import update

ROOT = Path.cwd()
SMALL = {"samples": "40", "steps": "12", "arch": "4"}
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)  # not for each session


def opened(page=None, fold="", **link):
    """A session of the app in this folder; `fold` is one of the sidebar that is open."""
    session = AppTest.from_file(ROOT / "app.py", default_timeout=120)
    if page:
        session.switch_page(f"pages/{page}.py")
    for key, value in (SMALL | link).items():
        session.query_params[key] = value
    if fold:
        session.session_state[fold] = True
    session.run()
    assert not session.exception
    assert not session.warning
    return session


def results(session):
    """The columns of the table of a race."""
    (text,) = (found for found in (one.proto.body for one in session.get("html")) if 'class="table"' in found)
    lines = [[unescape(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t", line)] for line in text.split("<tr>")[1:]]
    return dict(zip(lines[0], zip(*lines[1:], strict=True), strict=True))


def component(session, name):
    """What one of the lab's own components is given, and its HTML."""
    protos = [element.proto for element in session.get("bidi_component")]
    (proto,) = (one for one in protos if one.component_name == f"descent_lab_{name}")
    return json.loads(proto.json), proto.html_content


def charts(session):
    return "".join(element.proto.bytes.decode("utf-8", "ignore") for element in session.get("bidi_component"))


def linked(key, value, beyond, **settings):
    """The setting comes from a link and goes back into one, and a value that is too large is mended and named."""
    experiment = Experiment.from_params(settings | {key: value})
    assert experiment.problems == ()
    assert experiment.to_params()[key] == value
    assert Experiment.from_params(experiment.to_params()) == experiment
    if beyond:
        (problem,) = Experiment.from_params(settings | {key: beyond}).problems
        assert problem.startswith(f"{key}: ")
    return experiment


def test_these_are_the_copies():
    assert Path(engine.__file__).is_relative_to(ROOT)


class TestOptimizer:
    """Soft sign, with a hyper-parameter of its own: its softness."""

    def test_link(self):
        experiment = linked("softness", "0.25", "1000", optimizer="soft_sign")
        assert experiment.softness == 0.25
        assert Experiment(optimizer="soft_sign").softness == 0.5
        assert Experiment().replace(optimizer="soft_sign").to_params()["softness"] == "0.5"

    def test_sidebar(self):
        session = opened(fold="fold_optimizer", optimizer="soft_sign")
        control = session.number_input(key="softness")
        assert (control.label, control.value, control.min, control.max) == ("Softness κ", 0.5, 0.01, 100)
        assert "softness" not in {control.key for control in opened().number_input}
        session.selectbox(key="optimizer").select("adam").run()
        session.selectbox(key="optimizer").select("soft_sign").run()
        assert not session.exception
        assert session.number_input(key="lr").value == OPTIMIZERS["soft_sign"].rate

    def test_a_race_is_a_loop(self):
        runs = [Experiment(optimizer="soft_sign", softness=value, samples=40, steps=15) for value in (0.1, 2)]
        runs.append(runs[0].replace(optimizer="adam"))
        for run, recording in zip(runs, race(runs), strict=True):
            assert np.array_equal(recording.params, train(run).params)
        first, last = (recording.params[-1] for recording in race(runs[:2]))
        assert not np.array_equal(first, last)

    def test_race_page(self):
        shown = opened("optimizers", racers=["soft_sign", "sgd"], rsteps="40", arrows="soft_sign")
        assert "Soft sign" in results(shown)["Optimizer"]
        look = theme.OPTIMIZERS["soft_sign"]
        assert look.color in charts(shown)
        others = [style for name, style in theme.OPTIMIZERS.items() if name != "soft_sign"]
        assert (look.color, look.dash) not in {(style.color, style.dash) for style in others}
        assert look.symbol not in {style.symbol for style in others}
        same = {"racers": ["soft_sign"], "fair": "same", "rate": "0.05"}
        own = opened("optimizers", **same, rsteps="40", hy="soft_sign.softness:2")
        alone = descend(SURFACES["rosenbrock"], (-1.2, 1.0), OPTIMIZERS["soft_sign"](lr=0.05, softness=2.0), 40)
        assert float(results(own)["Final loss"][0]) == pytest.approx(alone.loss[-1], rel=1e-3)
        opened("optimizers", **same, track="network")

    def test_written_update(self):
        optimizer, params, gradient = OPTIMIZERS["soft_sign"](decay=0.1), np.array([1.0, -2.0]), np.array([0.5, 3.0])
        state = optimizer.init(params)
        for _ in range(3):
            moved, after = optimizer.update(params, gradient, state, lr=0.1)
            sheet = write_out(optimizer, params, gradient, state, 0.1, moved - params)
            assert [line.name for line in sheet.lines] == ["h", "m", "u"]
            assert params + sheet.lines[-1].value == pytest.approx(moved, rel=1e-14)
            params, state = moved, after
        assert sheet.filled(sheet.lines[1]) == r"\beta_1 \cdot m_{t-1} + (1-\beta_1) \cdot \tilde g"
        assert sheet.filled(sheet.lines[2]) == r"-\eta\,\frac{m}{|m|+\kappa}"
        assert r"\frac{" in update(sheet, 0, "w", float(moved[0]))

    def test_written_update_on_its_page(self):
        shown = opened("backprop", optimizer="soft_sign", softness="0.25")
        written = "".join(formula.value for formula in shown.latex)
        assert r"-\eta\,\frac{m}{|m|+\kappa}" in written
        assert "0.25" in written


class TestActivation:
    """Softsign, z/(1+|z|)."""

    def test_link_and_sidebar(self):
        assert linked("act", "soft", "", arch="4").act == ("soft",)
        assert linked("out", "soft", "", loss="mse", data="sine").out == "soft"
        editor, _ = component(opened(act="soft"), "network")
        assert ["soft", "Soft"] in editor["activations"]
        assert editor["acts"] == ["soft"]

    def test_derivative(self):
        phi, z = ACTIVATIONS["soft"], np.linspace(-3, 3, 14)
        slope = phi.derivative(z, phi.value(z))
        assert slope == pytest.approx((phi.value(z + 1e-6) - phi.value(z - 1e-6)) / 2e-6, rel=1e-8)

    def test_depth_page(self):
        session = opened("depth", phi="soft", depth="4", width="8")
        assert session.selectbox(key="phi").value == "soft"
        deep = Deep(depth=4, width=300, activation="soft")
        x = noise(300, 32, 0)
        assert measure(deep, x).ratio == pytest.approx(predict(deep, x).ratio, rel=0.5)
        assert charts(session)

    @pytest.mark.parametrize("page", ["train", "layers", "backprop", "loss_surface"])
    def test_pages(self, page):
        assert charts(opened(page, act="soft"))


class TestLoss:
    """The pinball loss, with an option of its own: the quantile."""

    def test_link_and_sidebar(self):
        linked("quantile", "0.2", "7", loss="pinball", data="sine")
        session = opened(data="sine", loss="pinball", fold="fold_training")
        assert session.number_input(key="quantile").label == "Quantile q"
        assert session.number_input(key="quantile").value == 0.5
        assert "Pinball" in session.selectbox(key="loss").options

    def test_a_run_descends_it(self):
        run = train(Experiment(data="sine", loss="pinball", quantile=0.2, samples=40, steps=40))
        x, y = run.data.x[:, run.data.train], run.data.targets[:, run.data.train]
        d = run.network.forward(run.params[-1], x) - y
        assert run.loss[-1] == pytest.approx(np.maximum(-0.2 * d, 0.8 * d).mean())
        assert run.loss[-1] < run.loss[0]
        assert run.loss[0] != train(Experiment(data="sine", loss="pinball", samples=40, steps=1)).loss[0]
        z = np.array([[0.3, -1.2]])
        assert with_options("pinball", share=0.5).value(z, z + 1) == LOSSES["pinball"].value(z, z + 1)

    @pytest.mark.parametrize("page", ["train", "layers", "backprop", "loss_surface"])
    def test_pages(self, page):
        assert charts(opened(page, data="sine", loss="pinball"))


class TestSchedule:
    """The inverse schedule, with an option of its own: when the rate is half."""

    def test_link_and_sidebar(self):
        linked("half", "7", "1001", schedule="inverse")
        assert Experiment(schedule="inverse").to_params()["half"] == "auto"
        session = opened(schedule="inverse", fold="fold_optimizer")
        assert session.number_input(key="half").label == "Steps to half"
        assert session.number_input(key="half").value is None

    def test_a_run_follows_it(self):
        run = train(Experiment(schedule="inverse", half=7, lr=0.1, samples=40, steps=20))
        assert run.lr[:20] == pytest.approx(0.1 / (1 + np.arange(20) / 7))
        assert rates_of(Experiment(schedule="inverse", lr=0.1, steps=50))[5] == pytest.approx(0.05)
        with pytest.raises(ValueError, match="half=0 must be in"):
            learning_rates("inverse", 0.1, 20, half=0)

    def test_race_page(self):
        session = opened("optimizers", racers=["sgd"], rsteps="40", rsched="inverse")
        assert session.selectbox(key="rsched").value == "inverse"


class TestDataset:
    """Stripes."""

    def test_link_and_sidebar(self):
        assert linked("data", "stripes", "").data == "stripes"
        session = opened(data="stripes")
        given, html = component(session, "pictures")
        assert given["chosen"] == "stripes"
        assert re.search(r'value="stripes"><svg[^>]*><path d="M[^>]*/><path d="M[^>]*/></svg><span>Stripes<', html)
        assert any("Upright stripes" in caption.value for caption in session.caption)

    @pytest.mark.parametrize("page", ["train", "layers", "backprop", "loss_surface"])
    def test_pages(self, page):
        shown = charts(opened(page, data="stripes"))
        assert page != "train" or "Decision boundary" in shown

    def test_a_run_learns_it(self):
        run = train(Experiment(data="stripes", noise=0, arch=(8, 8), steps=400))
        assert run.loss[-1] < 0.3 * run.loss[0]
        assert set(run.data.labels) == {0, 1}


class TestSurface:
    """The trough."""

    def test_race_page(self):
        session = opened("optimizers", track="trough", racers=["sgd", "newton"], rsteps="40")
        assert session.selectbox(key="track").value == "trough"
        assert any(SURFACES["trough"].formula in caption.value for caption in session.caption)
        assert min(map(float, results(session)["Final loss"])) < 1e-3

    def test_slopes_and_curvatures(self):
        surface, step = SURFACES["trough"], 1e-6
        at = np.array([0.7, -0.4])
        for axis, shift in enumerate(step * np.eye(2)):
            low, high = (surface.value(at + sign * shift) for sign in (-1, 1))
            assert surface.gradient(at)[axis] == pytest.approx((high - low) / (2 * step), rel=1e-7)
            turn = (surface.gradient(at + shift) - surface.gradient(at - shift)) / (2 * step)
            assert surface.hessian(at)[axis] == pytest.approx(turn, rel=1e-7)
        path = descend(surface, (1.5, 1.0), OPTIMIZERS["sgd"](lr=0.05), 30)
        assert all(later < earlier for earlier, later in pairwise(path.loss))


class TestLesson:
    """Four steps."""

    def test_it_stands_in_its_chapter_and_leads_to_the_next(self):
        lesson = LESSONS["four-steps"]
        assert LESSONS[lesson.next].key == "rate-too-small"
        assert [each.next for each in LESSONS.values()].count(lesson.key) == 1

    def test_its_text_has_the_number_that_was_measured(self):
        lesson = LESSONS["four-steps"]
        assert lesson.fill(lesson.why) == "They are 4."
        assert all(claim.holds(claim.measure()) for claim in lesson.claims)

    def test_it_has_a_card_and_opens_by_its_link(self):
        sent = [element.proto.json for element in opened("lessons", lchapter="2").get("bidi_component")]
        assert [one for one in sent if '"key":"four-steps"' in one.replace(" ", "")]
        session = opened("train", lesson="four-steps")
        assert [one.key for one in session.radio if one.key == "lesson_choice"]
