"""Lessons: every claim holds and can fail, every state opens as it is written, and texts take their numbers from it."""

import re
from importlib import import_module
from time import process_time

import numpy as np
import pytest

from engine.experiment import KEYS
from engine.lessons import CHAPTERS, LESSONS, Claim, Source, experiment_of
from pages.common.menu import PAGES

OF_PAGES = {entry.name: import_module(f"pages.sections.{entry.name}.settings").SETTINGS for entry in PAGES}
QUICK = 2.0  #: seconds of one core, which on a slow machine may be twice as long
PUBLISHED = 5  #: the chapter of published results
CLAIMS = [(lesson, claim) for lesson in LESSONS.values() for claim in lesson.claims]
#: What has digits and is no number of a run: names, and constants of formulas.
NAMES = r"[WwbxL]\d|layer 1\b|F1\b|2/[λη]|1 - ηλ|-1\b|2x \+ 1|1/√n|\(√?κ [-+] 1\)"


def named(lessons):
    return pytest.mark.parametrize("lesson", lessons.values(), ids=lessons)


@pytest.mark.parametrize(("lesson", "claim"), CLAIMS, ids=[f"{lesson.key}: {claim.name}" for lesson, claim in CLAIMS])
def test_a_claim_holds_unless_it_says_why_not(lesson, claim):
    assert claim in lesson.claims
    begun = process_time()
    value = claim.measure()
    assert not claim.quick or process_time() - begun < 2 * QUICK
    assert claim.holds(value) == (not claim.miss), f"measured {value}, expected {claim.expected}"


@named(LESSONS)
def test_the_state_opens_as_it_is_written(lesson):
    own = OF_PAGES[lesson.page]
    assert not set(lesson.params) - set(own) - set(KEYS), "unknown settings"
    experiment = lesson.experiment
    assert experiment.problems == ()
    assert experiment.ignored == ()
    assert experiment_of(experiment.to_params()) == experiment
    for key in own.keys() & lesson.params.keys():
        assert own[key].read(lesson.params[key])[1] == ""


@named(LESSONS)
def test_numbers_in_texts_come_from_the_state_or_a_claim(lesson):
    published = (lesson.system,) if lesson.chapter == PUBLISHED else ()  # a setting as its source has it
    for text in set(lesson.texts) - set(published):
        bare = re.sub(r"\{[^}]*\}", "", text)
        assert not re.findall(r"\d[\d.,]*", re.sub(NAMES, "", bare)), text


@named(LESSONS)
def test_it_teaches(lesson):
    assert lesson.question.endswith("?")
    assert len(set(lesson.choices)) == len(lesson.choices)
    assert lesson.watch
    assert lesson.claims
    assert 1 <= len(re.findall(r"[.!?](?:\s|$)", lesson.why)) <= 4
    assert max(map(len, lesson.texts)) <= 600


def test_each_follows_another_and_all_are_in_a_chapter():
    numbers = [lesson.chapter for lesson in LESSONS.values()]
    assert numbers == sorted(numbers)
    assert {chapter.number for chapter in CHAPTERS} == set(numbers)
    assert [lesson.next for lesson in LESSONS.values()][-1] == ""
    assert all(lesson.next in LESSONS for lesson in list(LESSONS.values())[:-1])
    assert all(key == lesson.key for key, lesson in LESSONS.items())


def test_a_lesson_broken_on_purpose_loses_its_claims():
    lesson = LESSONS["stable-rate"]
    broken = lesson.replace(params={"lr": "0.7"})
    growth, broken_growth = (next(c for c in each.claims if c.name == "growth") for each in (lesson, broken))
    assert growth.holds(growth.measure())
    assert not broken_growth.holds(broken_growth.measure())


def test_a_lesson_inherits_what_it_does_not_change():
    lesson = LESSONS["stable-rate"]
    other = lesson.replace(key="other", title="Other", params={"steps": "30"})
    assert (other.question, other.page, other.watch) == (lesson.question, lesson.page, lesson.watch)
    assert other.params == {**lesson.params, "steps": "30"}
    assert lesson.params["steps"] == "40"
    assert all(claim.params == other.params for claim in other.claims)


@pytest.mark.parametrize(
    "changes",
    [{"choices": ("one",)}, {"answer": 7}, {"why": "It is {unheard_of}."}, {"params": {"growth": "1"}}],
    ids=str,
)
def test_a_lesson_whose_parts_do_not_fit_is_refused(changes):
    with pytest.raises(ValueError, match="stable-rate"):
        LESSONS["stable-rate"].replace(**changes)


def claim(value, **changes):
    given = {"name": "a", "words": "a", "expected": 2.0, "tolerance": 0.1, "source": Source("made up")}
    return Claim(**given | {"of": lambda _params: value} | changes)


def test_a_tolerance_is_absolute_or_relative():
    assert claim(0).holds(2.09)
    assert not claim(0).holds(2.11)
    assert claim(0, relative=True).holds(2.19)
    assert not claim(0, relative=True).holds(2.21)
    assert not claim(0).holds(np.nan)


def test_a_draw_holds_within_the_range_of_its_seeds():
    drawn = claim(0, draw=True, tolerance=0.0, expected=(1.0, 5.0))
    assert drawn.holds([[0.5, 4.0], [2.0, 6.0]])
    assert not drawn.holds([[0.5, 4.0], [2.0, 4.5]])


def test_a_value_of_another_shape_is_refused():
    with pytest.raises(ValueError, match="shape"):
        claim(0).holds([1.0, 2.0])


def test_a_measure_is_taken_once():
    taken = []
    counted = claim(None, of=lambda _params: taken.append(1) or 2.0)
    assert not counted.measured
    assert counted.measure() == counted.measure() == 2.0
    assert counted.measured
    assert len(taken) == 1


def test_what_takes_long_is_left_open_in_texts_until_it_is_measured():
    lesson = LESSONS["stable-rate"]
    slow = lesson.replace(claims=(claim(2.5, name="growth", quick=False), claim(1.0, name="stable")))
    assert slow.fill("{growth:.1f} at {lr}, {stable:.2f}") == "… at 0.8, 1.00"
    slow.claims[0].measure()
    assert slow.fill("{growth:.1f}") == "2.5"
