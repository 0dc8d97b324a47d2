"""The stage draws what has changed, moves every chart to the same step in place, and gets in nobody's way."""

from __future__ import annotations

import math
import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

APP = Path(__file__).parent / "apps" / "stage_app.py"
STEPS = list(range(0, 301, 5))
CHARTS = ("boundary", "surface", "curve", "bars")

TURNS = Path(__file__).parents[2] / "pages" / "common" / "stage" / "turns.js"

# What the charts have drawn (not merely what they were given), by the step that it belongs to.
SHOWN = """() => {
  const stage = document.querySelector(".st-key-lab-stage .stage");
  const player = +stage.querySelector('[data-part="count"]').textContent.split(" ")[0];
  const chart = (name) => stage.querySelector(`[data-chart="${name}"] .js-plotly-plot`);
  try {
    const [curve, bars, surface] = ["curve", "bars", "surface"].map(chart);
    const scene = surface._fullLayout.scene._scene;
    return {
      player,
      cursor: curve.calcdata[3][0].x,
      bars: bars.calcdata[0][0].s,
      note: +bars.querySelector(".annotation-text").textContent.replace("step ", ""),
      title: +stage.querySelector('[data-chart="bars"] .title b').textContent,
      path: scene.traces[surface._fullData[1].uid].data.x.filter((x) => x === x).length - 1,
      metric: +stage.querySelector("dd").textContent.split(" ")[0],
    };
  } catch (reason) {
    return { player, missing: String(reason) };
  }
}"""
EYE = """() => {
  const { eye } = document.querySelector('[data-chart="surface"] .js-plotly-plot')._fullLayout.scene._scene.getCamera();
  return [eye.x, eye.y, eye.z];
}"""
BARS = "() => document.querySelector('[data-chart=bars]').getBoundingClientRect().toJSON()"
# The same at every refresh of the screen.
WATCH = f"""() => {{
  const shown = {SHOWN};
  window.seen = [];
  const look = () => {{ window.seen.push(shown()); window.watching = requestAnimationFrame(look); }};
  look();
}}"""
SEEN = "(cancelAnimationFrame(window.watching), window.seen)"
# Whether each chart looks as it does after Plotly has drawn all of it again.
AS_A_WHOLE = """async () => {
  const sorted = (style) => ` style="${style.split(";").map((part) => part.trim()).sort().join(";")}"`;
  const picture = (chart) => [...chart.querySelectorAll(".main-svg")].map(({ innerHTML }) =>
    innerHTML.replaceAll(/clip[a-z0-9]+/g, "clip").replaceAll(/ style="([^"]*)"/g, (_, style) => sorted(style))).join();
  const same = {};
  for (const chart of document.querySelectorAll(".stage .js-plotly-plot")) {
    const before = picture(chart);
    await Plotly.redraw(chart);
    same[chart.closest(".chart").dataset.chart] = before === picture(chart);
  }
  return same;
}"""
# Pretends that there is no WebGL.
NO_WEBGL = """(() => {
  const { getContext } = HTMLCanvasElement.prototype;
  HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
    return kind.includes("webgl") ? null : getContext.call(this, kind, ...more);
  };
})()"""

# Counts the frames that are asked for, and gives none while `window.out_of_sight`, as to a tab that is not seen.
FRAMES = """(() => {
  const give = window.requestAnimationFrame.bind(window), waiting = [];
  window.frames_asked = 0;
  window.requestAnimationFrame = (then) => {
    window.frames_asked += 1;
    return window.out_of_sight ? waiting.push(then) : give(then);
  };
  window.show_again = () => {
    window.out_of_sight = false;
    waiting.splice(0).forEach((then) => give(then));
  };
})()"""
# Frames asked for, and drawings of the scene, in half a second.
BUSY = """() => new Promise((done) => {
  const { glplot } = document.querySelector("[data-chart=surface] .js-plotly-plot")._fullLayout.scene._scene;
  const { onrender } = glplot, before = window.frames_asked;
  let drawn = 0;
  glplot.onrender = () => { drawn += 1; onrender(); };
  setTimeout(() => { glplot.onrender = onrender; done([window.frames_asked - before, drawn]); }, 500);
})"""


#: Whether the bars lie between the upper edge of the window and the player.
WHOLE = """() => {
  const [bars, player] = ["[data-chart=bars]", ".player"].map((part) =>
    document.querySelector(`.stage ${part}`).getBoundingClientRect());
  return bars.top >= 0 && bars.bottom <= player.top + 1;
}"""
SCROLLED = "() => document.querySelector('.stMain').scrollTop"
BOX = "() => document.querySelector('.stage %s').getBoundingClientRect()"


