"""Results are kept within a budget that holds for all they hold, and a user's own leave with the session."""

from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
import streamlit as st

from engine import train
from engine.experiment import Experiment
from pages.common.runs import cache as run
from pages.common.runs.memory import held

TABLE = "a,b,kind\n" + "".join(f"{i},{i * i % 7},{'yes' if i % 3 else 'no'}\n" for i in range(60))


def recording(size):
    return SimpleNamespace(params=np.zeros(size, dtype=np.uint8), name="no array")


@pytest.fixture
def results():
    """The cache of the process, emptied."""
    for key in list(run.RESULTS._entries):
        run.RESULTS.pop(key)
    assert run.RESULTS.used == 0
    return run.RESULTS


def test_the_cache_drops_the_least_recently_used():
    cache = run.Cache(budget=100_000)
    for key in "abc":
        cache.put(key, recording(30_000))
    assert cache.get("a") is not None
    cache.put("d", recording(30_000))
    assert [cache.get(key) is not None for key in "abcd"] == [True, False, True, True]
    assert 90_000 < cache.used < 95_000


def test_a_result_larger_than_the_budget_is_not_kept_and_drops_nothing():
    cache = run.Cache(budget=100_000)
    cache.put("a", recording(30_000))
    cache.put("b", recording(500_000))
    assert cache.get("b") is None
    assert cache.get("a") is not None


def test_a_result_on_a_sessions_own_large_data_is_its_only_one_and_goes_with_it():
    cache, own = run.Cache(budget=100_000), np.zeros(150_000, dtype=np.uint8)
    cache.put("others", recording(30_000))
    for key in "ab":
        cache.put(key, (own[5:], recording(30_000)), "session", own)
    assert [cache.get(key) is not None for key in ("others", "a", "b")] == [True, False, True]
    assert 60_000 < cache.used < 65_000
    cache.put("too large by itself", (own, recording(120_000)), "session", own)
    assert cache.get("too large by itself") is None
    cache.put("c", (own, recording(30_000)), "session", own)
    cache.release("session")
    assert cache.get("c") is None
    assert 30_000 < cache.used < 32_000


def test_a_result_takes_the_place_of_the_one_before():
    cache = run.Cache(budget=100_000)
    cache.put("b", recording(60_000))
    cache.put("b", recording(20_000))
    assert 20_000 < cache.used < 25_000
    assert len(cache.pop("b").params) == 20_000
    assert cache.pop("b") is None
    assert cache.used == 0


def test_the_size_of_a_recording_counts_its_arrays():
    small, large = (train(Experiment(arch=(width,), steps=20)) for width in (2, 20))
    rows = 3 * (len(large.frames) + 1)  # and the row after the last, which lies in the same piece
    difference = rows * (large.network.size - small.network.size) * large.params.itemsize
    assert held(large).size - held(small).size == pytest.approx(difference, rel=0.02)


def test_what_results_share_counts_once():
    cache, data = run.Cache(budget=1_000_000), np.zeros(50_000)
    for key in range(10):
        cache.put(key, (data, np.full(1000, key)))
    assert 480_000 < cache.used < 500_000
    for key in range(9):
        cache.pop(key)
    assert 408_000 < cache.used < 412_000
    cache.pop(9)
    assert cache.used == 0


def test_the_budget_holds_over_a_thousand_changes_with_rivals_pins_and_tables():
    """What a session goes through: runs, races of them, surfaces that hold arrays deep inside, closures, tables."""
    cache = run.Cache(budget=2_000_000)
    rng, most = np.random.default_rng(0), 0
    table = np.zeros(10_000)
    for change in range(1000):
        size = int(rng.integers(1, 5000))
        runs = tuple(recording(size) for _ in range(1 + change % 5))
        cache.put(("race", change), runs)
        cache.put(("surface", change), SimpleNamespace(grid={"loss": [np.zeros(size)]}, trajectories=runs))
        cache.put(("loss", change), partial(np.add, np.zeros(size)))
        cache.put(("own", change), (table[change:], np.zeros(size)), owner=str(change % 3))
        most = max(most, cache.used)
    assert 1_800_000 < most <= 2_000_000
    alive = {key: cache.get(key) for key in list(cache._entries)}
    assert 0.85 * cache.used < held(alive).size <= cache.used  # small pieces that are shared count for each
    for owner in "012":
        cache.release(owner)
    assert all(key[0] != "own" for key in cache._entries)
    for key in list(cache._entries):
        cache.pop(key)
    assert cache.used == 0


def test_the_same_experiment_is_trained_once_for_everybody(app, monkeypatch):
    calls = []
    monkeypatch.setattr(run, "train", lambda *args, **more: calls.append(args) or train(*args, **more))
    link = {"steps": "13", "seed": "12345", "arch": "2"}
    app(link)
    session = app(link, unfolded=True)
    assert len(calls) == 1
    session.number_input(key="seed").set_value(12346).run()
    session.number_input(key="seed").set_value(12345).run()
    assert len(calls) == 2


def upload(app, page):
    """A session that has brought a table of its own, and shows a page."""
    session = app({"data": "csv", "steps": "7", "arch": "2", "track": "network"})
    session.file_uploader(key="csv_file").upload("own.csv", TABLE.encode()).run()
    session.switch_page(f"pages/{page}.py").run()
    assert not session.exception
    return session


def owners(results):
    return {entry.owner for entry in results._entries.values()}


@pytest.mark.parametrize("page", ["train", "layers", "loss_surface", "backprop", "optimizers", "depth"])
def test_what_is_made_of_a_table_goes_with_its_session(app, results, page):
    upload(app, page)
    assert any(owners(results))
    st.cache_resource.clear()  # as at the end of a session
    assert not any(owners(results))


def test_sessions_with_the_same_table_share_nothing(app, results, monkeypatch):
    for name in "ab":
        monkeypatch.setattr(run, "session", lambda name=name: name)
        upload(app, "train")
    assert owners(results) >= {"a", "b"}
    results.release("a")
    assert owners(results) >= {"b"}
