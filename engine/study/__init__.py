"""A study: many experiments, and what came of each in one row.

One run says little about a setting: another learning rate, another seed, another split of the data may tell the
opposite. So a study designs many experiments (`designs`: a grid, a random search, seeds, the folds of a
cross-validation), each a plain `Experiment` that opens on any page; runs them wherever there is room (`running`: any
executor of the form of `concurrent.futures`, a pool of processes here or a cluster elsewhere); and keeps of each a row
of a few numbers (`rows`). The recordings stay where they were made: a row takes some kilobytes, whatever the run took.
"""

from engine.study.designs import MOST_RUNS, folds, grid, random, seeds
from engine.study.ranges import LogUniform, Range, Uniform, values_of
from engine.study.rows import MEASURES, Row, measured, table
from engine.study.running import completed, run, study_work
from engine.study.summary import Points, best, best_of, points, sensible_top, values

__all__ = [
    "MEASURES",
    "MOST_RUNS",
    "LogUniform",
    "Points",
    "Range",
    "Row",
    "Uniform",
    "best",
    "best_of",
    "completed",
    "folds",
    "grid",
    "measured",
    "points",
    "random",
    "run",
    "seeds",
    "sensible_top",
    "study_work",
    "table",
    "values",
    "values_of",
]
