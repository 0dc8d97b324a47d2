"""What pages add to the link: declared once, read like everything else, held to its range in the session."""

import ast
from collections import Counter, defaultdict
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.experiment import OPTIONS, RATES, SETTINGS
from engine.experiment.options import BESIDE
from pages.common.link import controls
from pages.common.link.controls import shown
from pages.common.link.link import read
from pages.common.link.page_settings import texts
from pages.common.menu import PAGES
from tests.strategies import ANYTHING, valid

ROOT = Path(__file__).resolve().parents[4]
OWN = {entry.name: import_module(f"pages.sections.{entry.name}.settings").SETTINGS for entry in PAGES}
OF_PAGES = {key: setting for own in OWN.values() for key, setting in own.items()}
EVERY = pytest.mark.parametrize("setting", OF_PAGES.values(), ids=OF_PAGES)


@EVERY
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_what_is_written_reads_back_as_the_same(setting, data):
    value = data.draw(valid(setting))
    assert setting.read(setting.format(value)) == (value, "")
    assert setting.read("-".join(texts(shown(setting, value)))) == (value, "") or value in (None, ())


@EVERY
@settings(max_examples=25, deadline=None)
@given(text=ANYTHING)
def test_anything_is_read_as_something_valid_and_what_is_mended_is_said(setting, text):
    value, problem = setting.read(text)
    assert setting.check(value) == value
    assert not problem or problem.endswith("is used")


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from([*OF_PAGES, *SETTINGS]), st.lists(st.text(max_size=20), min_size=1, max_size=3)))
def test_any_address_is_read_and_its_mended_form_has_no_problems(given_):
    opened = read(given_, OF_PAGES)
    again = read({key: values for key, values in opened.address.items() if values}, OF_PAGES)
    assert again.problems == ()
    assert again.experiment.to_params() == read(opened.address, OF_PAGES).experiment.to_params()
    kept = {key for key in opened.of_pages if opened.address[key]}
    assert {key: again.of_pages[key] for key in kept} == {key: opened.of_pages[key] for key in kept}


@EVERY
def test_every_setting_of_a_page_has_a_control_or_stands_in_the_address_alone(setting):
    assert setting.control == controls.ADDRESS or (setting.control or type(setting)) in controls.WIDGETS
    assert setting.label


def test_pages_share_a_key_only_for_the_same_thing():
    for key, setting in OF_PAGES.items():
        assert all(own.get(key, setting) == setting for own in OWN.values())


def test_a_setting_is_declared_exactly_once():
    """What a setting means is written in one place of the tree; what an optimizer declares, in its own room alone."""
    written, rooms = Counter(), defaultdict(set)
    for path in (path for folder in ("engine", "pages") for path in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant):
                written[node.value] += 1
                rooms[node.value].add(path.parent.name)
    declared = [setting for choice in OPTIONS.values() for own in choice.values() for setting in own.values()]
    for setting in [*RATES.values(), *declared]:
        assert rooms[setting.meaning] <= {"optimizers", "losses", "schedules"}
    own = [SETTINGS[key] for key in SETTINGS if key != "lr" and not any(key in beside for beside in BESIDE.values())]
    for setting in [*own, *OF_PAGES.values()]:
        assert written[setting.meaning] <= 1 or not setting.meaning


@pytest.mark.parametrize("of_one_screen", [SETTINGS, *OWN.values()], ids=["sidebar", *OWN])
def test_no_two_settings_of_a_screen_have_one_name(of_one_screen):
    labels = Counter(setting.label for setting in of_one_screen.values())
    assert max(labels.values()) == 1
