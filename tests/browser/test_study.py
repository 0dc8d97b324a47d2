"""The Study page in a browser: a cell is clicked and its run opened, a study stopped and gone on with."""

from __future__ import annotations

import re

MAP = "data=moons&steps=30&samples=60&stseeds=1&st1v=0.01,0.1&st2=arch&st2v=4,8,16"
LONG = "steps=8000&arch=16-16&stseeds=1&st1v=0.001..0.1 log 30"


def test_a_click_on_a_cell_shows_its_run_in_sight_and_opens_it(app_url, open_page, wait_idle, rerun, expect):
    page = open_page(f"{app_url}/study?{MAP}")
    page.wait_for_selector("[data-chart=study-grid] .main-svg")
    wait_idle(page)
    place = page.evaluate("""() => {
      const chart = document.querySelector("[data-chart=study-grid] .js-plotly-plot");
      const { left, top } = chart.getBoundingClientRect();
      const { xaxis, yaxis } = chart._fullLayout;
      return { x: left + xaxis._offset + xaxis.l2p(2), y: top + yaxis._offset + yaxis.l2p(0) };
    }""")
    with rerun(page):
        page.mouse.click(place["x"], place["y"])
    chosen = page.locator("p", has_text=re.compile("^Chosen: .*hidden layers 16"))
    expect(chosen).to_be_in_viewport()
    expect(chosen).to_contain_text("learning rate 0.01")
    address = page.get_by_test_id("stLinkButton").first.locator("a").get_attribute("href")
    page.goto(address)
    page.wait_for_selector(".stage .main-svg")
    wait_idle(page)
    assert "/train?" in page.url
    assert "lr=0.01" in page.url
    assert "arch=16" in page.url


def test_a_study_is_stopped_and_goes_on_from_what_was_made(app_url, open_page, wait_idle):
    page = open_page(f"{app_url}/study?{LONG}")
    page.locator(".st-key-run_it button").click()
    page.get_by_text(re.compile(r"This study of 30 runs: [1-9]\d?%")).wait_for()
    page.locator(".st-key-stop_study button").click()
    said = page.get_by_text(re.compile(r"Stopped: \d+ of 30 runs are made"))
    said.wait_for()
    assert 0 < int(re.search(r"(\d+) of 30", said.inner_text())[1]) < 30
    wait_idle(page)
    page.wait_for_selector("[data-chart=study-grid] .main-svg")
    page.get_by_role("button", name="Go on").wait_for()
