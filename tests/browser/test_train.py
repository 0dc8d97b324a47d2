"""The Train page as a person uses it: play, pause, change a setting, share, open the link elsewhere, on a phone."""

from __future__ import annotations

import re
from itertools import pairwise
from urllib.parse import parse_qs, urlsplit

import pytest

KEYS = ("diagram", "learned", "norms", "history")
LINK = "/train?data=xor&samples=60&arch=4-3&act=relu&optimizer=momentum&lr=0.2&momentum=0.8&steps=120&edges=gradient"
# What each chart has drawn of what moves: the edges, the map, and where the cursors stand.
DRAWN = """(keys) => keys.map((key) => {
  const { calcdata } = document.querySelector(`[data-chart=${key}] .js-plotly-plot`);
  if (key === "learned") return [...calcdata[0][0].z].map((row) => [...row]).join();
  if (key === "diagram") return calcdata.flatMap((trace) => trace.map(({ y }) => y)).join();
  return calcdata.at(-1)[0].x;
})"""


def visit(page, url, wait_idle):
    page.goto(url)
    for key in KEYS:
        page.wait_for_selector(f"[data-chart={key}] .js-plotly-plot .main-svg")
    wait_idle(page)


def metric(page, number):
    return page.locator(".metrics dd").nth(number).inner_text()


def moved(page, before):
    page.wait_for_function(f"([keys, then]) => ({DRAWN})(keys).every((now, i) => now !== then[i])", arg=[KEYS, before])


@pytest.mark.parametrize("path", ["/", "/train"])
def test_both_addresses_open_the_page_without_a_dialog(app_url, page, wait_idle, path):
    visit(page, app_url + path, wait_idle)
    assert page.get_by_role("heading", name="Train", exact=True).is_visible()
    assert page.get_by_role("dialog").count() == 0
    page.locator("[data-part=speed]").select_option("30")
    page.get_by_role("button", name="Play", exact=True).wait_for()  # the first visit has played once
    assert metric(page, 0) == "300"


def test_playing_moves_every_chart_and_blanks_none(app_url, page, wait_idle, play_a_while, screencast, expect):
    visit(page, f"{app_url}{LINK}", wait_idle)
    last = page.evaluate(DRAWN, KEYS)
    page.get_by_label("First step").click()
    moved(page, last)
    expect(page.locator(".metrics dd").first).to_have_text("0")
    first = page.evaluate(DRAWN, KEYS)
    boxes = [page.locator(f"[data-chart={key}] .js-plotly-plot").bounding_box() for key in KEYS]
    with screencast(page) as film:
        play_a_while(page)
        moved(page, first)
    assert len(film.frames) > 3
    assert all(frame.ink(box) > 0.01 for frame in film.frames for box in boxes)
    assert 0 < int(metric(page, 0)) <= 120


def test_a_changed_setting_keeps_the_step_and_is_in_the_address(app_url, page, wait_idle, rerun):
    visit(page, f"{app_url}{LINK}", wait_idle)
    page.get_by_label("First step").click()
    page.get_by_label("Step forward").click()
    page.wait_for_url(re.compile(r"at=1\b"))  # a single step goes to every step, whatever playing leaves out
    page.wait_for_function("() => document.querySelector('.metrics dd').textContent === '1'")
    step = metric(page, 0)
    before = page.evaluate(DRAWN, KEYS)
    with rerun(page):
        page.get_by_role("textbox", name="Hidden layers").fill("5")
        page.keyboard.press("Enter")
    moved(page, [before[0], before[1], "", ""])
    assert metric(page, 0) == step
    page.wait_for_url(lambda url: parse_qs(urlsplit(url).query)["arch"] == ["5"])


def test_a_rate_between_two_ticks_of_its_slider_is_changed_by_the_keyboard(app_url, page, wait_idle, rerun):
    visit(page, f"{app_url}/train?steps=5&arch=2&lr=0.03", wait_idle)
    field = page.get_by_label("Learning rate", exact=True).first
    for key, rate in (("ArrowUp", 0.04), ("ArrowUp", 0.05), ("ArrowDown", 0.04), ("ArrowDown", 0.03)):
        with rerun(page):
            field.press(key)
        assert float(field.input_value()) == pytest.approx(rate)


def test_a_shared_link_opens_whole_on_a_fresh_server(app_url, server, page, wait_idle, expect):
    visit(page, f"{app_url}{LINK}", wait_idle)
    page.get_by_role("button", name=re.compile("Share")).click()
    link = page.locator('[data-testid="stCode"]').inner_text().strip()
    assert {"lr=0.2", "beta2=0.999", "seed=0", "v=1", "edges=gradient"} <= set(urlsplit(link).query.split("&"))
    values = [metric(page, i) for i in range(6)]
    fresh = urlsplit(server("app.py", fresh=True))
    visit(page, urlsplit(link)._replace(netloc=fresh.netloc).geturl(), wait_idle)
    assert [metric(page, i) for i in range(6)] == values
    expect(page.get_by_role("textbox", name="Hidden layers")).to_have_value("4-3")
    assert page.locator('[data-testid="stAlert"]').count() == 0