@pytest.fixture
def lab(server, shared_page, open_page, wait_idle):
    """Open the test page in a new session, for options in a browser of its own."""

    def visit(query: str = "", ready: str = "bars", script: str = "", **options):
        page = open_page(**options) if options or script else shared_page
        if script:
            page.add_init_script(script)
        page.emulate_media(color_scheme=options.get("color_scheme", "light"), reduced_motion="no-preference")
        page.goto(server(APP) + query)
        page.locator(f"[data-chart={ready}] .js-plotly-plot").first.wait_for()
        wait_idle(page)
        return page

    return visit


def press(page, part: str) -> None:
    page.locator(f"[data-part={part}]").first.click()


def scrub(page, step: int) -> None:
    page.locator("[data-part=scrub]").first.fill(str(step))


def play_on(page) -> None:
    press(page, "play")
    page.get_by_role("button", name="Pause").wait_for()


def play_out(page) -> None:
    play_on(page)
    page.get_by_role("button", name="Play", exact=True).first.wait_for()


def at(page, step: int) -> None:
    """Wait until everything has come to `step`; fail with what is shown instead."""
    try:
        page.wait_for_function(f"() => Object.values(({SHOWN})()).every((own) => own === {step})", timeout=20_000)
    except Exception as error:
        raise AssertionError(f"expected step {step}, shown: {page.evaluate(SHOWN)}") from error


def told(page, *steps: int) -> None:
    page.get_by_text(f"Settled on {', '.join(map(str, steps)) or 'nothing'}.", exact=True).wait_for()


def other_rate(page, rerun, key: str) -> None:
    with rerun(page):
        page.get_by_role("slider", name="Learning rate").focus()
        page.keyboard.press(key)


def grid(step: int, rate: float = 0.02) -> np.ndarray:
    """The heat map of the test page at a step, from its formula."""
    a, b = np.array([-2.6, 2.2]) * (1 - rate * np.array([1.0, 4.0])) ** step
    x = np.linspace(-3, 3, 50, dtype=np.float32)
    output = np.tanh(a * x[None, :] + b * x[:, None] + 0.6 * np.sin(2 * x[None, :]))
    return (128 + 127 * output).clip(0, 255).astype(np.uint8)


def drawn_grid(page) -> np.ndarray:
    rows = "document.querySelector('[data-chart=boundary] .js-plotly-plot').calcdata[0][0].z"
    return np.array(page.evaluate(f"() => {rows}.map((row) => [...row])"))


def boxes(page, *selectors: str) -> dict[str, dict[str, float]]:
    return {selector: page.locator(selector).first.bounding_box() for selector in selectors}


def test_at_first_it_shows_what_the_server_drew_and_says_nothing(lab):
    page = lab()
    at(page, 300)
    told(page)
    assert page.locator("[data-part=count]").inner_text() == "300 / 300"
    for name in ("First step", "Step back", "Play", "Step forward", "Last step", "Cover the future"):
        assert page.get_by_role("button", name=name, exact=True).is_visible()
    slider = page.get_by_role("slider", name="Step", exact=True)
    assert slider.get_attribute("aria-valuetext") == "Step 300 of 300"
    assert page.get_by_role("combobox", name="Speed in frames a second").input_value() == "10"
    assert page.get_by_role("img", name="Loss against step").is_visible()


def test_every_chart_shows_the_numbers_of_the_step(lab):
    page = lab()
    for step in (5, 85, 300, 10):
        scrub(page, step)
        at(page, step)
        np.testing.assert_array_equal(drawn_grid(page), grid(step))
        a, b = np.array([-2.6, 2.2]) * (1 - 0.02 * np.array([1.0, 4.0])) ** step
        assert page.locator(".metrics dd").nth(1).inner_text() == f"{(a**2 + 4 * b**2) / 2:.4g}"


def test_playing_starts_over_and_stops_at_the_end(lab):
    page = lab()
    page.locator("[data-part=speed]").select_option("30")
    page.evaluate(WATCH)
    play_out(page)
    at(page, 300)
    told(page, 300)
    seen = page.evaluate(SEEN)
    steps = [moment["player"] for moment in seen]
    assert set(steps) == set(STEPS)
    playing = seen[steps.index(0) :]
    for what in ("player", "metric", "cursor", "note", "path"):
        shown = [moment[what] for moment in playing]
        assert shown == sorted(shown)
        assert all(own <= moment["player"] for own, moment in zip(shown, playing, strict=True))


def test_charts_move_in_step(lab):
    page = lab()
    page.locator("[data-part=speed]").select_option("5")
    scrub(page, 250)
    at(page, 250)
    page.evaluate(WATCH)
    play_out(page)
    seen = page.evaluate(SEEN)
    assert {moment["cursor"] for moment in seen} == set(STEPS[50:])
    for moment in seen:
        assert moment["cursor"] == moment["note"] == moment["bars"] == moment["metric"] == moment["title"]


