"""The Backprop page in a browser: the film moves all charts, a link opens whole, what is typed counts, and fast."""

import re
from contextlib import suppress

import numpy as np
import pytest

STAGES = 15  #: the number of the last stage of the 2-2-2-2 example
LINK = "/backprop?example=2-2-2-2-linear&step=2&weight=W1[2,1]&path=3"
SHOWN = """() => {
  const bars = [...document.querySelector('[data-chart=gradients] .js-plotly-plot').data[0].y];
  const metric = [...document.querySelectorAll('.metrics dd')];
  return {
    title: document.querySelector('[data-chart=film] .title').textContent,
    known: bars.filter((bar) => bar !== 0).length,
    stage: metric[0].innerText, weight: metric[2].innerText,
  };
}"""


def opened(page, address, wait_idle):
    page.goto(address)
    page.locator("[data-chart=gradients] .js-plotly-plot .main-svg").first.wait_for()
    page.locator("[data-part=count]").wait_for()
    wait_idle(page)
    return page


def shown(page, **expected):
    """Wait until the page shows all of `expected`; fail with what it shows instead."""
    wanted = " && ".join(f"now.{key} === {value!r}" for key, value in expected.items())
    try:
        page.wait_for_function(f"() => {{ const now = ({SHOWN})(); return {wanted}; }}", timeout=20_000)
    except Exception as error:
        raise AssertionError(f"expected {expected}, shown: {page.evaluate(SHOWN)}") from error


def field(page, label):
    return page.get_by_role("spinbutton", name=label, exact=True)


def test_playing_lights_up_both_charts_and_blanks_none(app_url, page, wait_idle, screencast, shoot):
    opened(page, f"{app_url}/backprop?example=2-2-2-2", wait_idle)
    page.locator("[data-part=scrub]").fill("0")
    shown(page, known=0, stage="input x", weight="0.1000")
    page.locator("[data-part=scrub]").fill("9")
    shown(page, stage="∂L/∂W₃, ∂L/∂b₃", known=6)
    shoot(page, "backprop-backward")
    page.locator("[data-part=speed]").select_option("10")
    inside = {
        key: page.locator(f"[data-chart={key}] .js-plotly-plot .main-svg").first.bounding_box()
        for key in ("film", "gradients")
    }
    inside["gradients"]["height"] = 80  # what is above the player
    page.locator("[data-part=scrub]").fill("0")
    with screencast(page) as film:
        page.locator("[data-part=play]").click()
        page.get_by_role("button", name="Pause").wait_for()
        page.get_by_role("button", name="Play", exact=True).wait_for()
    assert page.locator("[data-part=count]").inner_text() == f"{STAGES} / {STAGES}"
    shown(page, known=18, stage="new weights", weight="0.1013")
    assert len(film.frames) > 8
    for key, box in inside.items():
        ink = [frame.ink(box) for frame in film.frames]
        assert min(ink) > 0.3 * float(np.median(ink)) > 0, f"{key} blanked"


def test_a_link_opens_whole_on_a_fresh_server(server, page, wait_idle, expect):
    opened(page, server("app.py", fresh=True) + LINK, wait_idle)
    expect(field(page, "Step")).to_have_value("2")
    expect(field(page, "Path of 4")).to_have_value("3")
    assert page.get_by_role("button", name="Share").is_visible()
    page.locator(".metrics").get_by_text("W1[2,1]").wait_for()
    expect(field(page, "Its value")).to_have_value(re.compile(r"0\.3[01]\d*"))


def test_a_typed_number_counts_and_next_step_goes_on(app_url, page, wait_idle, rerun, expect):
    opened(page, f"{app_url}/backprop?example=2-3-2", wait_idle)
    with rerun(page):
        field(page, "Its value").fill("0.5")
        field(page, "Its value").press("Enter")
    page.wait_for_url("**typed=0.W1.0.0*")
    with rerun(page):
        page.get_by_role("button", name="Next step").click()
    expect(field(page, "Step")).to_have_value("1")
    value = "() => +document.querySelector('input[aria-label=\"Its value\"]').value"
    page.wait_for_function(f"() => 0.4 < ({value})() && ({value})() < 0.5")
    page.get_by_role("button", name="Undo typing (1)").wait_for()


