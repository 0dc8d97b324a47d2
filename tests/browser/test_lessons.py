"""Lessons in the browser: a card opens its own, and the first of each chapter leads to its numbers; a phone as well."""

from pathlib import Path

import pytest

from engine.lessons import CHAPTERS, LESSONS

FIRST = [next(one for one in LESSONS.values() if one.chapter == chapter.number) for chapter in CHAPTERS]
LAPTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
FITTED = """() => [...document.querySelectorAll(".stage .graph")].every(
  (graph) => graph._fullLayout?.width <= graph.clientWidth + 2)"""
#: Whether a chart begins on the screen, where the lesson has led to it.
IN_SIGHT = """(name) => {
  const { top } = document.querySelector(`.stage .chart[data-chart="${name}"]`).getBoundingClientRect();
  return top > 0 && top < innerHeight - 100;
}"""
#: Whether what the answer was worth can be read, and is not behind the bar.
TOLD = """() => {
  const [verdict, bar] = [".st-key-lesson_verdict", ".stAppHeader"].map((part) =>
    document.querySelector(part).getBoundingClientRect());
  return verdict.top >= bar.bottom;
}"""
FOLD = "() => document.querySelector('.st-key-builder').getBoundingClientRect().height"
FAULTS = (Path(__file__).parent / "faults.js").read_text(encoding="utf-8")


@pytest.mark.parametrize("lesson", FIRST, ids=[lesson.key for lesson in FIRST])
def test_the_first_of_a_chapter_opens_asks_and_leads_to_its_numbers(
    lesson, app_url, shared_page, wait_idle, rerun, at_rest
):
    page = shared_page
    page.set_viewport_size(LAPTOP)
    if lesson is FIRST[0]:
        page.goto(f"{app_url}/lessons")
        page.locator(".gallery .card").filter(has_text=lesson.title).first.click()
    else:
        page.goto(f"{app_url}/{lesson.page}?lesson={lesson.key}")
    panel = page.locator(".st-key-lesson")
    panel.locator("[role=radiogroup]").wait_for()
    wait_idle(page)
    with rerun(page):
        panel.locator("[role=radiogroup] label").nth(lesson.answer).click()
    panel.get_by_text("Right.", exact=True).wait_for()
    assert at_rest(page, TOLD)
    faults = page.evaluate(FAULTS)
    page.set_viewport_size(PHONE)
    page.wait_for_function(FITTED)
    faults += page.evaluate(FAULTS)
    for look in (*lesson.watch[1:], None):
        with rerun(page):
            panel.locator(".st-key-lesson_next button, .st-key-lesson_why button").click()
        if look:
            page.wait_for_function(IN_SIGHT, arg=look.chart)
    panel.locator(".stDataFrame").wait_for()
    # Before the charts stands the lesson; the boxes of slanted ticks overlap where their words do not.
    faults = [fault for fault in faults if "first screen" not in fault and "ticks" not in fault]
    assert not faults, "\n".join(faults)


def test_the_right_answer_stays_while_its_words_are_edited(app_url, page, wait_idle, rerun, at_rest):
    page.goto(f"{app_url}/lessons")
    wait_idle(page)
    page.get_by_text("For teachers: make a lesson").click()  # a fold opens without a run, and takes its time
    at_rest(page, FOLD)
    choices = page.get_by_label("Choices, a line each")

    def write(lines):
        with rerun(page):
            choices.fill(lines)
            choices.press("Control+Enter")

    write("one\ntwo\nthree")
    page.get_by_label("The right line").click()
    with rerun(page):
        page.get_by_role("option", name="2", exact=True).click()
    for lines in ("one\ntwo and a half\nthree", "one\ntwo and a half\nthree\nfour"):
        write(lines)
        assert page.get_by_text("Right is: two and a half").is_visible()