def test_nothing_blanks_while_playing(lab, screencast):
    page = lab(height=1100)
    page.locator("[data-part=speed]").select_option("20")
    scrub(page, 150)
    at(page, 150)
    inside = {
        name: page.locator(f"[data-chart={name}] {part}").first.bounding_box()
        for name, part in {
            "boundary": ".heatmaplayer image",
            "curve": ".nsewdrag",
            "bars": ".main-svg",
            "surface": "#scene canvas",
        }.items()
    }
    with screencast(page) as film:
        play_out(page)
    frames = film.frames
    assert len(frames) > 10
    for name, box in inside.items():
        ink = [frame.ink(box) for frame in frames]
        floor = 0.5 * float(np.median(ink))
        assert min(ink) > floor > 0, f"{name} blanked in {sum(value <= floor for value in ink)} of {len(ink)} frames"


def test_keys_work_on_the_page_and_in_the_player_and_nowhere_else(lab):
    page = lab()
    for key, step in {"End": 300, "ArrowLeft": 295, "Home": 0, "ArrowRight": 5}.items():
        page.keyboard.press(key)
        at(page, step)
    for key in (" ", "k"):
        page.keyboard.press(key)
        page.get_by_role("button", name="Pause").wait_for()
        page.keyboard.press(key)
        page.get_by_role("button", name="Play", exact=True).wait_for()
    page.keyboard.press("Home")
    at(page, 0)

    page.get_by_role("textbox", name="Remark").click()
    page.keyboard.type(" k k ")
    page.keyboard.press("End")
    page.get_by_role("slider", name="Learning rate").focus()
    page.keyboard.press("End")
    page.keyboard.press("k")
    page.get_by_text("0.200").first.wait_for()
    at(page, 0)

    page.get_by_role("slider", name="Step", exact=True).focus()
    page.keyboard.press("ArrowRight")
    at(page, 5)
    page.get_by_role("button", name="Step forward").focus()
    page.keyboard.press("Enter")
    at(page, 10)
    page.keyboard.press("ArrowLeft")
    at(page, 5)
    page.get_by_role("button", name="Play", exact=True).focus()
    page.keyboard.press(" ")
    page.get_by_role("button", name="Pause").wait_for()
    page.keyboard.press(" ")
    page.get_by_role("button", name="Play", exact=True).wait_for()


def test_the_server_hears_once_where_the_person_came_to_rest(lab):
    page = lab()
    press(page, "first")
    told(page, 0)
    page.evaluate(
        """() => [1, 2, 3, 4].forEach(() =>
             document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true })))"""
    )
    told(page, 0, 20)

    box = page.locator("[data-part=scrub]").bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 0.3 * box["width"], middle)
    page.mouse.down()
    for part in (0.4, 0.5, 0.6):
        page.mouse.move(box["x"] + part * box["width"], middle, steps=3)
    page.wait_for_timeout(400)
    told(page, 0, 20)
    page.mouse.up()
    rested = page.evaluate(SHOWN)["player"]
    told(page, 0, 20, rested)

    page.locator("[data-part=speed]").select_option("5")
    press(page, "play")
    page.wait_for_function(f"() => ({SHOWN})().player > {rested + 5}")
    told(page, 0, 20, rested)
    press(page, "play")
    paused = page.evaluate(SHOWN)["player"]
    told(page, 0, 20, rested, paused)
    at(page, paused)


def test_the_finding_of_the_step_is_said_aloud(lab):
    page = lab()
    press(page, "first")
    said = page.get_by_role("status").filter(has_text="Step 0 of 300")
    said.wait_for(state="attached")
    text = said.inner_text()
    assert "The loss is 13.06" in text
    assert "Gradient at 0" in text
    assert "Learning rate: 0.020" in text


def test_a_changed_setting_keeps_the_step_and_goes_on_playing(lab, rerun):
    page = lab()
    scrub(page, 50)
    at(page, 50)
    told(page, 50)
    page.evaluate(WATCH)
    other_rate(page, rerun, "End")
    at(page, 50)
    seen = page.evaluate(SEEN)
    assert not [moment for moment in seen if "missing" in moment]
    assert {(moment["player"], moment["cursor"], moment["path"]) for moment in seen} == {(50, 50, 50)}
    np.testing.assert_array_equal(drawn_grid(page), grid(50, rate=0.2))

    page.locator("[data-part=speed]").select_option("2")
    press(page, "play")
    other_rate(page, rerun, "Home")
    page.get_by_role("button", name="Pause").wait_for()
    now = page.evaluate(SHOWN)["player"]
    page.wait_for_function(f"() => ({SHOWN})().player > {now}")
    press(page, "play")
    now = page.evaluate(SHOWN)["player"]
    at(page, now)
    np.testing.assert_array_equal(drawn_grid(page), grid(now, rate=0.005))
    assert page.locator("[data-part=speed]").input_value() == "2"


