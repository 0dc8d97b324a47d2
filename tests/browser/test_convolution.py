"""The Convolution page in a browser: a digit is drawn, a cell clicked, a run stopped."""

from __future__ import annotations

import re
from urllib.parse import unquote

SMALL = "cvdata=8x8&cvmost=200&cvblocks=4k3-6k3p&cvdense=8&cvepochs=2"


def said(page):
    """What the network says of the image, the number over the charts."""
    return page.locator(".metrics > *", has_text="It says").inner_text()


def test_a_drawn_digit_goes_through_and_stays_in_the_link(app_url, open_page, wait_idle, rerun):
    page = open_page(f"{app_url}/convolution?{SMALL}")
    page.wait_for_selector("[data-chart=maps] .main-svg")
    wait_idle(page)
    before = said(page)
    page.get_by_role("button", name="Draw a digit").click()
    paper = page.locator(".digit canvas")
    paper.wait_for()
    place = paper.bounding_box()
    middle = place["x"] + place["width"] / 2
    with rerun(page):
        page.mouse.move(middle, place["y"] + 30)
        page.mouse.down()
        page.mouse.move(middle, place["y"] + place["height"] - 30, steps=8)
        page.mouse.up()
    page.wait_for_url(re.compile("cvdrawn="))
    page.locator("[data-chart=maps] .title", has_text="Your digit").wait_for()
    wait_idle(page)
    assert said(page) != before or "class 1" in before


def test_a_click_on_a_map_shows_its_cell(app_url, open_page, wait_idle, rerun):
    page = open_page(f"{app_url}/convolution?{SMALL}")
    page.wait_for_selector("[data-chart=maps] .main-svg")
    wait_idle(page)
    place = page.evaluate("""() => {
      const chart = document.querySelector("[data-chart=maps] .js-plotly-plot");
      const { left, top } = chart.getBoundingClientRect();
      const { xaxis, yaxis } = chart._fullLayout;
      const [x, y] = [chart.data[1].x, chart.data[1].y].map((edges) => (edges[2] + edges[3]) / 2);
      return { x: left + xaxis._offset + xaxis.l2p(x), y: top + yaxis._offset + yaxis.l2p(y) };
    }""")
    with rerun(page):
        page.mouse.click(place["x"], place["y"])
    page.wait_for_url(lambda url: "cvcell=c1[1,3,3]" in unquote(url))
    page.locator("[data-chart=sum] .main-svg").first.wait_for()


def test_a_run_is_stopped_and_goes_on_when_it_is_asked_for(app_url, open_page, wait_idle):
    page = open_page(f"{app_url}/convolution?cvblocks=32k3p-64k3p-64k3&cvepochs=20")
    page.get_by_role("button", name=re.compile("^Run it")).click()
    page.locator(".st-key-conv_stop button").click()
    page.get_by_text("Stopped: what was trained so far is not kept").wait_for()
    page.get_by_role("button", name="Train it").wait_for()
    wait_idle(page)
    assert not page.locator(".stException").count()
