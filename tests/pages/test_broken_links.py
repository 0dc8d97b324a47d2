"""No link breaks a page: whatever a parameter says, the page opens, and what was not taken is said."""

from importlib import import_module

import pytest

from engine.experiment import KEYS
from pages.common.menu import PAGES

SHORT = {"steps": "8", "samples": "20", "arch": "3", "rsteps": "8", "depth": "3", "width": "4"}
DIGITS = "9" * 400
BAD = ["", "1e309", "-1e309", DIGITS, "nan", "-", "0x10", "<b>`x`</b>", "a~b:c.d", "W1[0,0]", "\u0663"]
NAMED = {
    "optimizers": {"rsteps": "1e309", "rwarm": DIGITS, "sx": "1e309", "kap": DIGITS, "half": "inf"},
    "backprop": {"step": DIGITS, "sample": "1e309", "path": DIGITS, "typed": f"{DIGITS}.W1.0.0:1", "example": ""},
    "layers": {"look": "", "class": "1.`<b>`", "layer": DIGITS, "pin": f"v:1~lr:{DIGITS}~arch:~steps:1e309"},
    "loss_surface": {"pseed": DIGITS, "res": "1e309", "plane": "", "alo": "1e300", "window": "hand", "race": "sgd-sgd"},
    "depth": {"depth": DIGITS, "width": "1e309", "dview": "", "radius": DIGITS, "draw": "he", "lesson": "<b>`x`"},
    "train": {"edges": "", "at": "1e309", "batch": DIGITS, "features": "x1-x1", "weights": f"W1[9999,1]:{DIGITS}"},
    "lessons": {"lfind": "www.evil.example \n\n# `x` " * 20},
    "convolution": {"cvblocks": "www.evil.example"},
    "study": {"st1v": "1e-300..1e300 log 100", "st2": "", "struns": DIGITS, "stview": "answers-samples"},
}


def own(page):
    return import_module(f"pages.sections.{page}.settings").SETTINGS


def opens(app, page, link):
    """The session on a page with a link, which has to open with few lines of warning, none of them long."""
    session = app(SHORT | link, page)
    for warning in session.warning:
        lines = warning.value.split("\n")
        assert len(lines) <= 11
        assert all(len(part) <= 40 for line in lines for part in line.split("`")[1::2])
        assert not any("www." in part for line in lines for part in line.split("`")[::2])  # no live link
    return session


@pytest.mark.parametrize("page", [entry.name for entry in PAGES])
@pytest.mark.parametrize("text", BAD, ids=lambda text: repr(text[:12]))
def test_a_page_opens_whatever_all_of_its_parameters_say(app, page, text):
    opens(app, page, dict.fromkeys(own(page), text))


@pytest.mark.parametrize("text", BAD, ids=lambda text: repr(text[:12]))
def test_the_sidebar_opens_whatever_all_settings_say(app, text):
    session = opens(app, "train", {key: text for key in KEYS if key not in SHORT})
    assert session.warning


@pytest.mark.parametrize(
    ("page", "key", "text"), [(page, key, text) for page, link in NAMED.items() for key, text in link.items()]
)
def test_each_alone_opens_too(app, page, key, text):
    opens(app, page, {key: text})


@pytest.mark.parametrize("page", [entry.name for entry in PAGES])
def test_the_page_runs_again_and_its_link_opens_the_same(app, page):
    session = opens(app, page, dict.fromkeys(own(page), "1e309"))
    session.run()
    assert not session.exception
    again = app(dict(session.query_params), page)
    assert not [warning for warning in again.warning if "Parts of the link" in str(warning.proto)]


def test_parameters_of_other_pages_are_kept_and_mended(app):
    session = app({"depth": DIGITS, "width": "12", "junk": "1"}, "train")
    assert session.query_params == {"depth": "100", "width": "12"}
    assert session.session_state["depth"] == 100
    assert [name in session.warning[0].value for name in ("depth", "junk", "width")] == [True, True, False]


def test_what_a_page_adds_survives_a_look_at_another(app):
    session = app(SHORT | {"phi": "tanh", "dview": "recurrence", "radius": "1.5"}, "depth")
    session.switch_page("pages/train.py").run()
    session.switch_page("pages/depth.py").run()
    assert not session.exception
    assert session.slider(key="radius").value == 1.5
    assert session.selectbox(key="phi").value == "tanh"
