"""A lesson on paper, and on a course page: black on white with room to write; page and player alone in a frame."""

import pytest

LESSON = "/?lesson=rate-too-large&lanswer=1"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_lesson_prints_with_its_question_and_charts_alone(browser, app_url, wait_idle, scheme):
    context = browser.new_context(viewport={"width": 794, "height": 1123}, color_scheme=scheme)
    page = context.new_page()
    page.goto(app_url + LESSON)
    page.wait_for_selector(".stage .js-plotly-plot .main-svg")
    wait_idle(page)
    assert not page.locator(".st-key-handout").is_visible()
    page.emulate_media(media="print", color_scheme=scheme)
    assert page.locator(".st-key-handout").is_visible()
    assert "What does a rate of 30 do?" in page.locator(".st-key-handout").inner_text()
    assert page.locator(".stage .js-plotly-plot").first.is_visible()
    for gone in (".stage .player", "[data-testid=stSidebar]", ".st-key-lesson"):
        assert not page.locator(gone).first.is_visible()
    ink = page.locator(".st-key-handout p").first.evaluate("one => getComputedStyle(one).color")
    paper = page.locator(".stApp").evaluate("one => getComputedStyle(one).backgroundColor")
    assert (ink, paper) == ("rgb(0, 0, 0)", "rgb(255, 255, 255)")
    context.close()


def test_a_frame_of_a_course_page_shows_page_and_player_without_menu_and_sidebar(browser, app_url, wait_idle):
    context = browser.new_context(viewport={"width": 800, "height": 600})
    page = context.new_page()
    page.goto(f"{app_url}/?lr=0.1&embed=true")
    page.wait_for_selector(".stage .js-plotly-plot .main-svg")
    wait_idle(page)
    assert page.locator(".stage .js-plotly-plot").first.is_visible()
    assert page.locator(".stage .player").is_visible()
    for gone in ("[data-testid=stSidebar]", "[data-testid=stHeader]"):
        assert not page.locator(gone).is_visible()
    context.close()
