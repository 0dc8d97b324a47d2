"""Drawing only what moves, against Plotly's own drawing of the whole chart; and charts that outlive a change."""

from __future__ import annotations

import re

import pytest

PAGES = (
    "train",
    "train?data=sine",
    "train?data=digits&steps=60",
    "layers",
    "layers?look=matrices",
    "backprop",
    "loss_surface",
    "optimizers",
    "depth",
)
# Whether each chart looks as it does after Plotly has drawn all of it again; what is drawn once has its attributes in
# another order than what is drawn twice.
AS_A_WHOLE = r"""async () => {
  const sorted = (style) => ` style="${style.split(";").map((part) => part.trim()).sort().join(";")}"`;
  const picture = (chart) => [...chart.querySelectorAll(".main-svg")].map(({ innerHTML }) =>
    innerHTML.replaceAll(/clip[a-z0-9]+/g, "clip").replaceAll(/ style="([^"]*)"/g, (_, style) => sorted(style))
      .replaceAll(/(?: [\w:.-]+="[^"]*")+/g, (all) => all.match(/[\w:.-]+="[^"]*"/g).sort().join(" "))).join();
  const same = {};
  for (const chart of document.querySelectorAll(".stage .js-plotly-plot")) {
    const name = chart.closest(".chart").dataset.chart;
    const before = picture(chart);
    await Plotly.redraw(chart);
    same[name] = before === picture(chart);
  }
  return same;
}"""


@pytest.mark.parametrize("path", PAGES)
def test_what_moves_is_drawn_as_plotly_draws_the_whole(app_url, open_page, wait_idle, play_a_while, path):
    page = open_page(f"{app_url}/{path}")
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.wait_for_selector(".stage .js-plotly-plot .main-svg")
    wait_idle(page)
    page.get_by_label("First step").click()
    play_a_while(page)
    same = page.evaluate(AS_A_WHOLE)
    assert len(same) > 1
    assert same == dict.fromkeys(same, True)
    assert not [line for line in said if line.startswith("Stage:")]


def test_a_3d_chart_keeps_its_canvas_when_a_setting_changes(app_url, open_page, wait_idle, rerun):
    page = open_page(f"{app_url}/loss_surface")
    page.wait_for_selector("[data-chart=ground] canvas")
    wait_idle(page)
    chart = "document.querySelector('[data-chart=ground] .js-plotly-plot')"
    page.evaluate(f"() => {{ {chart}.querySelector('canvas').first = true; }}")
    before = page.evaluate(f"() => [...{chart}.data[0].z]")
    with rerun(page):
        page.get_by_role("spinbutton", name="Steps").fill("200")
        page.keyboard.press("Enter")
    wait_idle(page)
    page.wait_for_function(f"before => `${{[...{chart}.data[0].z]}}` !== `${{before}}`", arg=before)
    assert page.evaluate(f"() => {chart}.querySelector('canvas').first")
    assert page.evaluate("() => document.querySelectorAll('[data-chart=ground] .js-plotly-plot').length") == 1


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (390, "dark")])
@pytest.mark.parametrize(
    ("path", "key"),
    [("optimizers", "race-surface"), ("optimizers?track=network", "race-surface"), ("loss_surface", "ground")],
)
def test_nothing_of_a_3d_picture_is_cut_off_at_its_edge(
    app_url, open_page, wait_idle, at_rest, shoot, path, key, width, theme
):
    from PIL import Image, ImageChops

    page = open_page(f"{app_url}/{path}", width=width, height=1500, color_scheme=theme)
    page.wait_for_selector(f"[data-chart={key}] canvas")
    wait_idle(page)
    box = page.locator(f"[data-chart={key}] .js-plotly-plot")
    box.evaluate("box => box.scrollIntoView({ block: 'center' })")
    place = at_rest(page, f"() => document.querySelector('[data-chart={key}] .js-plotly-plot').getBoundingClientRect()")
    inside = {"x": place["x"] + 1, "y": place["y"] + 1, "width": place["width"] - 2, "height": place["height"] - 2}
    picture = shoot(page, f"{key}-{width}-{theme}", clip=inside)
    page_alone = Image.new("RGB", picture.size, picture.getpixel((1, 1)))
    left, top, right, bottom = (
        ImageChops.difference(picture, page_alone).convert("L").point(lambda value: 255 * (value > 12)).getbbox()
    )
    assert min(left, top, picture.width - right, picture.height - bottom) >= 2
    assert page.locator(f"[data-chart={key}] .annotation-text", has_text="height: log of the loss").is_visible()


def test_what_is_written_under_the_network_stays_in_the_picture(app_url, open_page, wait_idle):
    page = open_page(f"{app_url}/backprop?arch=8-8", width=390, height=844)
    page.wait_for_selector("[data-chart=film] .js-plotly-plot .main-svg")
    page.get_by_label("First step").click()
    sums = 0
    for _ in range(13):  # up to the gradient of the first layer
        page.get_by_label("Step forward").click()
        wait_idle(page)
        place = page.locator("[data-chart=film] .js-plotly-plot").bounding_box()
        last_words = page.locator("[data-chart=film] .trace:nth-last-child(3) text")  # before edges and mark
        for text in last_words.filter(has_text=re.compile(r"\S")).all():
            written = text.bounding_box()
            assert place["x"] <= written["x"]
            assert written["x"] + written["width"] <= place["x"] + place["width"]
            assert written["y"] + written["height"] <= place["y"] + place["height"]
            sums += 1
    assert sums == 12  # the loss has none
