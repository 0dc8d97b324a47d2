"""Where the runs of a study are made: in processes of this machine, or on a cluster that the host has named.

The pool has one process for each core and stays for the next study. With `DESCENT_LAB_SCHEDULER=tcp://host:port` in the
environment the runs go to that Dask scheduler instead; it needs the package `distributed` (`pip install
"descent-lab[cluster]"`). Where the scheduler cannot be reached, the page says so and works on in the pool.
"""

import os
from concurrent.futures import Executor, ProcessPoolExecutor
from importlib import import_module
from multiprocessing import get_context
from typing import Any, NamedTuple

import streamlit as st

SCHEDULER = "DESCENT_LAB_SCHEDULER"
PATIENCE = 5  #: seconds that a scheduler has to answer
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


class Place(NamedTuple):
    """Where runs are made: how many at a time, and what there is to say of it."""

    executor: Executor
    workers: int
    words: str
    problem: str = ""


def place() -> Place:
    """The cluster if one is named and answers, else the pool."""
    address = os.environ.get(SCHEDULER, "")
    if not address:
        return pool()
    try:
        return cluster(address)
    except (OSError, ImportError, ValueError) as problem:  # a timeout is an OSError, a wrong address a ValueError
        why = "the package distributed is not installed" if isinstance(problem, ImportError) else "it did not answer"
        return pool()._replace(problem=f"The scheduler {address} cannot be used: {why}. The study runs here instead.")


@st.cache_resource(show_spinner=False)
def pool() -> Place:
    """A process for each core, each of one thread: small matrices only lose by a second one."""
    workers = os.cpu_count() or 1
    for name in THREADS:  # what is started from here on inherits them
        os.environ.setdefault(name, "1")
    executor = ProcessPoolExecutor(workers, mp_context=get_context("spawn"))  # not forked: this process has threads
    return Place(executor, workers, f"{workers} processes of this machine")


def lost() -> None:
    """After a process was killed, or the cluster went away: what comes next has another pool, another client."""
    pool.clear()
    _client.clear()


def cluster(address: str) -> Place:
    """The Dask cluster of a scheduler; raises `OSError` where it cannot be reached, `ImportError` without Dask."""
    (client,) = _client(address)
    if client.status != "running":
        _client.clear()
        (client,) = _client(address)
    workers = max(sum(client.nthreads().values()), 1)
    return Place(client.get_executor(), workers, f"{workers} workers of the cluster {address}")


@st.cache_resource(show_spinner=False)
def _client(address: str) -> tuple[Any]:
    """The client alone in a tuple: by itself it can be awaited, and nothing of that kind is cached."""
    return (import_module("distributed").Client(address, timeout=PATIENCE, set_as_default=False),)
