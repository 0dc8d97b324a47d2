"""The Layers page in a browser: one player moves every chart, none goes blank, and a link opens what it says."""

from __future__ import annotations

import pytest

LINK = "/layers?samples=60&steps=120"
CHARTS = {
    "time": ("bars", "map", "ratio", "turn", "idle"),
    "distributions": ("bars", "map", "gradients", "weights", "activations"),
    "matrices": ("bars", "map", "matrix-weight", "matrix-gradient", "matrix-update"),
}
# What each chart has drawn of what moves: heights, the place of the cursor, or the colours of the first map.
DRAWN = """(keys) => keys.map((key) => {
  const gd = document.querySelector(`[data-chart=${key}] .js-plotly-plot`);
  const { calcdata } = gd;
  if (key === "bars") return calcdata[0].map(({ s }) => s).join();
  if (key.startsWith("matrix")) return [...calcdata[0][0].z].map((row) => [...row]).join();
  if (["map", "ratio", "turn", "idle"].includes(key)) return calcdata.at(-1)[0].x;
  return calcdata[0].map(({ y }) => y).join();
})"""
TITLES = """() => [...document.querySelectorAll(".chart .title")].map((title) => title.textContent)"""


def visit(page, url, look, wait_idle):
    page.goto(url)
    for key in CHARTS[look]:
        page.wait_for_selector(f"[data-chart={key}] .js-plotly-plot .main-svg")
    wait_idle(page)


@pytest.mark.parametrize("look", CHARTS)
def test_one_player_moves_every_chart_and_none_goes_blank(app_url, page, wait_idle, play_a_while, screencast, look):
    keys = list(CHARTS[look])
    visit(page, f"{app_url}{LINK}&look={look}", look, wait_idle)
    last = page.evaluate(DRAWN, keys)
    page.get_by_label("First step").click()
    page.wait_for_function(f"([keys, last]) => ({DRAWN})(keys).every((now, i) => now !== last[i])", arg=[keys, last])
    boxes = [page.locator(f"[data-chart={key}] .js-plotly-plot").bounding_box() for key in keys]
    seen = [box for box in boxes if box["y"] + box["height"] < 690]
    assert len(seen) >= 2
    with screencast(page) as film:
        play_a_while(page)
    assert len(film.frames) > 3
    assert all(frame.ink(box) > 0.01 for frame in film.frames for box in seen)
    page.get_by_label("Last step").click()
    page.wait_for_function(f"([keys, last]) => ({DRAWN})(keys).every((now, i) => now === last[i])", arg=[keys, last])


def test_a_link_opens_look_layer_and_pinned_run_on_a_fresh_server(server, page, wait_idle, expect):
    url = server("app.py", fresh=True)
    visit(page, f"{url}{LINK}&lr=0.1&look=matrices&layer=2&pin=v:1~lr:0.03", "matrices", wait_idle)
    titles = page.evaluate(TITLES)
    assert len(titles) == 5
    assert all("A: learning rate 0.03 · B: learning rate 0.1" in title for title in titles)
    assert titles[-1].startswith("Layer 2")
    expect(page.locator(".st-key-layer input")).to_have_value("2")
    assert "pin=" in page.url


def test_pinning_and_changing_a_setting_shows_both(app_url, page, wait_idle, rerun):
    visit(page, app_url + LINK, "time", wait_idle)
    with rerun(page):
        page.get_by_role("button", name="Pin as A").click()
    rate = page.locator(".st-key-lr input").first
    with rerun(page):
        rate.fill("0.2")
        rate.press("Enter")
    page.wait_for_function(
        f"({TITLES})().every((title) => title.includes('learning rate 0.03') && title.includes('learning rate 0.2'))"
    )
    assert len(page.evaluate(TITLES)) == 5


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_a_vanishing_gradient_is_caused_by_hand_and_repaired_by_what_was_tried(
    app_url, open_page, wait_idle, rerun, width, height
):
    page = open_page(width=width, height=height, has_touch=width < 700)
    visit(page, f"{app_url}/layers?data=spiral&samples=60&steps=120", "time", wait_idle)
    assert page.get_by_text("vanishing", exact=True).count() == 0
    if width < 700:
        page.get_by_test_id("stExpandSidebarButton").tap()
    field = page.get_by_role("textbox", name="Hidden layers")
    with rerun(page):
        field.fill("8x8")
        field.press("Enter")
    with rerun(page):
        page.get_by_role("combobox", name="Activation", exact=True).select_option("Sigmoid")
    verdicts = page.locator(".st-key-verdicts")
    verdicts.get_by_text("vanishing").first.wait_for(state="attached")
    if width < 700:
        page.get_by_test_id("stSidebarCollapseButton").locator("button").tap()
    with rerun(page):
        verdicts.get_by_role("button", name="Try:").last.click()
    verdicts.get_by_text("vanishing").first.wait_for(state="detached")
