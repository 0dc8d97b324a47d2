"""A setting checks, reads and writes by one declaration; text and value agree, and whatever is mended is said."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.experiment import OPTIONS, RATES, SETTINGS, Experiment
from engine.experiment.settings import Choice, Real, Rejected, Several, Text, Truth, Whole, Widths, keyed, quoted
from tests.strategies import ANYTHING, valid

ALL = {**SETTINGS, **{f"lr of {name}": setting for name, setting in RATES.items()}}
ALL |= {f"{key} of {name}": one for each in OPTIONS.values() for name, own in each.items() for key, one in own.items()}
SPARE = keyed(
    free=Real(0.0, "", ""),
    named=Whole(None, "", "", 0, 9, words={"none": None, "all": 9}),
    any=Several((), "", "", {"a": "A", "b": "B"}, least=0, distinct=True),
    words=Text("", "", "", 12),
)
EVERY = pytest.mark.parametrize("setting", [*ALL.values(), *SPARE.values()], ids=[*ALL, *SPARE])


@EVERY
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_what_is_written_reads_back_as_the_same(setting, data):
    value = data.draw(valid(setting))
    assert setting.check(value) == value
    assert setting.read(setting.format(value)) == (value, "")


@EVERY
@settings(max_examples=25, deadline=None)
@given(text=ANYTHING)
def test_anything_is_read_as_something_valid_and_what_is_mended_is_said(setting, text):
    value, problem = setting.read(text)
    assert setting.check(value) == value
    assert setting.read(setting.format(value)) == (value, "")
    if problem:
        assert problem.endswith("is used")
        assert problem.count("`") in (2, 4)
    elif isinstance(text, str):
        assert setting.check(setting.parse(text.strip())) == value
    if isinstance(setting, Real) and isinstance(text, int | float) and not isinstance(text, bool):
        assert bool(problem) == (value != text)


@EVERY
def test_a_default_is_valid(setting):
    assert setting.check(setting.default) == setting.default


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from([*SETTINGS, "v", "other"]) | st.text(max_size=5), ANYTHING, max_size=8))
def test_from_params_takes_anything_at_all(params):
    experiment = Experiment.from_params(params)
    assert Experiment.from_params(experiment.to_params()) == experiment
    assert Experiment.from_params(experiment.to_params()).problems == ()


@pytest.mark.parametrize(
    ("setting", "text", "value", "says"),
    [
        (Real(1.0, "", "", 0, 2), "7", 2.0, "`7` must be from 0 to 2; 2 is used"),
        (Real(1.0, "", ""), "inf", 1.0, "`inf` must be a finite number; 1 is used"),
        (Whole(1, "", "", 0, 9), "2.5", 2, "`2.5` must be a whole number from 0 to 9; 2 is used"),
        (Whole(1, "", "", 0, 9), "9" * 400, 9, f"`{'9' * 39}…` must be from 0 to 9; 9 is used"),
        (Truth(False, "", ""), "maybe", False, "`maybe` must be true or false, 1 or 0; 0 is used"),
        (Choice("a", "", "", {"a": "A", "b": "B"}), "", "a", "`` must not be empty; a is used"),
        (Several((), "", "", {"b": "B"}, distinct=True), "b-b", ("b",), "`b-b` must name each only once; b is used"),
        (Widths((8,), "", "", 1, 9, 3), "0-4", (1, 4), "`0-4` must have at most 3 layers, each 1 to 9 wide; 1-4 is used"),  # noqa: E501
        (Text("", "", "", 3), "abcd", "abc", "`abcd` must have at most 3 characters; its beginning is used"),
    ],
)  # fmt: skip
def test_the_nearest_valid_value_is_used_and_said_in_one_sentence(setting, text, value, says):
    assert setting.read(text) == (value, says)


@pytest.mark.parametrize(
    ("text", "cut"), [("a" * 50, "a" * 39 + "…"), ("a`b", "a'b"), ("a\n b", "a b"), (None, "None")]
)
def test_what_a_visitor_wrote_is_cut_and_holds_no_backtick(text, cut):
    assert quoted(text) == f"`{cut}`"


@pytest.mark.parametrize("value", [True, "1", None, [1], math.nan])
def test_only_a_number_is_a_number(value):
    with pytest.raises(Rejected, match="must be a number from 0 to 2"):
        Real(1.0, "", "", 0, 2).check(value)


def test_what_means_something_follows_from_the_choices():
    means = {key for key, setting in SETTINGS.items() if setting.when(Experiment())}
    assert means >= {"lr", "beta1", "noise", "features"}
    assert not means & {"out", "momentum", "gamma", "delta", "clip_by", "step_size_min"}
    other = Experiment(data="line", optimizer="momentum", nesterov=True, loss="huber", clip=1.0, schedule="step")
    means = {key for key, setting in SETTINGS.items() if setting.when(other)}
    assert means >= {"out", "momentum", "nesterov", "gamma", "period", "delta", "clip_by"}
    assert not means & {"dampening", "beta1"}