def test_a_table_cell_can_be_typed_over(app_url, open_page, wait_idle):
    page = opened(open_page(height=1500), f"{app_url}/backprop?example=2-3-2", wait_idle)
    cells = page.locator("[data-testid=stDataFrame] canvas").first
    cell = page.locator("#portal input")
    for _ in range(10):  # the table hears a click only some time after it is there, and says nothing of it
        cells.scroll_into_view_if_needed()
        box = cells.bounding_box()
        page.mouse.click(box["x"] + 0.25 * box["width"], box["y"] + 2.5 * 35)  # the second row's value
        page.keyboard.press("Enter")
        with suppress(pytest.importorskip("playwright.sync_api").TimeoutError):
            cell.wait_for(timeout=3_000)
            break
    cell.fill("0.75")
    cell.press("Enter")
    page.get_by_role("button", name="Undo typing (1)").wait_for()
    page.wait_for_url(lambda url: "typed=0.W1.0.1" in url and url.endswith("0.75"))


def test_the_default_page_is_small(app_url, page, wait_idle):
    received = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: received.append(len(frame))))
    opened(page, f"{app_url}/backprop", wait_idle)
    assert 20_000 < sum(received) < 300_000
    received.clear()
    page.get_by_role("button", name="Next step").click()
    page.wait_for_function("document.querySelector('.st-key-step input').value === '1'")
    wait_idle(page)
    assert 20_000 < sum(received) < 300_000


def test_the_stage_at_which_the_player_rests_opens_again(app_url, page, wait_idle):
    opened(page, f"{app_url}/backprop?example=2-2-2-2", wait_idle)
    page.locator("[data-part=scrub]").fill("6")
    page.wait_for_url(lambda url: "at=" in url)
    at = page.locator("[data-part=count]").inner_text()
    page.reload()
    page.locator("[data-part=count]", has_text=at).wait_for()


def test_the_formulas_follow_the_stage_that_plays_and_are_covered_with_it(app_url, page, wait_idle):
    opened(page, f"{app_url}/backprop?steps=20&weight=W2[1,1]", wait_idle)
    moved = "before => document.querySelector('[data-part=count]').textContent !== before"
    marked = "key => document.querySelector(`.st-key-formula_${key}`).hasAttribute('data-now')"
    page.wait_for_function(marked, arg="update")
    page.keyboard.press("c")
    page.get_by_label("First step").click()
    for key in ("gradient", "chain", "update"):
        page.wait_for_function(f"key => !({marked})(key)", arg=key)
        page.locator(f".st-key-formula_{key} .katex").first.wait_for(state="hidden")
    for key in ("chain", "gradient", "update"):
        for _ in range(20):
            if page.evaluate(marked, key):
                break
            before = page.locator("[data-part=count]").inner_text()
            page.get_by_label("Step forward").click()
            page.wait_for_function(moved, arg=before)
        page.wait_for_function(marked, arg=key)
        page.locator(f".st-key-formula_{key} .katex").first.wait_for()


@pytest.mark.parametrize("act", ["tanh", "leaky_relu"])  # the longest numbers, and a long name
def test_no_formula_is_cut_at_any_width(app_url, page, wait_idle, act):
    opened(page, f"{app_url}/backprop?steps=2&data=spiral&seed=1&dseed=0&act={act}", wait_idle)
    for width in (390, 1280, 1366, 1920):
        page.set_viewport_size({"width": width, "height": 800})
        page.wait_for_timeout(300)
        over = page.locator(".katex-display").evaluate_all("all => all.map((one) => one.scrollWidth - one.clientWidth)")
        assert max(over) <= 2, (width, over)
