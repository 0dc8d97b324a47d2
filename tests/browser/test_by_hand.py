"""What people do, from an empty page to the number at its end: by pointer, by touch on a phone, by keys alone.

A person learns the spiral and XOR, types a weight, holds a run against another one, draws points, predicts what is
covered, and causes and repairs a vanishing gradient. Whatever number is looked at is the engine's own, of the run that
the address names. By keys alone means: nothing is reached but by Tab, and the focus stays where a person left it.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from engine import Experiment, train
from engine.lessons import LESSONS
from pages.common.text import number

WIDE, PHONE = (1280, 800), (390, 844)
MOST_TABS = 90  #: from any place of a page to any other one
#: What has the focus: the name that it is called by.
FOCUSED = """() => {
  let one = document.activeElement;
  while (one.shadowRoot?.activeElement) one = one.shadowRoot.activeElement;
  if (one.matches("body, main, div")) return "";
  return one.ariaLabel ?? one.labels?.[0]?.textContent ?? one.textContent;
}"""


PRESSED = re.compile("Enter|Space|Control.a|Arrow(Up|Down|Left|Right)")  #: other words are typed
PAINTED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


class Hand:
    """A page and the one way in which a person acts on it."""

    def __init__(self, page, how, rerun, wait_idle, expect):
        self.page, self.how, self.rerun, self.wait_idle, self.expect = page, how, rerun, wait_idle, expect

    def open(self, url):
        self.page.goto(url)
        self.page.wait_for_selector(".stage .js-plotly-plot .main-svg", state="attached")
        self.wait_idle(self.page)

    # ---- keys ----

    def reach(self, name):
        """Press Tab until what is called `name` has the focus."""
        for _ in range(MOST_TABS):
            if re.search(name, self.page.evaluate(FOCUSED)):
                return
            self.page.keyboard.press("Tab")
        pytest.fail(f"no Tab leads to {name!r}; the last one led to {self.page.evaluate(FOCUSED)!r}")

    def keys(self, name, *keys, run=True, stays=True):
        """Reach a control, press keys there (or type what is more than one), and stand where one stood before."""
        self.reach(name)

        def press():
            for key in keys:
                (self.page.keyboard.press if PRESSED.fullmatch(key) else self.page.keyboard.type)(key)

        if run:
            with self.rerun(self.page):
                press()
        else:
            press()
        if stays:
            assert self.page.evaluate(FOCUSED), f"the focus was lost behind {name!r}"

    # ---- pointer and touch ----

    def press(self, one):
        one.scroll_into_view_if_needed()
        self.page.evaluate(PAINTED)  # a list that opens while the page scrolls is closed by it
        (one.tap if self.how == "touch" else one.click)()

    def change(self, one, press=None):
        with self.rerun(self.page):
            press(one) if press else self.press(one)

    def type(self, label, text):
        field = self.page.get_by_label(label, exact=True).first
        with self.rerun(self.page):
            field.fill(text)
            field.press("Enter")

    def button(self, name):
        return self.page.get_by_role("button", name=name, exact=True)

    def picture(self, name):
        return self.page.locator(".st-key-pictures label").filter(has=self.page.get_by_text(name, exact=True))

    # ---- all ----

    def drawer(self, *, opened):
        """On a phone the settings lie in a drawer over the page."""
        if self.page.viewport_size["width"] > PHONE[0]:
            return
        button = self.page.get_by_test_id("stExpandSidebarButton" if opened else "stSidebarCollapseButton")
        button = button if opened else button.locator("button")
        if self.how == "keys":
            self.keys("Expand sidebar" if opened else "Collapse sidebar", "Enter", run=False, stays=False)
        else:
            self.press(button)
        button.wait_for(state="hidden" if opened else "detached")

    def says(self, key, text):
        self.page.wait_for_url(lambda url: parse_qs(urlsplit(url).query).get(key, [None])[0] == text)

    def metric(self, name):
        return self.page.locator(".metrics dt", has_text=name).locator("xpath=following-sibling::dd[1]")

    def run_of_address(self):
        asked = [
            (key, value) for key, value in parse_qsl(urlsplit(self.page.url).query) if key in Experiment().to_params()
        ]
        return train(Experiment.from_params(dict(asked)))

    def shows_learned(self):
        """The accuracy is high, and the one that the engine has for this address."""
        run = self.run_of_address()
        assert min(run.train_accuracy[-1], run.test_accuracy[-1]) >= 0.94
        self.expect(self.metric("Accuracy, train")).to_have_text(f"{run.train_accuracy[-1]:.3f}")
        self.expect(self.metric("Accuracy, test")).to_have_text(f"{run.test_accuracy[-1]:.3f}")


@pytest.fixture
def hand(open_page, rerun, wait_idle, expect):
    def of(how, size):
        mobile = {"has_touch": True, "is_mobile": True} if how == "touch" else {}
        page = open_page(width=size[0], height=size[1], reduced_motion="reduce", **mobile)
        return Hand(page, how, rerun, wait_idle, expect)

    return of


@pytest.mark.parametrize(("how", "size"), [("pointer", WIDE), ("touch", PHONE)])
def test_spiral_and_xor_are_learned_a_weight_is_typed_and_a_stands_beside_b(hand, app_url, how, size):
    hand = hand(how, size)
    page = hand.page
    hand.open(f"{app_url}/train?steps=100")
    hand.drawer(opened=True)
    hand.change(hand.picture("Spiral"))
    hand.change(hand.button("Add a layer"))
    hand.change(page.get_by_role("combobox", name="Activation", exact=True), lambda one: one.select_option("ReLU"))
    hand.press(page.get_by_role("combobox", name="Optimizer"))
    hand.change(page.get_by_role("option", name="RMSprop"))
    page.get_by_text("Its usual learning rate came along").wait_for()
    hand.type("Learning rate", "0.01")
    hand.type("Steps", "600")
    hand.drawer(opened=False)
    hand.shows_learned()
    hand.drawer(opened=True)
    hand.change(hand.picture("Exclusive or"))
    hand.drawer(opened=False)
    hand.shows_learned()
    hand.press(page.get_by_role("combobox", name="Look at"))
    page.wait_for_timeout(400)  # longer than words wait that a keyboard calls up
    words = page.locator(".words-of-control.help")
    hand.expect(words).to_have_count(1)
    assert words.is_hidden()  # they would lie over the list
    page.keyboard.type("W2[1,3]")
    hand.change(page.get_by_role("option", name="W2[1,3]"))
    hand.type("W2[1,3] starts at", "-2")
    hand.says("weights", "W2[1,3]:-2")
    hand.change(hand.button("Pin as A"))
    a = hand.run_of_address()
    hand.drawer(opened=True)
    hand.type("Learning rate", "0.03")
    hand.drawer(opened=False)
    b = hand.run_of_address()
    both = f"{number(b.train_loss[-1])} (A {number(a.train_loss[-1])})"
    hand.expect(hand.metric("Loss, train")).to_have_text(both)
    names = page.evaluate("document.querySelector('[data-chart=history] .js-plotly-plot').data.map(({ name }) => name)")
    assert "A" in names


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "narrow"])
def test_by_keys_alone_spiral_and_xor_are_learned_a_weight_is_typed_and_a_stands_beside_b(hand, app_url, size):
    hand = hand("keys", size)
    hand.open(f"{app_url}/train?steps=100")
    hand.drawer(opened=True)
    hand.keys("^Circle", "ArrowRight")
    hand.says("data", "xor")
    hand.keys("Exclusive or", "ArrowRight")
    hand.says("data", "spiral")
    hand.keys("Add a layer", "Enter")
    hand.keys("^Activation$", "ArrowDown")
    hand.says("act", "relu")
    hand.keys("^Optimizer$", "RMSprop", "Enter")
    hand.keys("^Learning rate$", "Control+a", "0.01", "Enter")
    hand.keys("^Steps$", "Control+a", "600", "Enter")
    hand.drawer(opened=False)
    hand.shows_learned()
    hand.drawer(opened=True)
    hand.keys("^Spiral", "ArrowLeft")
    hand.drawer(opened=False)
    hand.shows_learned()
    hand.keys("^Look at$", "W2[1,3]", "Enter")
    hand.keys("starts at", "Control+a", "-2", "Enter")
    hand.says("weights", "W2[1,3]:-2")
    hand.keys("Pin as A", "Enter")
    a = hand.run_of_address()
    hand.drawer(opened=True)
    hand.keys("^Learning rate$", "Control+a", "0.03", "Enter")
    hand.drawer(opened=False)
    both = f"{number(hand.run_of_address().train_loss[-1])} (A {number(a.train_loss[-1])})"
    hand.expect(hand.metric("Loss, train")).to_have_text(both)


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "narrow"])
def test_by_keys_alone_points_are_drawn_a_prediction_is_made_and_a_vanishing_gradient_repaired(hand, app_url, size):
    hand = hand("keys", size)
    page = hand.page
    hand.open(f"{app_url}/train?steps=20&data=drawn")
    hand.drawer(opened=True)
    hand.keys("Points drawn", "2", "ArrowRight", "Enter")
    page.get_by_text("5 of 60 points").wait_for()
    hand.says("points", "a-3_-2a-2_1.5b2_-1.5b3_2b0.25_0")
    hand.drawer(opened=False)

    lesson = LESSONS["vanishing"]
    hand.open(f"{app_url}/{lesson.page}?lesson=vanishing")
    covered = page.get_by_text("Covered until the question is answered").first
    covered.wait_for(state="attached")
    hand.keys(f"^{re.escape(lesson.choices[0])}", *["ArrowDown"] * lesson.answer or ["Space"], stays=False)
    page.locator(".st-key-lesson").get_by_text("Right.", exact=True).wait_for()
    covered.wait_for(state="detached")

    hand.open(f"{app_url}/layers?data=spiral&samples=60&steps=120")
    hand.drawer(opened=True)
    hand.keys("^Hidden layers$", "Control+a", "8x8", "Enter")
    hand.keys("^Activation$", "ArrowUp")
    hand.says("act", "sigmoid")
    hand.drawer(opened=False)
    verdicts = page.locator(".st-key-verdicts")
    verdicts.get_by_text("vanishing").first.wait_for(state="attached")
    hand.keys("Try: ", "Enter", stays=False)
    verdicts.get_by_text("vanishing").first.wait_for(state="detached")