def test_camera_zoom_and_hidden_curves_survive_a_change_of_settings(lab, rerun, at_rest):
    page = lab()
    at(page, 300)
    before = page.evaluate(EYE)
    page.evaluate("() => { document.querySelector('[data-chart=surface] canvas').first = true; }")
    box = page.locator("[data-chart=surface] #scene").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 90, y - 30, steps=6)
    page.mouse.up()
    page.wait_for_function(f"() => Math.abs(({EYE})()[0] - {before[0]}) > 0.2")
    turned = at_rest(page, EYE)
    box = page.locator("[data-chart=curve] .nsewdrag").bounding_box()
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.2 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 0.8 * box["height"], steps=4)
    page.mouse.up()
    curve = "document.querySelector('[data-chart=curve] .js-plotly-plot')"
    page.wait_for_function(f"() => {curve}._fullLayout.xaxis.range[1] < 200")
    zoomed = page.evaluate(f"() => {curve}._fullLayout.xaxis.range")
    page.locator("[data-chart=curve] .legendtoggle").nth(1).click()
    page.wait_for_function(f"() => {curve}._fullData[1].visible === 'legendonly'")

    def still() -> bool:
        kept = zip(page.evaluate(EYE), turned, strict=True)
        return (
            all(math.isclose(a, b, abs_tol=1e-6) for a, b in kept)
            and page.evaluate(f"() => {curve}._fullLayout.xaxis.range") == zoomed
            and page.evaluate(f"() => {curve}._fullData[1].visible") == "legendonly"
        )

    scrub(page, 250)
    play_out(page)
    at(page, 300)
    page.get_by_text(re.compile(r"^Settled on .*300\.$")).wait_for()
    assert still()
    other_rate(page, rerun, "ArrowRight")
    at(page, 300)
    assert still()
    assert page.evaluate("() => document.querySelector('[data-chart=surface] canvas').first")


def test_a_page_that_nobody_touches_asks_for_no_frame_and_hover_and_dragging_still_work(lab):
    page = lab(script=FRAMES)
    page.wait_for_timeout(1500)
    assert page.evaluate(BUSY) == [0, 0]
    box = page.locator("[data-chart=surface] #scene").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + 0.55 * box["height"]
    page.mouse.move(x - 10, y)
    page.mouse.move(x, y)
    page.locator("[data-chart=surface] .hovertext").first.wait_for()
    page.mouse.move(5, 5)
    page.locator("[data-chart=surface] .hovertext").first.wait_for(state="detached")
    before = page.evaluate(EYE)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 90, y - 30, steps=6)
    page.mouse.up()
    page.wait_for_function(f"() => Math.abs(({EYE})()[0] - {before[0]}) > 0.2")
    page.mouse.move(5, 5)
    press(page, "first")
    at(page, 0)
    page.wait_for_timeout(1500)
    assert page.evaluate(BUSY) == [0, 0]


def test_a_chart_that_looks_out_from_behind_the_player_counts_as_seen_after_a_change(lab, wait_idle):
    page = lab(device_scale_factor=1)
    page.set_viewport_size({"width": 390, "height": 820})
    wait_idle(page)
    found = boxes(page, "[data-chart=curve]", ".player")
    player = found[".player"]["y"]
    assert player < found["[data-chart=curve]"]["y"] < player + 30
    page.emulate_media(color_scheme="dark")  # all charts are drawn anew
    wait_idle(page)
    chart = "document.querySelector('[data-chart=curve]').chart"
    assert page.evaluate(f"[{chart}.seen, {chart}.visible]") == [True, True]  # the observer will not speak again


def test_playing_stands_still_while_the_tab_is_out_of_sight_and_goes_on_from_there(lab):
    page = lab(script=FRAMES)
    page.locator("[data-part=speed]").select_option("10")
    play_on(page)
    page.wait_for_function(f"() => ({SHOWN})().player >= 20")
    page.evaluate("() => { window.out_of_sight = true; }")
    page.wait_for_timeout(1500)  # the scene has come to rest
    step = page.evaluate(SHOWN)["player"]
    assert page.evaluate(BUSY) == [0, 0]
    assert page.evaluate(SHOWN)["player"] == step
    page.evaluate(f"() => {{ ({WATCH})(); window.show_again(); }}")
    page.wait_for_function(f"() => ({SHOWN})().player >= {step + 20}")
    steps = sorted({moment["player"] for moment in page.evaluate(SEEN)})
    assert steps[:5] == list(range(step, step + 25, 5))


def test_only_charts_that_changed_are_drawn(lab, rerun):
    page = lab()
    note = "(name) => document.querySelector(`[data-chart=${name}] .js-plotly-plot`)._fullData"
    page.evaluate(f"() => {{ window.before = {list(CHARTS)}.map({note}); }}")
    with rerun(page):
        page.get_by_role("textbox", name="Remark").fill("nothing of the charts")
        page.keyboard.press("Enter")
    same = f"() => {list(CHARTS)}.map({note}).map((now, index) => now === window.before[index])"
    assert page.evaluate(same) == [True] * 4
    other_rate(page, rerun, "ArrowRight")
    at(page, 300)
    page.wait_for_function(f"() => !({same})().some(Boolean)")