def test_the_link_holds_the_step_at_which_the_player_rests(app_url, server, open_page, wait_idle):
    page = open_page()
    visit(page, f"{app_url}/train?steps=200", wait_idle)
    page.get_by_label("First step").click()
    page.get_by_label("Step forward").click()
    page.wait_for_url(re.compile(r"at=1\b"))  # a single step goes to every step, whatever playing leaves out
    page.wait_for_function("() => document.querySelector('.metrics dd').textContent === '1'")
    step = metric(page, 0)
    page.get_by_role("button", name="Share").click()
    page.get_by_text(re.compile(f"at={step}")).wait_for()
    link = page.locator('[data-testid="stCode"]').inner_text().strip()
    other = open_page()
    visit(other, f"{server('app.py', fresh=True)}/train?{urlsplit(link).query}", wait_idle)
    assert other.get_by_label("Step", exact=True).get_attribute("aria-valuetext") == f"Step {step} of 200"
    assert metric(other, 0) == step
    page.keyboard.press("Escape")
    page.get_by_label("Last step").click()
    page.wait_for_url(lambda url: "at=" not in url)


def test_single_steps_reach_every_step_near_the_rest_and_playing_leaves_some_out(app_url, page, wait_idle):
    visit(page, f"{app_url}/train?at=100", wait_idle)
    assert metric(page, 0) == "100"
    for step in ("101", "102", "103"):
        page.get_by_label("Step forward").click()
        page.wait_for_function(f"() => document.querySelector('.metrics dd').textContent === '{step}'")
    page.wait_for_url(re.compile("at=103"))
    page.wait_for_function(
        "() => document.querySelector('[data-chart=history] .js-plotly-plot').calcdata.at(-1)[0].x === 103"
    )


def test_a_bad_link_opens_and_says_what_it_did_not_take(app_url, page, wait_idle, expect):
    visit(page, f"{app_url}/train?lr=nan&steps=1e99&colour=red&samples=40&arch=", wait_idle)
    said = page.locator('[data-testid="stAlert"]').inner_text()
    for name in ("lr", "steps", "colour", "arch"):
        assert re.search(rf"\b{name}\b", said)
    expect(page.get_by_role("textbox", name="Hidden layers")).to_have_value("8-8")


def test_the_film_is_saved_with_the_settings_in_its_head(app_url, page, wait_idle):
    visit(page, f"{app_url}{LINK}", wait_idle)
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save as film").click()
    film = saved.value.path().read_text(encoding="utf-8")
    assert "optimizer Momentum" in film
    assert "Open in Descent Lab" in film


@pytest.mark.parametrize("width", [320, 820])
def test_no_button_of_a_narrow_player_lies_under_another(open_page, app_url, width):
    page = open_page(f"{app_url}/backprop", width=width)
    page.wait_for_selector("[data-chart=film] .js-plotly-plot .main-svg")
    boxes = page.locator(".player .buttons button, .player select").evaluate_all(
        """(parts) => parts.map((part) => part.getBoundingClientRect()).map(({ left, right }) => [left, right])
             .sort(([one], [other]) => one - other)"""
    )
    assert len(boxes) == 7
    assert all(right <= left for (_, right), (left, _) in pairwise(boxes))


@pytest.mark.parametrize("path", ["train?steps=40", "lessons"])
def test_the_keyboard_reaches_play_at_once_and_headings_are_in_order(app_url, page, wait_idle, expect, path):
    page.goto(f"{app_url}/{path}")
    page.get_by_role("heading", level=1).wait_for()
    wait_idle(page)
    if path != "lessons":
        page.get_by_role("button", name="Play", exact=True).wait_for()
    levels = page.evaluate("[...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].map((one) => +one.tagName[1])")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    if path == "lessons":
        return
    page.keyboard.press("Tab")
    page.locator("[data-part=skip]:focus").wait_for()
    page.keyboard.press("Enter")
    page.locator("[data-part=play]:focus").wait_for()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Pause").wait_for()
    page.keyboard.press("Enter")
    page.get_by_role("status").filter(has_text="Gradient of layer 1 is").wait_for(state="attached")
    graph = page.locator(".stage [role=img]").first
    assert graph.evaluate("(one) => document.getElementById(one.getAttribute('aria-describedby')).textContent") != ""
    page.get_by_role("combobox", name="Optimizer").first.focus()
    page.keyboard.press("Tab")
    field = page.locator(":focus")  # and not the "?" that stands between them
    expect(field).to_have_attribute("aria-label", "Learning rate")
    expect(field).to_have_attribute("aria-description", re.compile("η"))
    shown = page.locator(".words-of-control.help")  # for those who see, too, until Escape
    shown.filter(has_text="η").wait_for()
    page.keyboard.press("Escape")
    shown.wait_for(state="hidden")
    page.keyboard.type("1e400")
    page.keyboard.press("Tab")
    refusal = page.locator(".words-of-control.refusal")
    refusal.filter(has_text="no number that this field can hold").wait_for()
    field = page.get_by_label("Learning rate", exact=True).first
    for typed, says in (("0.05", ""), ("5000", "between 1e-8 and 1000"), ("0.04", ""), ("0", "between 1e-8 and 1000")):
        field.fill(typed)
        page.keyboard.press("Enter")
        if says:
            refusal.filter(has_text=says).wait_for()
        else:
            refusal.wait_for(state="hidden")
    page.mouse.move(5, 5)
    assert refusal.bounding_box()["y"] > field.bounding_box()["y"]  # and stays, whatever the pointer does
