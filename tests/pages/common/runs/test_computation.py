"""What may start by itself, what waits for a button, what is refused; and that all of it can be ended."""

from threading import Thread
from time import process_time, sleep
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from engine import train
from engine.experiment import Experiment
from pages.common.runs import computation as run

HEAVY = {"arch": "64-64", "samples": "5000", "steps": "3000"}  #: about half a minute


class Stopped(BaseException):
    """Stands for Streamlit ending a run; like that one it is no `Exception`."""


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


def test_too_much_work_is_refused_in_one_sentence(app, choose, metrics):
    session = app({"arch": "512-512-512", "steps": "20000", "samples": "5000"})
    assert len(session.warning) == 1
    assert "reduce" in session.warning[0].value
    assert not metrics(session)
    session.number_input(key="steps").set_value(5)
    choose(session, arch="2")
    assert metrics(session)
    assert not session.warning


def test_a_diverged_run_is_shown_with_a_sentence(app, metrics):
    session = app({"data": "plane", "optimizer": "sgd", "lr": "500", "steps": "100"})
    assert len(session.error) == 1
    assert "iverged" in session.error[0].value
    assert metrics(session)


def test_a_link_alone_starts_no_heavy_work(app, metrics, monkeypatch):
    """It is offered with its duration; to press the button once is enough, and it holds for these settings only."""
    started = []
    monkeypatch.setattr("pages.common.runs.cache.train", lambda e, _progress, data: started.append(e) or small(data))

    def small(data):
        return train(Experiment(steps=5, arch=(2,)), data=data)

    before = process_time()
    session = app(HEAVY, unfolded=True)
    assert process_time() - before < 5
    assert not started
    assert not metrics(session)
    button = session.button(key="run_it")
    assert button.label.startswith("Run it, about ")
    assert button.label.endswith(" s")
    button.click().run()
    assert len(started) == 1
    assert metrics(session)
    session.number_input(key="seed").set_value(7).run()
    assert len(started) == 1
    assert session.button(key="run_it")


def test_many_small_ones_count_together():
    """Seven seconds may start by themselves, but not seven more beside them."""
    page = PAGE_OF_WORK.format(seconds=7.0, size=0)
    session = AppTest.from_string(page).run()
    assert [text.value for text in session.markdown][:1] == ["first"]
    assert session.button(key="run_it").label == "Run it, about 7 s"


def test_nobody_is_asked_about_a_moment():
    page = PAGE_OF_WORK.format(seconds="9.9 if name == 'first' else 0.3", size=0)
    session = AppTest.from_string(page).run()
    assert [text.value for text in session.markdown] == ["first", "second"]
    assert not session.button


PAGE_OF_WORK = """
import streamlit as st
from types import SimpleNamespace
from engine.work import Estimate
from pages.common.runs.computation import computing

head = SimpleNamespace(begun=0.0, clear=lambda: None, progress=lambda share, text: st.caption(text))
for name in ("first", "second"):
    with computing(name, lambda: Estimate({seconds}, {size}, "the steps"), head, "This run"):
        st.markdown(name)
"""


@pytest.mark.parametrize(
    ("seconds", "size", "label"),
    [(40.0, 0, "Run it, about 40 s"), (1.0, 600e6, "Run it, about 1 s"), (100.0, 0, "Run it, about 100 s")],
)
def test_beyond_ten_seconds_or_300_mb_it_has_to_be_asked_for(seconds, size, label):
    session = AppTest.from_string(PAGE_OF_WORK.format(seconds=seconds, size=size)).run()
    assert session.button(key="run_it").label == label
    assert ("600 MB of memory" in session.markdown[0].value) == (size > 0)
    session.button(key="run_it").click().run()
    assert session.markdown[0].value == "first"
    session.button(key="run_it").click().run()
    assert [text.value for text in session.markdown] == ["first", "second"]


@pytest.mark.parametrize(("seconds", "size"), [(121.0, 0), (1.0, 1.1e9)])
def test_beyond_the_limits_of_the_host_it_is_refused(seconds, size):
    session = AppTest.from_string(PAGE_OF_WORK.format(seconds=seconds, size=size)).run()
    assert "reduce the steps" in session.warning[0].value
    assert not session.button


def test_the_limits_are_those_of_the_environment(monkeypatch):
    monkeypatch.setenv("DESCENT_LAB_SECONDS", "3")
    session = AppTest.from_string(PAGE_OF_WORK.format(seconds=4.0, size=0)).run()
    assert "would take about 4 s, and at most 3 s is allowed here: reduce the steps" in plainly(
        session.warning[0].value
    )


def plainly(markdown):
    return markdown.replace("\\", "")


BUSY = """
import streamlit as st
from types import SimpleNamespace
from engine.cancellation import cancellation_point
from engine.work import Estimate
from pages.common.runs.computation import computing

head = SimpleNamespace(begun=0.0, clear=lambda: None, progress=lambda share, text: None)
with computing("busy", lambda: Estimate(1.0, 0, "the steps"), head, "This run"):
    for _ in range(50):
        cancellation_point()
st.markdown("done")
"""


def test_what_takes_far_longer_than_was_said_ends_and_is_asked_for(monkeypatch):
    """On a slow machine, or where an estimate is wrong: a deadline in seconds of one core.

    The clock is the test's own: each cancellation point takes a tenth of a second, the whole five of them.
    """
    now = [0.0]

    def later():
        now[0] += 0.1
        return now[0]

    monkeypatch.setattr("engine.cancellation.perf_counter", later)
    monkeypatch.setattr(run, "thread_time", lambda: now[0])
    monkeypatch.setattr(run, "LATE", 0.05)
    session = AppTest.from_string(BUSY, default_timeout=20).run()
    assert now[0] < 2
    assert session.button(key="run_it").label == "Run it to the end"
    monkeypatch.setenv("DESCENT_LAB_SECONDS", "1")
    session.button(key="run_it").click().run()
    assert "ended after 1 s, the most that is allowed here: reduce the steps" in plainly(session.warning[0].value)
    monkeypatch.delenv("DESCENT_LAB_SECONDS")
    session.run()
    assert session.markdown[0].value == "done"


def test_memory_is_shared_out_and_who_does_not_fit_waits():
    memory, waited = run.Memory(), []

    def second():
        with memory.reserved(6e8, lambda: waited.append(1)):
            waited.append("in")

    with memory.reserved(6e8, pytest.fail):
        other = Thread(target=second)
        other.start()
        sleep(0.5)
        assert waited == [1]
    other.join(2)
    assert waited[-1] == "in"


def test_who_waits_for_memory_can_leave():
    memory = run.Memory()

    def leave():
        raise Stopped

    with memory.reserved(6e8, pytest.fail):
        with pytest.raises(Stopped), memory.reserved(6e8, leave):
            pytest.fail("there is no room")
        with memory.reserved(3e8, pytest.fail):
            pass


def test_an_estimate_that_fails_is_a_sentence():
    page = PAGE_OF_WORK.replace('Estimate({seconds}, {size}, "the steps")', 'int("x")')
    session = AppTest.from_string(page).run()
    assert "invalid literal" in session.warning[0].value
