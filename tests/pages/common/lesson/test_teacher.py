"""A teacher's lesson travels whole, and nothing damaged is taken for one."""

import base64
import json
import random
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.experiment import KEYS
from pages.common.lesson.teacher import (
    GROUPS,
    MOST_BYTES,
    MOST_CHOICE,
    MOST_CHOICES,
    MOST_TEXT,
    MOST_TITLE,
    OwnLesson,
    Unreadable,
    read,
    written,
)

WHOLE = OwnLesson(
    "Übung 3: <b>descent</b>", "Look & think.", "What happens?", ("a", "b", "c"), 2, ("data",), ("optimizer",), True
)


def packed(told, version="1"):
    text = told if isinstance(told, bytes) else json.dumps(told).encode()
    return f"{version}.{base64.urlsafe_b64encode(zlib.compress(text)).decode().rstrip('=')}"


@given(
    st.builds(
        OwnLesson,
        title=st.text(min_size=1, max_size=80).filter(str.strip),
        text=st.text(max_size=600),
        question=st.just("?"),
        choices=st.lists(st.text(max_size=160), min_size=2, max_size=4).map(tuple),
        answer=st.integers(0, 1),
        hidden=st.lists(st.sampled_from([*GROUPS]), unique=True).map(tuple),
        locked=st.lists(st.sampled_from([*GROUPS]), unique=True).map(tuple),
        covered=st.booleans(),
    )
)
def test_every_lesson_is_read_back_as_it_was(lesson):
    assert read(written(lesson)) == lesson


def test_the_longest_lesson_of_the_rarest_signs_still_fits_into_a_link():
    """Signs of four bytes that do not repeat: nothing is longer."""
    rng, groups = random.Random(0), tuple(GROUPS)

    def rare(count):
        return "".join(chr(rng.randrange(0x10000, 0x110000)) for _ in range(count))

    choices = tuple(rare(MOST_CHOICE) for _ in range(MOST_CHOICES))
    lesson = OwnLesson(rare(MOST_TITLE), rare(MOST_TEXT), rare(MOST_TEXT), choices, 3, groups, groups, True)
    assert read(written(lesson)) == lesson


def test_every_setting_is_in_one_group():
    assert sorted(key for keys in GROUPS.values() for key in keys) == sorted(KEYS)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"title": " "}, "needs a title"),
        ({"title": "x" * 81}, "81 characters; at most 80"),
        ({"text": "x" * 601}, "601 characters; at most 600"),
        ({"choices": ("only",)}, "2 to 4 choices, not 1"),
        ({"answer": 3}, "one of the choices"),
        ({"hidden": ("nothing",)}, "no group of settings called nothing"),
    ],
)
def test_a_lesson_that_cannot_be_is_refused_in_a_sentence(more, said):
    with pytest.raises(Unreadable, match=said):
        OwnLesson(**{"title": "t", "question": "?", "choices": ("a", "b"), "answer": 0} | more)


@pytest.mark.parametrize(
    "text",
    [
        "", "1", "1.", "2.abc", "1.!!!!", "1." + "A" * 13_000, "x" * 100,
        packed([]), packed({}), packed({"title": 3}), packed({"title": "t", "more": 1}),
        packed({"title": "t", "answer": True}),
        packed({"title": "t", "choices": ["a", 1]}), packed(b"{" * 1000), packed(b"[" * 100_000), packed(b"\xff"),
        packed({"title": "t", "text": "x" * (MOST_BYTES * 20)}), packed({"title": "t" * 5000}),
        packed({"title": "t"}, "9"), packed(b'{"title": "\\ud800"}'),
    ],
)  # fmt: skip
def test_what_is_no_lesson_is_one_sentence(text):
    with pytest.raises(Unreadable) as problem:
        read(text)
    assert str(problem.value).endswith(".")


def test_five_hundred_damaged_links_are_read_or_refused():
    """Letters changed, left out, doubled: never anything but a lesson or a sentence."""
    rng, whole, refused = random.Random(0), written(WHOLE), 0
    for _ in range(500):
        letters = list(whole)
        for _ in range(rng.randint(1, 4)):
            place = rng.randrange(len(letters))
            letters[place : place + rng.randint(0, 2)] = rng.choices("AZaz09-_.=%\x00é", k=rng.randint(0, 3))
        try:
            read("".join(letters))
        except Unreadable:
            refused += 1
    assert refused > 450
