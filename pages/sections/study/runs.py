"""Making the runs of a study: what there is already is not made again, and what was made is never lost.

Rows are kept in the session under the experiment that they are of. So a study that was called off, by a change, by
"Stop here" or by the limits of the host, goes on from where it was; a larger grid makes only what is new.
"""

from collections.abc import Sequence
from concurrent.futures import CancelledError

import streamlit as st

from engine.experiment import Experiment
from engine.study import MOST_RUNS, Row, completed, study_work
from engine.study.designs import TooManyRuns
from engine.work import Estimate, duration, host_limits
from pages.common.app.head import Head
from pages.common.runs.cache import key_of, require_data
from pages.common.runs.computation import computing
from pages.common.settings import Settings
from pages.common.text import count, plain
from pages.sections.study.executors import Place, lost, place

KEPT = "what was made is kept, and a change goes on from it"
_ROWS, _STOPPED = "study_rows", "study_stopped"
MOST_KEPT = MOST_RUNS  #: rows of a session, about 4 kB each


def rows_of(experiments: Sequence[Experiment], settings: Settings, tolerance: float, head: Head) -> list[Row | None]:
    """A row for each experiment, in order; None for those that were not made because the study was stopped.

    Where nothing may be run, or it has to be asked for, the page ends here with one sentence.
    """
    require_data(settings)
    shelf: dict[object, Row] = st.session_state.setdefault(_ROWS, {})
    keys = [(*key_of(settings._replace(experiment=one)), tolerance) for one in experiments]
    missing = [i for i, key in enumerate(dict.fromkeys(keys)) if key not in shelf]
    distinct = list(dict.fromkeys(keys))
    of = dict(zip(keys, experiments, strict=True))
    study = (tuple(distinct), tolerance)
    if missing and st.session_state.get(_STOPPED) != study:
        where = place()
        if where.problem:
            st.warning(plain(where.problem), icon=":material/lan:")
        wanted = [of[distinct[i]] for i in missing]
        _make(wanted, [distinct[i] for i in missing], study, settings, tolerance, head, where, shelf)
    rows = [shelf.get(key) for key in keys]
    lacking = rows.count(None)
    if lacking:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f":material/pause: Stopped: {len(rows) - lacking:,} of {count(len(rows), 'run')} are made.")
            st.button("Go on", on_click=_go_on, icon=":material/play_arrow:")
    while len(shelf) > MOST_KEPT:
        del shelf[next(iter(shelf))]
    return rows


def too_many(problem: TooManyRuns, settings: Settings) -> str:
    """Why so many runs are refused, with the time that they would take if each took as long as the present one."""
    try:
        each = study_work([settings.experiment], settings.own).seconds
    except ValueError:  # the present one cannot run
        return str(problem)
    said = duration(each * problem.runs / place().workers)
    return f"{problem}; so many like the present run would take about {said}"


def _make(
    wanted: Sequence[Experiment],
    keys: Sequence[object],
    study: object,
    settings: Settings,
    tolerance: float,
    head: Head,
    where: Place,
    shelf: dict[object, Row],
) -> None:
    def work() -> Estimate:
        total = study_work(wanted, settings.own)
        return total._replace(
            seconds=total.seconds / where.workers,
            bytes=total.bytes * where.workers,
            reduce=f"the number of runs ({len(wanted):,}) or {total.reduce}",
        )

    stop = st.empty()
    with computing(("study", study), work, head, f"This study of {count(len(wanted), 'run')}") as progress:
        stop.button("Stop here", on_click=_stop, args=(study,), icon=":material/stop:", key="stop_study")
        spent, most = 0.0, host_limits().seconds * where.workers
        for again in (True, False):  # for what was lost when a process was killed, or a cluster went away
            left = [i for i, key in enumerate(keys) if key not in shelf]
            try:
                found = completed([wanted[i] for i in left], where.executor, data=settings.own, tolerance=tolerance)
                for done, (i, row) in enumerate(found, len(keys) - len(left) + 1):
                    shelf[keys[left[i]]] = row
                    progress(done / len(keys))
                    spent += row.seconds
                    if spent > most:
                        raise ValueError(f"This study was ended after {duration(most)} of processor time; {KEPT}.")
                break
            except (RuntimeError, CancelledError):  # a broken pool, a closed client
                if not again:
                    raise
                lost()
                where = place()
    stop.empty()


def _stop(study: object) -> None:
    st.session_state[_STOPPED] = study


def _go_on() -> None:
    st.session_state.pop(_STOPPED, None)
