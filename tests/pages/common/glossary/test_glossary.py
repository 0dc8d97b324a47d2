"""Words are marked once, and never inside code, formulas or other words."""

import re

import pytest

from pages.common.glossary import TERMS, marked_terms
from pages.common.glossary.terms import EVERYDAY


def marked(text):
    return re.findall(r'<span class="term"[^>]*>([^<]*)</span>', marked_terms(text))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The sharpness rises; the Sharpness stays.", ["sharpness"]),
        ("In each epoch, two epochs later.", ["epoch"]),
        ("`sharpness` and $sharpness$ and [there](/sharpness)", []),
        ("A vanishing gradient has a plateau.", ["vanishing gradient", "plateau"]),
        ("mini-batch is not saddled", ["mini-batch"]),
        ("cross\\-entropy, then cross-entropy", ["cross\\-entropy"]),
        ("Two folds, χ below 1", ["folds", "χ"]),
        ("the loss, the gradient and the weight", []),
    ],
)
def test_what_is_marked(text, words):
    assert marked(text) == words


def test_nothing_but_marks_is_added():
    text = "Sharpness above 2/η: \\<b\\> saturated & `code`"
    assert re.sub(r"<span[^>]*>|</span>", "", marked_terms(text)) == text


def test_every_word_has_one_plain_sentence():
    assert len(TERMS) >= 40
    assert set(TERMS) >= EVERYDAY
    assert list(TERMS) == sorted(TERMS, key=str.lower)
    for says in TERMS.values():
        assert says.endswith(".")
        assert says.count(". ") == 0
        assert len(says) <= 130
