"""The network in the hand, in a real browser: learn XOR, look at a unit, type a weight, undo, follow an input."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

LINK = "/train?data=xor&arch=6-4&samples=120"
# Where a point of a trace of the diagram is on the screen.
PLACE = """([text, trace]) => {
  const gd = document.querySelector("[data-chart=diagram] .js-plotly-plot");
  const { text: names, x, y } = gd._fullData[trace];
  const { xaxis, yaxis } = gd._fullLayout;
  const at = [...names].findIndex((name) => name.includes(text));
  const { left, top } = gd.getBoundingClientRect();
  return [left + xaxis._offset + xaxis.d2p(x[at]), top + yaxis._offset + yaxis.d2p(y[at])];
}"""
EDGES, UNITS = 10, 11
# From when window.__late is set, what the server says is heard so many milliseconds later.
SLOW = """(() => {
  const add = EventTarget.prototype.addEventListener;
  WebSocket.prototype.addEventListener = function (name, heard, ...more) {
    const late = (event) => setTimeout(() => heard.call(this, event), window.__late ?? 0);
    return add.call(this, name, name === "message" ? late : heard, ...more);
  };
})();"""


def visit(page, url, wait_idle):
    page.goto(url)
    for key in ("diagram", "learned", "history"):
        page.wait_for_selector(f"[data-chart={key}] .js-plotly-plot .main-svg")
    wait_idle(page)


def point_at(page, text, trace):
    """Move the pointer there, as people do: not in one jump."""
    x, y = page.evaluate(PLACE, [text, trace])
    page.mouse.move(x - 6, y - 2)
    page.mouse.move(x, y, steps=4)
    return x, y


def says(page, key, text):
    """Wait until the address says this of a setting, or nothing."""
    page.wait_for_url(lambda url: parse_qs(urlsplit(url).query).get(key, [None])[0] == text)


def title(page, chart):
    return page.locator(f"[data-chart={chart}] .title")


def test_a_unit_is_known_under_the_pointer_after_it_was_played_too(app_url, page, wait_idle, play_a_while):
    visit(page, f"{app_url}/train?data=xor&arch=6-4&samples=120&steps=60", wait_idle)
    play_a_while(page)
    x, y = point_at(page, "Unit 2 of layer 1", UNITS)
    page.locator("[data-chart=diagram] .hoverlayer text").first.wait_for()
    page.mouse.click(x, y)
    says(page, "focus", "a1[2]")


def test_learn_xor_look_at_a_unit_type_a_weight_undo(app_url, page, wait_idle, rerun, expect):
    visit(page, f"{app_url}{LINK}", wait_idle)
    page.get_by_text(re.compile("The loss went from")).wait_for()
    loss = page.locator(".metrics dd").nth(1)
    learned = loss.inner_text()
    point_at(page, "Unit 2 of layer 1", UNITS)
    said = page.locator("[data-chart=diagram] .hoverlayer text")
    said.first.wait_for()
    assert re.search(r"a1\[2\].*output .* to .*bias .*gradient", " ".join(said.all_text_contents()), re.DOTALL)
    with rerun(page):
        page.mouse.click(*point_at(page, "Unit 2 of layer 1", UNITS))
    page.get_by_text("Unit 2 of layer 1, a1[2]: output").wait_for()
    says(page, "focus", "a1[2]")
    with rerun(page):
        page.mouse.click(*point_at(page, "W2[1,3]", EDGES))
    field = page.get_by_role("spinbutton", name="W2[1,3] starts at")
    with rerun(page):
        field.fill("-2")
        page.keyboard.press("Enter")
    page.get_by_text("W2[1,3] starts at -2 by hand").wait_for()
    expect(loss).not_to_have_text(learned)
    says(page, "weights", "W2[1,3]:-2")
    with rerun(page):
        page.get_by_role("button", name="Undo W2[1,3]").click()
    expect(loss).to_have_text(learned)
    says(page, "weights", None)


def test_a_click_on_the_map_follows_that_input(app_url, page, wait_idle, rerun, expect):
    visit(page, f"{app_url}{LINK}", wait_idle)
    box = page.locator("[data-chart=learned] .nsewdrag").first.bounding_box()
    x, y = box["x"] + 0.72 * box["width"], box["y"] + 0.31 * box["height"]
    page.mouse.move(x - 5, y)
    page.mouse.move(x, y, steps=3)
    with rerun(page):
        page.mouse.click(x, y)
    page.wait_for_url(re.compile("probe="))
    place = [float(part) for part in parse_qs(urlsplit(page.url).query)["probe"][0].split(",")]
    low, high = page.evaluate("document.querySelector('[data-chart=learned] .js-plotly-plot')._fullLayout.xaxis.range")
    assert abs(place[0] - (low + 0.72 * (high - low))) < (high - low) / 30
    page.locator(".metrics dd").nth(6).filter(has_text="class").wait_for()
    sentence, count = page.locator(".metrics dd").nth(7), page.locator("[data-part=count]")
    expect(sentence).to_contain_text("Most of it comes by")
    texts = page.evaluate("document.querySelector('.stage').stage.data.metrics[7][1]")  # of 120 key frames
    top = page.locator(".stage .grid").bounding_box()["y"]
    for part, step, text in (("first", 0, texts[0]), ("last", 300, texts[-1])):
        page.locator(f"[data-part={part}]").click()
        expect(count).to_have_text(f"{step} / 300")
        expect(sentence).to_have_text(text)
        wait_idle(page)
        assert page.locator(".stage .grid").bounding_box()["y"] == top  # there is room for the longest
    page.get_by_label("Play", exact=True).click()
    page.wait_for_function(
        "(texts) => texts.includes(document.querySelectorAll('.metrics dd')[7].textContent)", arg=texts[5:100]
    )


def test_an_input_that_is_followed_stays_in_the_address_whatever_is_done_at_once(app_url, page, wait_idle, expect):
    page.add_init_script(SLOW)
    visit(page, f"{app_url}{LINK}&steps=100", wait_idle)  # all key frames: a rest does not run the page again
    page.evaluate("window.__late = 2500")
    box = page.locator("[data-chart=learned] .nsewdrag").first.bounding_box()
    x, y = box["x"] + 0.72 * box["width"], box["y"] + 0.31 * box["height"]
    page.mouse.move(x - 5, y)
    page.mouse.move(x, y, steps=3)
    page.mouse.click(x, y)
    page.wait_for_timeout(1500)  # the server has made the page by then
    page.get_by_label("Step back").click()  # told before the browser has heard of the input
    page.wait_for_url(re.compile("at=99"))
    expect(page.locator(".metrics dd").nth(7)).to_contain_text("Most of it comes by")
    wait_idle(page)
    page.wait_for_timeout(3000)  # what is on its way
    wait_idle(page)
    followed = parse_qs(urlsplit(page.url).query)["probe"]
    page.reload()
    visit(page, page.url, wait_idle)
    expect(page.get_by_role("textbox", name="Follow an input")).to_have_value(followed[0])


def test_units_are_reached_by_the_keyboard(app_url, page, wait_idle, rerun):
    visit(page, f"{app_url}{LINK}", wait_idle)
    page.get_by_role("combobox", name=re.compile("Look at")).focus()
    page.keyboard.type("a2[3]")
    with rerun(page):
        page.keyboard.press("Enter")
    page.get_by_text("Unit 3 of layer 2, a2[3]: output").wait_for()


def test_the_tiles_move_while_it_plays(app_url, page, wait_idle):
    visit(page, f"{app_url}{LINK}", wait_idle)
    drawn = """() => [...document.querySelectorAll("[data-chart=diagram] .heatmaplayer image")]
      .map((image) => image.getAttribute("href") ?? image.getAttribute("xlink:href"))"""
    last = page.evaluate(drawn)
    assert len(last) == 4  # one picture a layer
    page.get_by_label("First step").click()
    page.wait_for_function(f"(last) => ({drawn})().filter((picture, layer) => picture !== last[layer]).length === 3",
                           arg=last)  # fmt: skip
