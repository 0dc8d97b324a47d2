"""What people read: every option by its name, in the same words on every page; the link alone keeps the short ones."""

import re
from importlib import import_module

import pytest

from engine.experiment import SETTINGS
from pages.common.menu import PAGES

OWN = {entry.name: import_module(f"pages.sections.{entry.name}.settings").SETTINGS for entry in PAGES}
DECLARED = [*SETTINGS.values(), *(setting for own in OWN.values() for setting in own.values())]
NAMED = [setting for setting in DECLARED if setting.names]
WORDS = {word for setting in NAMED for word, name in setting.names.items() if word != name}
QUICK = {"steps": "5", "arch": "3", "samples": "20"}
OPEN = [
    ("train", {}),
    ("train", {"data": "moons", "loss": "hinge", "optimizer": "rprop", "schedule": "cyclic", "clip": "1"}),
    ("layers", {"look": "matrices"}),
    ("backprop", {}),
    ("loss_surface", {"res": "25", "batch": "8", "optimizer": "momentum"}),
    ("loss_surface", {"plane": "weights", "window": "hand", "res": "25"}),
    ("optimizers", {"track": "formula", "rsteps": "5"}),
    *(("depth", {"dview": view, "depth": "2", "width": "4"}) for view in OWN["depth"]["dview"].options),
    *(("convolution", {"cvview": view, "cvmost": "60"}) for view in OWN["convolution"]["cvview"].options),
    ("lessons", {}),
    *(("study", {"stview": view}) for view in OWN["study"]["stview"].options),
]


def named(value):
    return value if isinstance(value, str) else "-".join(value)


@pytest.mark.parametrize("setting", NAMED, ids=lambda setting: setting.key)
def test_options_have_names_for_people_each_its_own(setting):
    names = list(setting.names.values())
    assert len(set(names)) == len(names)
    assert not any("_" in name or name in WORDS - {"1"} for name in names)
    assert all(not (name.isascii() and name[0].islower()) for name in names)


@pytest.mark.parametrize(("page", "link"), OPEN, ids=named)
def test_no_list_on_a_page_offers_a_word_of_the_link(app, page, link):
    session = app(QUICK | link, page, unfolded=True)
    lists = [session.selectbox, session.multiselect, session.radio, session.button_group]
    offered = {one.key: [str(option) for option in one.options] for found in lists for one in found}
    assert {"optimizer", "init", "norm"} <= set(offered)
    wrong = {key: [text for text in options if "_" in text or text in WORDS] for key, options in offered.items()}
    assert not any(wrong.values()), wrong


def test_the_address_keeps_the_words_of_the_link(app, address):
    session = app(QUICK, unfolded=True)
    session.selectbox(key="optimizer").select("momentum").run()
    session.selectbox(key="loss").select("hinge").run()
    session.button_group(key="edges").set_value("gradient").run()
    assert {key: address(session)[key] for key in ("optimizer", "loss", "edges")} == {
        "optimizer": "momentum",
        "loss": "hinge",
        "edges": "gradient",
    }
    assert not session.exception


@pytest.mark.parametrize(("page", "link"), OPEN, ids=named)
def test_a_caption_has_at_most_two_sentences_and_a_page_seven_metrics(app, captions, metrics, page, link):
    session = app(QUICK | link, page)
    for text in captions(session) if page != "lessons" else ():  # whose questions take the room that they need
        assert len(re.findall(r"[.!?](?= [A-Z“]|$)", text)) <= 2, text
    assert len(metrics(session)) <= 7