def test_a_change_of_theme_keeps_the_step(lab):
    page = lab()
    scrub(page, 85)
    at(page, 85)
    font = "() => document.querySelector('[data-chart=curve] .js-plotly-plot')._fullLayout.font.color"
    light = page.evaluate(font)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"() => ({font})() !== '{light}'")
    at(page, 85)
    np.testing.assert_array_equal(drawn_grid(page), grid(85))
    press(page, "forward")
    at(page, 90)


def test_single_steps_reach_what_playing_leaves_out(lab):
    page = lab("/?near=1")
    scrub(page, 100)
    at(page, 100)
    told(page, 100)
    press(page, "forward")
    at(page, 101)
    told(page, 100, 101)
    np.testing.assert_array_equal(drawn_grid(page), grid(101))
    press(page, "forward")
    at(page, 102)
    told(page, 100, 101, 102)
    page.locator("[data-part=speed]").select_option("5")
    page.evaluate(WATCH)
    play_on(page)
    page.wait_for_function(f"() => ({SHOWN})().player >= 120")
    seen = {moment["player"] for moment in page.evaluate(SEEN)}
    assert seen >= {102, 105, 110, 115}
    assert not seen & {103, 104, 106, 107, 108, 109}


def test_single_steps_in_quick_succession_are_one_rest(lab):
    page = lab("/?near=1")
    page.evaluate(
        """() => {
          const scrub = document.querySelector("[data-part=scrub]");
          scrub.value = 100;
          for (const kind of ["input", "change"]) scrub.dispatchEvent(new Event(kind, { bubbles: true }));
          for (const _ of [1, 2]) document.querySelector("[data-part=forward]").click();
        }"""
    )
    at(page, 102)
    told(page, 102)


def test_a_single_step_to_where_no_frame_is_waits_for_it(lab):
    page = lab("/?asks=1")
    page.evaluate(WATCH)
    press(page, "back")
    at(page, 299)
    told(page, 299)
    np.testing.assert_array_equal(drawn_grid(page), grid(299))
    assert {moment["player"] for moment in page.evaluate(SEEN)} == {300, 299}
    for step in range(298, 293, -1):
        press(page, "back")
        at(page, step)
    press(page, "forward")
    at(page, 295)
    page.evaluate(WATCH)
    scrub(page, 40)
    at(page, 40)
    press(page, "forward")
    at(page, 41)
    press(page, "last")
    at(page, 300)
    assert not {moment["player"] for moment in page.evaluate(SEEN)} - {295, 40, 41, 300}
    press(page, "play")
    page.wait_for_function(f"() => ({SHOWN})().player >= 10")
    press(page, "play")


def test_the_future_is_pale_and_covered_it_is_not_drawn(lab):
    page = lab()
    scrub(page, 100)
    at(page, 100)
    veil, plot = page.locator("[data-chart=curve] .veil"), page.locator("[data-chart=curve] .nsewdrag")

    def opacity() -> float:
        return float(veil.evaluate("veil => getComputedStyle(veil).opacity"))

    inside, over = plot.bounding_box(), veil.bounding_box()
    present = inside["x"] + inside["width"] / 3
    assert over["x"] == pytest.approx(present, abs=6)
    assert over["x"] + over["width"] == pytest.approx(inside["x"] + inside["width"], abs=1)
    assert over["height"] == pytest.approx(inside["height"], abs=1)
    assert 0.3 < opacity() < 0.9
    twin = "() => document.querySelector('[data-chart=surface] .js-plotly-plot')._fullData[3].visible"
    assert page.evaluate(twin) is True
    press(page, "cover")
    page.get_by_text("Covered.", exact=True).wait_for()
    assert page.get_by_role("button", name="Cover the future").get_attribute("aria-pressed") == "true"
    page.wait_for_function("veil => getComputedStyle(veil).opacity === '1'", arg=veil.element_handle())
    closed = veil.bounding_box()
    assert closed["x"] == pytest.approx(present + 1, abs=1.5)
    assert closed["x"] + closed["width"] >= inside["x"] + inside["width"] + 4
    assert closed["y"] <= inside["y"] - 4
    assert closed["y"] + closed["height"] >= inside["y"] + inside["height"] + 4
    page.wait_for_function(f"() => ({twin})() === false")
    page.mouse.move(over["x"] + over["width"] / 2, over["y"] + over["height"] / 2)
    page.wait_for_timeout(300)
    assert page.locator("[data-chart=curve] .hovertext").count() == 0
    page.keyboard.press("c")
    page.get_by_text("Not covered.", exact=True).wait_for()
    page.wait_for_function(f"() => ({twin})() === true")


