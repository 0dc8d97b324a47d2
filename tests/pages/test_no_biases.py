"""Where the units have no biases, no page draws, lists or names any."""

import re

import pytest

LINK = {"data": "line", "test": "0.0", "arch": "2", "biases": "none", "optimizer": "sgd", "lr": "0.01", "steps": "12"}
NAMED = re.compile(r"(?<=['\" ,>])b[12](?=[]['\",: <])|biases|bias %|, bias |_{b}")
VIEWS = {
    "train": {"focus": "a1[1]"},
    "layers": {},
    "backprop": {"step": "2", "sample": "1"},
    "loss_surface": {"plane": "weights", "res": "25"},
    "convolution": {"cvdata": "8x8", "cvmost": "80", "cvblocks": "3k3", "cvdense": "4", "cvview": "cell"},
}


@pytest.fixture(scope="module")
def words(charts, metrics):
    """All that a page draws and says, but for the sidebar."""

    def said(session):
        screen = session.main
        texts = [element.value for kind in ("caption", "markdown", "latex") for element in screen.get(kind)]
        tables = [table.value.to_dict() for table in screen.dataframe]
        lists = [one.options for one in screen.selectbox]
        fields = [one.label for one in screen.number_input]
        return str((charts(session), metrics(session), texts, tables, lists, fields))

    return said


@pytest.mark.parametrize("page", VIEWS)
@pytest.mark.parametrize("biases", ["none", "frozen"])
def test_biases_are_spoken_of_where_there_are_some(app, words, page, biases):
    said = words(app(LINK | VIEWS[page] | {"biases": biases}, page))
    named = [said[found.start() - 60 : found.end() + 30] for found in NAMED.finditer(said)]
    assert bool(named) == (biases == "frozen"), named


@pytest.mark.parametrize("plane", ["weights", "pca", "hessian", "random", "slice"])
def test_a_network_of_one_weight_has_no_second_to_choose(app, plane):
    session = app(LINK | {"arch": "none", "out": "relu", "plane": plane, "res": "25"}, "loss_surface")
    assert not session.exception
    assert all(one.options == ["W1[1,1]"] for one in session.selectbox if one.key in ("wa", "wb"))
