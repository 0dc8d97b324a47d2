"""What people read: every option by its name, in the same words on every page; the link alone keeps the short ones."""

import re
from importlib import import_module

import pytest

from engine.experiment import SETTINGS
from pages.common.menu import PAGES
from pages.common.stage.parts import unpacked

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
    assert offered
    assert page != "train" or {"optimizer", "init", "norm"} <= set(offered)
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


RAW = WORDS - {name.casefold() for setting in NAMED for name in setting.names.values()}
#: Words of the link that are what one calls the thing, too.
ORDINARY = {
    "all",
    "auto",
    "data",
    "gradient",
    "input",
    "layer",
    "random",
    "samples",
    "slice",
    "step",
    "sum",
    "test",
    "train",
    "update",
    "value",
    "weights",
}
SNAKE = re.compile(r"(?<![\w/.?=])[a-z]+_[a-z_]+(?!\w)")
ALSO = [
    ("train", {"pin": "v:1~optimizer:sgd~lr:0.1~loss:hinge~act:leaky_relu", "data": "moons"}),
    ("train", {"optimizer": "sgd", "lr": "30", "arch": "32-32", "steps": "50"}),
    ("layers", {"look": "distributions", "act": "leaky_relu"}),
    ("backprop", {"act": "leaky_relu", "loss": "multi_margin"}),
    ("loss_surface", {"race": "sgd-momentum", "res": "25"}),
    ("depth", {"phi": "leaky_relu", "depth": "2", "width": "4", "fix": "residual-scaled"}),
    ("study", {"st1": "loss", "st1v": "hinge,binary_cross_entropy"}),
]


def in_charts(stage):
    """Titles, legends, axes, hover texts and what is read aloud of the charts of a stage, and its numbers."""
    for title, texts in stage["metrics"]:
        yield from (title, *texts)
    for chart in stage["charts"]:
        figure = unpacked(chart["still"].tobytes())
        yield from (chart["alt"], chart["title"])
        for trace in figure["data"]:
            yield from (str(trace.get(key, "")) for key in ("name", "text", "hovertemplate"))
        for axis in (value for key, value in figure["layout"].items() if "axis" in key):
            yield str((axis.get("title") or {}).get("text", ""))
        yield from (str(note.get("text", "")) for note in figure["layout"].get("annotations", ()))


@pytest.mark.parametrize(("page", "link"), [*OPEN, *ALSO], ids=named)
def test_nothing_on_a_page_is_called_by_a_word_of_the_link(app, given_stages, explained, page, link):
    session = app(QUICK | link, page, unfolded=True)
    texts = [text for stage in given_stages(session) if "charts" in stage for text in in_charts(stage)]
    texts += [*explained(session), *(one.label for one in session.button), *(one.help for one in session.button)]
    widgets = [session.selectbox, session.number_input, session.text_input, session.toggle, session.button_group]
    texts += [text for found in widgets for one in found for text in (one.label, one.help)]
    texts += [str(name) for table in session.dataframe for name in table.value.columns]
    read = [re.sub(r"`[^`]*`|<[^>]*>|\$[^$]*\$", "", text).replace("\\", "").strip() for text in texts if text]
    assert not [text for text in read if SNAKE.search(text) or text in RAW - ORDINARY]