def test_a_click_and_a_selection_come_back(lab):
    page = lab()
    box = page.locator("[data-chart=boundary] .nsewdrag").bounding_box()
    page.mouse.click(box["x"] + 0.1 * box["width"], box["y"] + 0.1 * box["height"])
    said = page.get_by_text(re.compile("^Clicked boundary 1: "))
    said.wait_for()
    x, y = (float(text) for text in said.inner_text().split(": ")[1].split(", "))
    assert (x, y) == (pytest.approx(-2.4, abs=0.15), pytest.approx(2.4, abs=0.15))
    page.evaluate(
        "() => Plotly.relayout(document.querySelector('[data-chart=boundary] .js-plotly-plot'), 'dragmode', 'select')"
    )
    page.mouse.move(box["x"] + 0.1 * box["width"], box["y"] + 0.1 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.9 * box["width"], box["y"] + 0.9 * box["height"], steps=4)
    page.mouse.up()
    page.get_by_text(re.compile("^Selected boundary 2: .*;")).wait_for()


def test_the_menu_gives_a_table_and_pictures_of_the_present_step(lab, tmp_path):
    from PIL import Image

    page = lab()
    scrub(page, 100)
    at(page, 100)
    bars = page.locator("[data-chart=bars]")
    bars.locator("summary").click()
    bars.get_by_role("button", name="As a table").click()
    table = page.get_by_role("dialog")
    table.wait_for()
    assert "Gradient at 100, step 100 of 300" in table.inner_text()
    assert re.search(r"step\s+100\n", table.inner_text())
    table.get_by_role("button", name="Close").click()
    width = bars.locator(".plot").bounding_box()["width"]
    for kind, on_white in (("PNG", False), ("SVG", True)):
        bars.locator("summary").click()
        bars.get_by_role("checkbox").set_checked(on_white)
        with page.expect_download() as saved:
            bars.get_by_role("button", name=kind).click()
        assert saved.value.suggested_filename == f"valley-rate-0.020-bars-step-100.{kind.lower()}"
        saved.value.save_as(tmp_path / kind)
    picture = Image.open(tmp_path / "PNG").convert("RGB")
    assert picture.width == pytest.approx(2 * width, abs=2)
    assert picture.getpixel((2, 2)) == (255, 255, 255)
    assert "step 100" in (tmp_path / "SVG").read_text(encoding="utf-8")

    press(page, "cover")
    curve = page.locator("[data-chart=curve]")
    plot, box = (curve.locator(part).bounding_box() for part in (".nsewdrag", ".graph"))
    curve.locator("summary").click()
    curve.get_by_role("checkbox").set_checked(True)
    with page.expect_download() as saved:
        curve.get_by_role("button", name="PNG").click()
    saved.value.save_as(tmp_path / "covered")
    picture = Image.open(tmp_path / "covered").convert("RGB")
    right = round(2 * (plot["x"] + plot["width"] - box["x"]))
    below = round(2 * (box["y"] + box["height"] - plot["y"] - plot["height"]))  # the title makes it higher
    bottom, wide, high = picture.height - below, round(plot["width"]), round(2 * plot["height"])
    future = picture.crop((right - wide, bottom - high + 4, right - 4, bottom - 4))
    assert future.getcolors(4) == [(future.width * future.height, (255, 255, 255))]
    press(page, "cover")


@pytest.mark.parametrize("refused", [False, True], ids=["whole screen", "whole window"])
def test_one_chart_fills_the_screen_with_the_player_and_comes_back(lab, at_rest, refused):
    script = "Object.defineProperty(document, 'fullscreenEnabled', { value: false })" if refused else ""
    page = lab(script=script, height=500)
    bars = page.locator("[data-chart=bars]")
    bars.scroll_into_view_if_needed()
    small, scrolled = page.evaluate(BARS), page.evaluate(SCROLLED)
    assert scrolled > 0

    def toggle():
        bars.locator("summary").click()
        bars.get_by_role("button", name="Full screen").click()

    toggle()
    drawn = "() => document.querySelector('[data-chart=bars] .js-plotly-plot')._fullLayout.width"
    page.wait_for_function(f"() => ({drawn})() > 1200")
    assert page.locator(".stage .chart").evaluate_all("all => all.filter(one => one.checkVisibility()).length") == 1
    window = page.evaluate("[innerWidth, innerHeight]")
    chart, player = (at_rest(page, BOX % part) for part in ("[data-chart=bars]", ".player"))
    assert chart["width"] > 0.95 * window[0]
    assert chart["height"] + player["height"] > 0.9 * window[1]
    assert chart["bottom"] <= player["top"] <= player["bottom"] <= window[1]
    page.keyboard.press("Space")
    page.get_by_role("button", name="Pause").wait_for()
    press(page, "first")
    page.wait_for_function(f"() => ({SHOWN})().bars === 0")
    toggle() if refused else page.evaluate("document.exitFullscreen()")
    page.wait_for_function(f"() => ({drawn})() < 700")
    assert at_rest(page, SCROLLED) == scrolled
    at(page, 0)
    press(page, "last")
    at(page, 300)
    assert at_rest(page, BARS) == small


