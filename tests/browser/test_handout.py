"""A lesson on paper, and on a course page: black on white with room to write; page and player alone in a frame."""

import re

import pytest

LESSON = "/?lesson=rate-too-large&lanswer=1"
LONGEST = "/backprop?lesson=worked-example-linear&lanswer=1"  #: with formulas and a table below its charts
A4 = 680  #: pixels between the margins
CUT = """() => [...document.querySelectorAll(".stage .graph")].filter((graph) =>
  graph.querySelector(".main-svg").getBoundingClientRect().right > graph.getBoundingClientRect().right + 1).length"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_lesson_prints_with_its_question_and_charts_alone(open_page, app_url, wait_idle, expect, scheme):
    page = open_page(app_url + LESSON, width=794, height=1123, color_scheme=scheme)
    page.wait_for_selector(".stage .js-plotly-plot .main-svg")
    wait_idle(page)
    expect(page.locator(".st-key-handout")).to_be_hidden()
    page.emulate_media(media="print", color_scheme=scheme)
    assert page.locator(".st-key-handout").is_visible()
    sheet = page.locator(".st-key-handout").inner_text()
    assert "What does a rate of 30 do?" in sheet
    assert "Settings: Optimizer: Gradient descent; Learning rate: 30." in sheet
    assert page.locator(".stage .js-plotly-plot").first.is_visible()
    for gone in (".stage .player", "[data-testid=stSidebar]", ".st-key-lesson", ".stMain .stSelectbox"):
        assert not page.locator(gone).first.is_visible()
    ink = page.locator(".st-key-handout p").first.evaluate("one => getComputedStyle(one).color")
    paper = page.locator(".stApp").evaluate("one => getComputedStyle(one).backgroundColor")
    assert (ink, paper) == ("rgb(0, 0, 0)", "rgb(255, 255, 255)")
    page.evaluate("window.onbeforeprint()")
    assert page.locator(".stage").evaluate("one => one.getBoundingClientRect().width") <= A4
    assert page.evaluate(CUT) == 0


@pytest.mark.parametrize(("lesson", "paper", "width"), [(LESSON, "A4", 390), (LONGEST, "Letter", 1920)])
def test_a_lesson_fits_on_two_sheets_whatever_the_screen(open_page, app_url, wait_idle, lesson, paper, width):
    page = open_page(app_url + lesson, width=width, height=900)
    page.wait_for_selector(".stage .js-plotly-plot .main-svg")
    wait_idle(page)
    before = page.locator(".stage").evaluate("one => one.clientWidth")
    sheets = re.findall(rb"/Type\s*/Page\b", page.pdf(format=paper))
    assert len(sheets) <= 2
    assert page.locator(".stage").evaluate("one => one.clientWidth") == before


def test_a_frame_of_a_course_page_shows_page_and_player_without_menu_and_sidebar(open_page, app_url, wait_idle):
    page = open_page(f"{app_url}/?lr=0.1&embed=true", width=800, height=600)
    page.wait_for_selector(".stage .js-plotly-plot .main-svg")
    wait_idle(page)
    assert page.locator(".stage .js-plotly-plot").first.is_visible()
    assert page.locator(".stage .player").is_visible()
    for gone in ("[data-testid=stSidebar]", "[data-testid=stHeader]"):
        assert not page.locator(gone).is_visible()
