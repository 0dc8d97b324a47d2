"""The same rows wherever they are made."""

import pickle
import sys
import tracemalloc
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial

import numpy as np
import pytest

from engine import Experiment, train
from engine.cancellation import cancellable
from engine.datasets import Column, from_columns
from engine.study import completed, grid, measured, run, seeds, study_work, table
from engine.training import OwnData
from engine.work import TooMuchWork

QUICK = Experiment(arch=(4,), steps=20)


def test_a_row_is_what_a_run_by_itself_gives():
    experiment = QUICK.replace(data="digits", samples=100, arch=(8, 4), steps=50)
    row, recording = measured(experiment, tolerance=2.0), train(experiment)
    assert row.train_loss == recording.train_loss[-1]
    assert row.test_loss == recording.test_loss[-1]
    assert row.train_accuracy == recording.train_accuracy[-1]
    assert row.test_accuracy == recording.test_accuracy[-1]
    assert row.reached == np.flatnonzero(recording.loss <= 2.0)[0]
    assert (row.steps, row.diverged_at, row.problem) == (50, -1, "")
    first, last = (recording.parts.index(name) for name in ("W1", "W3"))
    assert row.gradient_ratio == recording.gradient_norm[0, first] / recording.gradient_norm[0, last]


def test_what_there_is_not_is_none():
    row = measured(QUICK.replace(data="line", test=0.0), tolerance=0)
    assert (row.test_loss, row.train_accuracy, row.test_accuracy, row.reached) == (None, None, None, -1)


def test_a_run_that_diverges_is_a_cell():
    row = measured(Experiment(data="plane", arch=(), optimizer="sgd", lr=100.0))
    assert row.diverged_at == train(row.experiment).event.step
    assert row.problem == ""


def test_what_cannot_run_says_why(monkeypatch):
    monkeypatch.setenv("DESCENT_LAB_SECONDS", "1")
    heavy = QUICK.replace(arch=(512,) * 8, steps=20_000)
    with pytest.raises(TooMuchWork) as problem:
        train(heavy)
    rows = run([heavy, QUICK])
    assert rows[0].problem == str(problem.value)
    assert rows[1] == measured(QUICK)


def test_any_executor_gives_the_same_rows():
    experiments = grid(QUICK, {"lr": [0.01, 0.1, 1000.0], "optimizer": ["sgd", "adam"], "seed": range(3)})
    here = run(experiments)
    for kind in (ThreadPoolExecutor, ProcessPoolExecutor):
        with kind(2) as executor:
            assert run(experiments, executor) == here
    assert [row.experiment for row in here] == experiments


class Late(Executor):
    """Keeps what it was given until it is asked for the last of them; does nothing by itself."""

    def __init__(self):
        self.given = []

    def submit(self, function, *arguments):
        self.given.append((Future(), function, arguments))
        return self.given[-1][0]


def test_few_tasks_wait_at_a_time_however_large_the_study():
    executor = Late()
    rows = completed(seeds(QUICK, 1000), executor)
    with cancellable(lambda: sys.exit("enough"), every=0.0), pytest.raises(SystemExit, match="enough"):
        next(rows)
    assert len(executor.given) == 64
    assert all(future.cancelled() for future, *_ in executor.given)


def test_fewer_wait_where_each_carries_a_large_table():
    executor, rng = Late(), np.random.default_rng(0)
    columns = [Column(name, rng.normal(size=100_000)) for name in "abcdefgh"]  # 6.4 MB
    rows = completed(
        seeds(QUICK, 1000), executor, data=OwnData(partial(from_columns, columns, "a"), 100_000, gaps=True)
    )
    with cancellable(lambda: sys.exit("enough"), every=0.0), pytest.raises(SystemExit, match="enough"):
        next(rows)
    assert len(executor.given) == 7  # 50 MB


def test_progress_can_end_a_study():
    def stop(share):
        if share >= 0.5:
            raise TimeoutError(share)

    with ThreadPoolExecutor(1) as executor, pytest.raises(TimeoutError):
        run(seeds(QUICK, 8), executor, stop)


def test_progress_goes_from_0_to_1():
    shares = []
    run(seeds(QUICK, 4), progress=shares.append)
    assert shares == [0.25, 0.5, 0.75, 1.0]


def test_rows_are_small():
    """A thousand rows and the experiments they are of: under 3 kB each, in memory and on the way."""
    experiments = seeds(QUICK.replace(steps=1), 100)
    tracemalloc.start()
    rows = run(experiments)
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert size / len(rows) < 3000
    assert len(pickle.dumps(rows[0])) < 3000


def test_the_table_has_a_column_for_what_differs():
    columns = table(run(grid(QUICK, {"lr": [0.1, 0.2], "arch": [(2,), (3, 3)]})))
    assert columns["lr"] == [0.1, 0.1, 0.2, 0.2]
    assert columns["arch"] == ["2", "3-3", "2", "3-3"]
    assert set(columns) >= {"train_loss", "test_loss", "seconds", "problem"}
    assert "optimizer" not in columns


def test_the_work_of_a_study_is_that_of_its_runs():
    one = study_work([QUICK])
    many = study_work(seeds(QUICK, 50))
    assert many.seconds == pytest.approx(50 * one.seconds)
    assert many.bytes == one.bytes
    mixed = study_work([QUICK, QUICK.replace(steps=40)])
    assert mixed.seconds > 2 * one.seconds


def test_a_column_of_the_table_is_of_one_kind_so_that_it_can_be_a_file():
    assert table(run([QUICK.replace(dseed=seed) for seed in (None, 0)]))["dseed"] == ["auto", "0"]
    assert table(run([QUICK.replace(dseed=seed) for seed in (1, 0)]))["dseed"] == [1, 0]