def test_a_phone_that_turns_keeps_the_chart_that_was_in_sight(lab):
    page = lab(width=390, height=844, has_touch=True, is_mobile=True, device_scale_factor=2)
    page.locator("[data-chart=bars]").scroll_into_view_if_needed()  # whole are the curve and the bars
    play_on(page)
    for width, height in [(844, 390), (390, 844)]:
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_function(WHOLE)


@pytest.mark.parametrize("show", ["", "/?show=train"])
@pytest.mark.parametrize(("width", "height"), [(390, 844), (820, 1180), (1280, 800), (1920, 1080)])
def test_at_any_size_nothing_overlaps_and_nothing_is_cut(lab, shoot, wait_idle, width, height, show):
    page = lab(show, "norms" if show else "bars", width=width, height=height)
    page.wait_for_function("() => [...document.querySelectorAll('.stage .js-plotly-plot')].length === 4")
    wait_idle(page)
    shoot(page, f"stage-{width}-{'train' if show else 'valley'}")
    page.evaluate("() => document.querySelectorAll('.chart').forEach((chart) => chart.scrollIntoView())")
    wait_idle(page)
    charts = {chart.get_attribute("data-chart"): chart.bounding_box() for chart in page.locator(".chart").all()}
    stage = page.locator(".stage").bounding_box()
    for box in charts.values():
        assert box["x"] >= stage["x"] - 1
        assert box["x"] + box["width"] <= stage["x"] + stage["width"] + 1
    for (one, a), (two, b) in combinations(charts.items(), 2):
        beside = a["x"] + a["width"] <= b["x"] + 1 or b["x"] + b["width"] <= a["x"] + 1
        above = a["y"] + a["height"] <= b["y"] + 1 or b["y"] + b["height"] <= a["y"] + 1
        assert beside or above, f"{one} and {two} overlap"
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for name, box in charts.items():
        title = page.locator(f"[data-chart={name}] .title")
        assert title.evaluate("title => title.scrollWidth <= title.clientWidth"), f"the title of {name} is cut"
        for text in page.locator(f"[data-chart={name}] :is(.legend, .g-xtitle, .g-ytitle, .xtick, .ytick)").all():
            part = text.bounding_box()
            if part is None or not part["width"]:
                continue
            assert part["x"] >= box["x"] - 2
            assert part["x"] + part["width"] <= box["x"] + box["width"] + 2
            assert part["y"] + part["height"] <= box["y"] + box["height"] + 2
    columns = len({round(box["x"]) for box in charts.values()})
    assert columns == (1 if width < 1000 else 2)
    page.evaluate("() => document.querySelector('.stMain').scrollTo(0, 0)")
    if width >= 1280:
        player = page.locator(".player").first.bounding_box()
        bottom = max(box["y"] + box["height"] for box in charts.values()) - min(box["y"] for box in charts.values())
        assert bottom > 0.6 * height
        assert player["y"] + player["height"] <= height


def test_on_a_phone_the_player_is_two_rows_for_thumbs_and_turns_with_it(lab):
    page = lab(width=390, height=844, has_touch=True, is_mobile=True, device_scale_factor=2)
    page.locator("[data-part=first]").tap()
    page.wait_for_function(f"() => ({SHOWN})().player === 0")
    page.locator("[data-part=speed]").select_option("5")
    page.locator("[data-part=play]").tap()
    page.wait_for_function(f"() => ({SHOWN})().player >= 20")

    def rows(width):
        parts = [page.locator(f".player {part}").all() for part in (".buttons button", "select", "input")]
        sizes = [part.bounding_box() for group in parts for part in group]
        assert all(box["height"] >= 44 for box in sizes)
        assert all(box["x"] >= 0 and box["x"] + box["width"] <= width for box in sizes)
        return len({round(box["y"] + box["height"] / 2) for box in sizes})

    assert rows(390) == 2
    now = page.evaluate(SHOWN)["player"]
    page.set_viewport_size({"width": 844, "height": 390})
    wide = "() => document.querySelector('[data-chart=boundary] .js-plotly-plot')._fullLayout.width"
    page.wait_for_function(
        f"() => Math.abs(({wide})() - document.querySelector('[data-chart=boundary] .graph').clientWidth) < 2"
    )
    page.wait_for_function(f"() => ({SHOWN})().player > {now + 10}")
    assert rows(844) == 1  # a second one would take the room of the chart
    assert page.evaluate("document.documentElement.scrollWidth") <= 844
    page.locator("[data-part=play]").tap()


def test_reduced_motion_is_respected(lab):
    page = lab()
    page.emulate_media(reduced_motion="reduce")
    page.locator("[data-part=speed] option", has_text="5/s").first.wait_for(state="detached")
    assert page.locator("[data-part=speed] option").all_inner_texts() == ["1/s", "2/s"]
    page.evaluate(f"() => {{ window.now = {SHOWN}; window.began = performance.now(); }}")
    press(page, "play")
    reached = page.wait_for_function(
        "() => 10 <= window.now().player && window.now().player < 300 && [performance.now(), window.now().player]"
    )
    now, step = reached.json_value()
    assert step / 5 <= 2 * (now - page.evaluate("window.began")) / 1000
    page.emulate_media(reduced_motion="no-preference")
    page.locator("[data-part=speed] option", has_text="10/s").wait_for(state="attached")


