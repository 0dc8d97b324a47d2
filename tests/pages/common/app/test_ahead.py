"""What is shown ahead, so that the browser has its scripts, is all that stands over the charts of a page."""

from itertools import takewhile
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

APP = Path(__file__).resolve().parents[4] / "app.py"
AHEAD = "from pages.common.app.ahead import bring_elements\nbring_elements()"
AT_HAND = {"bidi_component", "caption", "empty", "markdown", "title"}  #: in scripts that are there
SAME = {"select_slider": "slider", "toggle": "checkbox"}  #: kinds that are drawn by one script
FOLDED = {"expander", "popover"}  #: their content is drawn when they open


def elements(block):
    for child in block.children.values():
        if not hasattr(child, "children"):
            yield child
        elif child.type not in FOLDED:
            yield from elements(child)


def kinds(block):
    """The kinds of elements in a block, up to the stage."""
    over = takewhile(lambda element: "descent_lab_stage" not in str(element.proto), elements(block))
    return {SAME.get(element.type, element.type) for element in over}


@pytest.mark.parametrize("page", ["train", "layers", "backprop", "loss_surface", "optimizers", "depth", "convolution"])
def test_every_kind_over_the_charts_and_in_the_sidebar_was_shown_ahead(page):
    ahead = AppTest.from_string(AHEAD).run()
    assert not ahead.exception
    opened = AppTest.from_file(APP, default_timeout=60).switch_page(f"pages/{page}.py").run()
    shown = kinds(opened.main) | kinds(opened.sidebar)
    assert shown - AT_HAND <= kinds(ahead.main)
    assert shown > {"html", "button_group", "number_input"}
