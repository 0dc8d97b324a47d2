"""What tests of several rooms draw: values that a setting may have, and anything at all in their place."""

from hypothesis import strategies as st

from engine.datasets.given import Point, Row
from engine.experiment.listed import Listed, Start
from engine.experiment.settings import Choice, Real, Several, Truth, Whole, Widths
from engine.typed import LARGEST

ANYTHING = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=60), st.binary(max_size=9),
        st.integers(400, 5000).map(lambda digits: -(10**digits)),
        st.sampled_from(["9" * 5000, "1e309", "nan", "8-8", "tanh-relu", "auto", "none"]),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=5,
)  # fmt: skip

_NUMBERS = st.floats(-LARGEST, LARGEST)
_HUNDREDTHS = st.integers(-600, 600).map(lambda hundredths: hundredths / 100)
_PLACES = st.lists(st.integers(0, 9998), min_size=1, max_size=2).map(tuple)
_PARTS = st.from_regex(r"[WbK][1-9][0-9]{0,2}", fullmatch=True)
PARTS = {
    Start: st.one_of(
        st.builds(Start, _PARTS, st.none(), st.lists(_NUMBERS, min_size=1, max_size=6).map(tuple)),
        st.builds(Start, _PARTS, _PLACES, st.tuples(_NUMBERS)),
    ),
    Point: st.builds(Point, st.integers(0, 2), _HUNDREDTHS, _HUNDREDTHS),
    Row: st.builds(Row, *[st.lists(_NUMBERS, min_size=1, max_size=4).map(tuple)] * 2),
}  #: of a list typed by hand


def valid(setting):
    """A strategy of values that a setting may have."""
    if isinstance(setting, Real):
        numbers = st.integers if isinstance(setting, Whole) else st.floats
        ends = {} if setting.low is None else {"min_value": setting.low, "max_value": setting.high}
        more = {"allow_nan": False, "allow_infinity": False} if setting.low is None else {}
        return st.one_of(numbers(**ends, **more), *[st.none()] * (None in setting.words.values()))
    if isinstance(setting, Truth):
        return st.booleans()
    if isinstance(setting, Several):
        names = st.sampled_from(setting.options)
        return st.lists(names, min_size=setting.least, max_size=4, unique=setting.distinct).map(tuple)
    if isinstance(setting, Choice):
        return st.sampled_from(setting.options)
    if isinstance(setting, Widths):
        return st.lists(st.integers(setting.low, setting.high), max_size=setting.most).map(tuple)
    if isinstance(setting, Listed):
        return st.lists(PARTS[setting.kind], max_size=setting.most).map(tuple)
    return st.text(max_size=setting.most).map(str.strip)