def test_stages_never_mix_and_leave_nothing_behind(lab):
    page = lab("/?second=1")
    other = "() => document.querySelector('.st-key-other-stage .js-plotly-plot').calcdata[0][0].s"
    page.locator(".st-key-other-stage [data-part=first]").click()
    page.wait_for_function(f"() => ({other})() === 0")
    at(page, 300)
    page.keyboard.press("ArrowRight")
    page.wait_for_function(f"() => ({other})() === 5")
    page.locator(".st-key-lab-stage [data-part=back]").click()
    at(page, 295)
    assert page.evaluate(other) == 5
    told(page, 295)

    page.evaluate("() => { window.gone = document.querySelector('[data-chart=curve] .js-plotly-plot'); }")
    page.get_by_text("Stage", exact=True).click()
    page.locator(".st-key-lab-stage").wait_for(state="detached")
    assert page.evaluate("() => !window.gone._fullLayout")
    page.keyboard.press("End")
    page.wait_for_timeout(200)


def test_a_page_without_steps_has_no_player(lab):
    page = lab("/?still=1")
    assert page.locator(".player").is_hidden()
    assert page.locator(".metrics dd").first.inner_text() == "300 of 300"


def test_a_figure_without_data_says_so_and_the_others_are_drawn(lab):
    page = lab("/?empty=1")
    assert page.locator("[data-chart=empty] .refusal").inner_text() == "There is nothing to draw here yet."
    press(page, "first")
    at(page, 0)


def test_where_webgl_is_refused_a_sentence_stands_and_the_map_stays(lab):
    page = lab(script=NO_WEBGL)
    assert "needs WebGL" in page.locator("[data-chart=surface] .refusal").inner_text()
    press(page, "first")
    page.wait_for_function("() => document.querySelector('.metrics dd').textContent === '0 of 300'")
    np.testing.assert_array_equal(drawn_grid(page), grid(0))


def test_what_moves_is_drawn_as_plotly_draws_the_whole(lab, play_a_while):
    page = lab("/?show=train", "norms", script="")
    said = []
    page.on("console", lambda message: said.append(message.text))
    press(page, "first")
    play_a_while(page)
    same = page.evaluate(AS_A_WHOLE)
    assert same == dict.fromkeys(("diagram", "learned", "norms", "history"), True)
    assert not [line for line in said if line.startswith("Stage:")]


def test_an_idle_page_does_nothing(lab):
    page = lab("/?show=train", "norms")  # a scene in three dimensions asks at every refresh, by Plotly's own doing
    page.wait_for_timeout(1000)
    page.evaluate(
        """() => {
          window.frames = 0;
          const { requestAnimationFrame: ask } = window;
          window.requestAnimationFrame = (then) => { window.frames += 1; return ask(then); };
        }"""
    )
    page.wait_for_timeout(1000)
    assert page.evaluate("window.frames") == 0


@pytest.mark.parametrize("show", ["", "&show=train"])
def test_a_film_plays_alone_from_a_file(lab, open_page, tmp_path, show):
    page = lab(f"/?film=1{show}", "norms" if show else "bars")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save as film").click()
    path = tmp_path / "film.html"
    saved.value.save_as(path)
    assert path.stat().st_size < 8_000_000
    alone = open_page(offline=True)
    alone.goto(path.as_uri())
    alone.locator(".stage .main-svg").first.wait_for()
    alone.get_by_label("First step").click()
    alone.get_by_label("Play", exact=True).click()
    alone.wait_for_function("() => parseInt(document.querySelector('[data-part=count]').textContent) > 10")
    alone.get_by_label("Pause", exact=True).click()
    if not show:
        assert alone.get_by_text("A valley <wide> and deep.").is_visible()
        assert alone.get_by_role("link").get_attribute("href") == "http://localhost/?rate=1"
    boxes_ = [chart.bounding_box() for chart in alone.locator(".chart").all()]
    assert len(boxes_) == 4
    assert all(box["height"] > 150 for box in boxes_)


def test_a_scene_that_a_hidden_tab_held_up_waits_no_longer_than_a_slow_one(page):
    """It is drawn, nobody looks for a minute, and then it is late again while the player is behind its pace."""
    drawn = page.evaluate(f"""() => {{
      {TURNS.read_text(encoding="utf-8")}
      const drawn = [];
      const paint = (step) => drawn.push(step);
      const chart = {{ deep: true, seen: true, drawn: 0, cost: 0, isLate: () => true, paint }};
      const turns = new Turns(), player = {{ period: 100, behind: true }};
      for (const now of [0, 60000, 60500, 61000, 61500]) turns.paint([chart], now, now, player);
      return drawn;
    }}""")
    assert drawn == [0, 60000, 61000]
