"""Training for a page: cached within a budget, interruptible, and a sentence where it cannot be."""

from types import SimpleNamespace

import numpy as np
import pytest

from engine import train
from engine.experiment import Experiment
from pages.common.runs import cache as run


class Stopped(BaseException):
    """Stands for Streamlit ending a run; like that one it is no `Exception`."""


def recording(size):
    return SimpleNamespace(params=np.zeros(size, dtype=np.uint8), name="no array")


def test_the_shelf_drops_the_least_recently_used():
    shelf = run.Shelf(budget=100)
    for key in "abc":
        shelf.put(key, recording(30))
    assert shelf.get("a") is not None
    shelf.put("d", recording(30))
    assert [shelf.get(key) is not None for key in "abcd"] == [True, False, True, True]
    assert shelf.used == 90


def test_the_shelf_keeps_the_newest_whatever_its_size():
    shelf = run.Shelf(budget=100)
    shelf.put("a", recording(30))
    shelf.put("b", recording(500))
    assert shelf.get("a") is None
    assert shelf.get("b") is not None
    shelf.put("b", recording(20))
    assert shelf.used == 20


def test_the_size_of_a_recording_counts_its_arrays():
    small, large = (train(Experiment(arch=(width,), steps=20)) for width in (2, 20))
    frames = len(large.frames)
    difference = 3 * frames * (large.network.size - small.network.size) * large.params.itemsize
    assert run.size(large) - run.size(small) == difference


def test_progress_is_shown_only_after_a_moment_and_not_too_often(monkeypatch):
    clock, shown = iter([0.0, 0.1, 0.5, 0.55, 0.7, 0.9]), []
    monkeypatch.setattr(run, "perf_counter", lambda: next(clock))
    head = SimpleNamespace(progress=lambda share, text: shown.append((share, text)))
    progress = run.Progress(head, 2000)
    for share in (0.1, 0.5, 0.55, 0.7, 1.0):
        progress(share)
    assert [share for share, _ in shown] == [0.5, 0.7, 1.0]
    assert shown[0][1] == "Training: step 1,000 of 2,000"


def test_whatever_the_bar_raises_ends_the_run(monkeypatch):
    """Streamlit interrupts by raising where the page is written to; the engine must let it through."""
    monkeypatch.setattr(run, "QUIET", 0.0)

    def stop(_share, _text):
        raise Stopped

    with pytest.raises(Stopped):
        train(Experiment(steps=5000), run.Progress(SimpleNamespace(progress=stop), 5000))


def test_too_much_work_is_refused_in_one_sentence(app, metrics):
    session = app({"arch": "512-512-512", "steps": "20000", "samples": "5000"})
    assert len(session.warning) == 1
    assert "reduce" in session.warning[0].value
    assert not metrics(session)
    session.text_input(key="arch").set_value("2")
    session.number_input(key="steps").set_value(5)
    session.run()
    assert metrics(session)
    assert not session.warning


def test_a_diverged_run_is_shown_with_a_sentence(app, metrics):
    session = app({"data": "plane", "optimizer": "sgd", "lr": "500", "steps": "100"})
    assert len(session.error) == 1
    assert "iverged" in session.error[0].value
    assert metrics(session)


def test_the_same_experiment_is_trained_once_for_everybody(app, monkeypatch):
    calls = []
    monkeypatch.setattr(run, "train", lambda *args, **more: calls.append(args) or train(*args, **more))
    link = {"steps": "13", "seed": "12345", "arch": "2"}
    app(link)
    session = app(link)
    assert len(calls) == 1
    session.number_input(key="seed").set_value(12346).run()
    session.number_input(key="seed").set_value(12345).run()
    assert len(calls) == 2
