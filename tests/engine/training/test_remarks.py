"""What only data and network can tell of a run is said in a sentence each, and nothing where all is as asked."""

import numpy as np
import pytest

from engine import Experiment, train
from engine.datasets import Column, from_columns
from engine.training.remarks import remarks

TABLE = from_columns(
    (Column("length", np.arange(12.0)), Column("kind", np.arange(12) % 3, ("a", "b", "c"))), "kind", test=0.0
)


def said(table=None, **settings):
    run = train(Experiment(**{"steps": 2, "arch": (3,)} | settings), data=table)
    return remarks(run.experiment, run.data, run.network)


@pytest.mark.parametrize("settings", [{}, {"data": "rows"}, {"data": "drawn", "weights": "W1[3,2]:1,b2:0"}])
def test_nothing_is_said_where_all_is_as_asked(settings):
    assert said(**settings) == ()


def test_of_a_table_the_weights_that_it_has_no_place_for_are_named():
    (sentence,) = said(TABLE, data="csv", weights="W1[3,1]:1,W1[1,2]:1,b2:1,2,W7:0")
    assert "no weights W1[1,2], b2, W7 in this network" in sentence
    assert said(TABLE, data="csv", weights="W1[3,1]:1,b2:1,2,3") == ()


def test_rows_of_a_table_are_not_moved_and_a_single_row_is_not_normalised():
    (sentence,) = said(TABLE, data="csv", shift=2)
    assert sentence == "The rows of this table are no images, so that nothing is shifted."
    (sentence,) = said(data="rows", norm="batch")
    assert "no gradient gets past it" in sentence
    run = train(Experiment(data="rows", norm="batch", arch=(3,), steps=2))
    assert not run.gradients[0][run.network.layout.indices("W1")].any()
