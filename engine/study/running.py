"""Running a study: the same rows, wherever there is room for the work.

An executor is anything with the `submit` of `concurrent.futures`: a pool of processes, or a Dask cluster's
`client.get_executor()`. Only experiments go out, and the user's own table with each where there is one, and only rows
come back. At most `WAITING` tasks are out at a time, fewer of a large table, so that a study of ten thousand runs is no
heavier for a scheduler than one of a hundred. Without an executor all runs here.
"""

import pickle
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import replace
from itertools import islice

from engine.cancellation import cancellation_point
from engine.datasets import Dataset
from engine.experiment import Experiment
from engine.study.rows import TOLERANCE, Row, measured
from engine.training import OwnData, load, network_of
from engine.work import Estimate, in_turn, training_work

WAITING, LEAST_WAITING = 64, 4  #: tasks with an executor at a time; and where each of them carries a large table
CARRIED = 50_000_000  #: bytes of the tables that these carry together, with the fewest tasks more
LOOK = 0.3  #: seconds after which a waiting study asks whether it is still wanted


def run(
    experiments: Sequence[Experiment],
    executor: Executor | None = None,
    progress: Callable[[float], None] | None = None,
    *,
    data: Dataset | OwnData | None = None,
    tolerance: float = TOLERANCE,
) -> list[Row]:
    """One row for each experiment, in their order; the same with any executor.

    Args:
        experiments: what to run.
        executor: anything with the `submit` of `concurrent.futures`; None runs one after the other, here.
        progress: called with the finished share, 0 to 1; what it raises ends the study, with what has not begun.
        data: takes the place of the experiments' own data: one data set for all, or a user's rows, of which each
            experiment takes its own sample and split.
        tolerance: the loss that counts as reached.
    """
    rows: list[Row | None] = [None] * len(experiments)
    for done, (place, row) in enumerate(completed(experiments, executor, data=data, tolerance=tolerance), 1):
        rows[place] = row
        if progress is not None:
            progress(done / len(rows))
    return rows


def completed(
    experiments: Sequence[Experiment],
    executor: Executor | None = None,
    *,
    data: Dataset | OwnData | None = None,
    tolerance: float = TOLERANCE,
) -> Iterator[tuple[int, Row]]:
    """Rows as they come, each with the place of its experiment. Closing the iterator calls off what has not begun."""
    if executor is None:
        for place, experiment in enumerate(experiments):
            yield place, measured(experiment, data, tolerance)
        return
    waiting: dict[Future[Row], int] = {}
    most = WAITING if data is None else max(LEAST_WAITING, min(WAITING, CARRIED // len(pickle.dumps(data))))
    ahead = iter(enumerate(experiments))
    try:
        while True:
            for place, experiment in islice(ahead, most - len(waiting)):
                waiting[executor.submit(measured, experiment, data, tolerance)] = place
            if not waiting:
                return
            done, _ = wait(waiting, timeout=LOOK, return_when=FIRST_COMPLETED)
            cancellation_point()
            for future in done:
                place = waiting.pop(future)
                yield place, replace(future.result(), experiment=experiments[place])  # one copy of it is enough
    finally:
        for future in waiting:
            future.cancel()


def study_work(experiments: Sequence[Experiment], data: Dataset | OwnData | None = None) -> Estimate:
    """What the runs of a study take, one after the other; experiments of one shape are counted by the first of them.

    Those that cannot run, and so will be a row with a problem, take nothing. Raises `ValueError` where none can.
    """
    kinds: dict[tuple[object, ...], Estimate | None] = {}
    parts = []
    for experiment in experiments:
        shape = tuple(getattr(experiment, key) for key in _SHAPE)
        if shape not in kinds:
            kinds[shape] = _one(experiment, data)
        parts.append(kinds[shape])
    able = [part for part in parts if part is not None]
    if not able:
        raise ValueError("none of the experiments can run on these data")
    return in_turn(*able)


#: Settings that decide how long a run takes.
_SHAPE = (
    "data",
    "samples",
    "test",
    "features",
    "arch",
    "act",
    "norm",
    "residual",
    "loss",
    "optimizer",
    "batch",
    "steps",
    "patience",
)


def _one(experiment: Experiment, data: Dataset | OwnData | None) -> Estimate | None:
    try:
        own = data(experiment) if isinstance(data, OwnData) else data
        chosen = load(experiment) if own is None else own
        network = network_of(experiment, chosen)
        return training_work([experiment], network, len(chosen.train), len(chosen.test), frames=2)
    except ValueError:
        return None
