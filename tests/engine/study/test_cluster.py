"""The same study on a real Dask scheduler with two workers."""

import os
import signal
import time

import pytest

from engine import Experiment
from engine.study import completed, grid, run, seeds

distributed = pytest.importorskip("distributed")
QUICK = Experiment(arch=(4,), steps=20)


@pytest.fixture(scope="module")
def client():
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def test_rows_are_equal_to_the_last_bit(client):
    experiments = grid(QUICK, {"lr": [0.01, 0.1, 1000.0], "optimizer": ["sgd", "adam", "lbfgs"], "seed": range(3)})
    shares = []
    assert run(experiments, client.get_executor(), shares.append) == run(experiments)
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_a_worker_that_is_killed_loses_nothing(client):
    experiments = seeds(QUICK.replace(steps=300), 60)
    rows, killed = {}, False
    for place, row in completed(experiments, client.get_executor()):
        rows[place] = row
        if len(rows) == 5 and not killed:
            victim = next(iter(client.run(os.getpid).values()))
            os.kill(victim, signal.SIGKILL)
            killed = True
    assert [rows[i] for i in range(60)] == run(experiments)


def test_a_study_that_is_called_off_leaves_the_scheduler_empty(client):
    found = completed(seeds(QUICK.replace(steps=2000), 500), client.get_executor())
    next(found)
    found.close()
    end = time.monotonic() + 30
    while client.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.tasks)) and time.monotonic() < end:
        time.sleep(0.1)
    assert client.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.tasks)) == 0


def test_the_scheduler_holds_few_tasks_at_a_time(client):
    most = 0
    for place, _ in completed(seeds(QUICK.replace(steps=1), 400), client.get_executor()):
        if place % 50 == 0:
            held = client.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.tasks))
            most = max(most, held)
    assert 0 < most <= 128
