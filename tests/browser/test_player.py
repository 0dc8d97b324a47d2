"""The player moves every chart to the same step, in place, never blank, and gets in nobody's way."""

from __future__ import annotations

import math
import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from pages.common.player import player as module

APP = Path(__file__).parent / "apps" / "player_app.py"
STEPS = list(range(0, 301, 5))

# What the charts have drawn (not merely what they were given), by the step that it belongs to.
SHOWN = """() => {
  const inside = document.querySelector(".st-key-lab-player .stBidiComponent > * > *")?.shadowRoot;
  const player = inside ? +inside.querySelector('[data-part="count"]').textContent.split(" ")[0] : null;
  const chart = (key) => document.querySelector(`.st-key-${key} .js-plotly-plot`);
  try {
    const [curve, bars, surface] = ["curve", "bars", "surface"].map(chart);
    const { xaxis } = curve._fullLayout;
    const [, pixel] = curve.querySelector(".shapelayer path").getAttribute("d").match(/M([0-9.]+)/);
    const scene = surface._fullLayout.scene._scene;
    const path = scene.traces[surface._fullData[1].uid].data;
    const metric = document.querySelector('.st-key-lab-metrics [data-testid="stMetricValue"]');
    return {
      player,
      cursor: Math.round(xaxis.p2l(pixel - xaxis._offset)),
      bars: bars.calcdata[0][0].s,
      note: +bars.querySelector(".annotation-text").textContent.replace("step ", ""),
      path: 5 * (path.x.length - 1),
      metric: +metric.textContent.split(" ")[0],
    };
  } catch (reason) {
    return { player, missing: String(reason) };
  }
}"""
EYE = """() => {
  const chart = document.querySelector(".st-key-surface .js-plotly-plot");
  const { eye } = chart._fullLayout.scene._scene.getCamera();
  return [eye.x, eye.y, eye.z];
}"""
# The same at every refresh of the screen.
WATCH = f"""() => {{
  const shown = {SHOWN};
  window.seen = [];
  const look = () => {{ window.seen.push(shown()); window.watching = requestAnimationFrame(look); }};
  look();
}}"""


@pytest.fixture
def lab(server, shared_page, open_page, wait_idle):
    """Open the test page in a new session, for options in a browser of its own."""

    def visit(query: str = "", **options):
        page = open_page(**options) if options else shared_page
        page.emulate_media(color_scheme=options.get("color_scheme", "light"), reduced_motion="no-preference")
        page.goto(server(APP) + query)
        page.locator("[data-part=count]").first.wait_for()
        page.locator(".st-key-bars .js-plotly-plot").wait_for()
        wait_idle(page)
        return page

    return visit


def press(page, part: str) -> None:
    page.locator(f"[data-part={part}]").first.click()


def at(page, step: int) -> None:
    """Wait until everything has come to `step`; fail with what is shown instead."""
    try:
        page.wait_for_function(
            f"() => Object.values(({SHOWN})()).every((own) => own === null || own === {step})", timeout=20_000
        )
    except Exception as error:
        raise AssertionError(f"expected step {step}, shown: {page.evaluate(SHOWN)}") from error


def told(page, *steps: int) -> None:
    page.get_by_text(f"Settled on {', '.join(map(str, steps)) or 'nothing'}.", exact=True).wait_for()


def grid(step: int, rate: float = 0.02) -> np.ndarray:
    """The heat map of the test page at a step, from its formula."""
    a, b = np.array([-2.6, 2.2]) * (1 - rate * np.array([1.0, 4.0])) ** step
    x = np.linspace(-3, 3, 50, dtype=np.float32)
    output = np.tanh(a * x[None, :] + b * x[:, None] + 0.6 * np.sin(2 * x[None, :]))
    return (128 + 127 * output).clip(0, 255).astype(np.uint8)


def drawn_grid(page) -> np.ndarray:
    rows = "document.querySelector('.st-key-boundary .js-plotly-plot').calcdata[0][0].z"
    return np.array(page.evaluate(f"() => {rows}.map((row) => [...row])"))


def test_at_first_it_shows_what_the_server_drew_and_says_nothing(lab):
    page = lab()
    at(page, 300)
    told(page)
    assert page.locator("[data-part=count]").inner_text() == "300 / 300"
    assert page.get_by_role("group", name="Animation player").is_visible()
    for name in ("First step", "Step back", "Play", "Step forward", "Last step"):
        assert page.get_by_role("button", name=name, exact=True).is_visible()
    scrub = page.get_by_role("slider", name="Step", exact=True)
    assert scrub.get_attribute("aria-valuetext") == "Step 300 of 300"
    assert page.get_by_role("combobox", name="Speed in frames a second").input_value() == "10"


def test_every_chart_shows_the_numbers_of_the_step(lab):
    page = lab()
    for key in (1, 17, 60, 2):
        page.locator("[data-part=scrub]").fill(str(key))
        at(page, STEPS[key])
        np.testing.assert_array_equal(drawn_grid(page), grid(STEPS[key]))
        a, b = np.array([-2.6, 2.2]) * (1 - 0.02 * np.array([1.0, 4.0])) ** STEPS[key]
        loss = page.locator(".st-key-lab-metrics [data-testid=stMetricValue]").nth(1)
        assert loss.inner_text() == f"{(a**2 + 4 * b**2) / 2:.4g}"


def test_playing_starts_over_and_stops_at_the_end(lab):
    page = lab()
    page.locator("[data-part=speed]").select_option("30")
    page.evaluate(WATCH)
    press(page, "play")
    page.get_by_role("button", name="Pause").wait_for()
    page.get_by_role("button", name="Play", exact=True).wait_for()
    at(page, 300)
    told(page, 300)
    seen = page.evaluate("(cancelAnimationFrame(window.watching), window.seen)")
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
    page.locator("[data-part=scrub]").fill("50")
    at(page, 250)
    page.evaluate(WATCH)
    press(page, "play")
    page.get_by_role("button", name="Play", exact=True).wait_for()
    seen = page.evaluate("(cancelAnimationFrame(window.watching), window.seen)")
    assert {moment["cursor"] for moment in seen} == set(STEPS[50:])
    for moment in seen:
        assert moment["cursor"] == moment["note"] == moment["bars"] == moment["metric"]


def test_nothing_blanks_while_playing(lab, screencast, shoot):
    page = lab(height=1100)
    page.locator("[data-part=speed]").select_option("20")
    page.locator("[data-part=scrub]").fill("30")
    at(page, 150)
    inside = {
        key: page.locator(f".st-key-{key} .js-plotly-plot {part}").first.bounding_box()
        for key, part in {
            "boundary": ".heatmaplayer image",
            "curve": ".nsewdrag",
            "bars": ".main-svg",
            "surface": "#scene canvas",
        }.items()
    }
    with screencast(page) as film:
        press(page, "play")
        page.get_by_role("button", name="Pause").wait_for()
        page.get_by_role("button", name="Play", exact=True).wait_for()
    shoot(page, "player-end")
    frames = film.frames
    assert len(frames) > 10
    for key, box in inside.items():
        ink = [frame.ink(box) for frame in frames]
        floor = 0.5 * float(np.median(ink))
        assert min(ink) > floor > 0, f"{key} blanked in {sum(value <= floor for value in ink)} of {len(ink)} frames"


def test_keys_work_on_the_page_and_in_the_player_and_nowhere_else(lab):
    page = lab()
    for key, step in {"Home": 0, "ArrowRight": 5, "End": 300, "ArrowLeft": 295}.items():
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

    press(page, "play")
    page.wait_for_function(f"() => ({SHOWN})().player > {rested + 15}")
    told(page, 0, 20, rested)
    press(page, "play")
    paused = page.evaluate(SHOWN)["player"]
    told(page, 0, 20, rested, paused)
    at(page, paused)


def test_a_changed_setting_keeps_the_step_and_goes_on_playing(lab, rerun):
    page = lab()
    page.locator("[data-part=scrub]").fill("10")
    at(page, 50)
    told(page, 50)
    page.evaluate(WATCH)
    with rerun(page):
        page.get_by_role("slider", name="Learning rate").focus()
        page.keyboard.press("End")
    at(page, 50)
    seen = page.evaluate("(cancelAnimationFrame(window.watching), window.seen)")
    whole = [moment for moment in seen if "missing" not in moment]
    assert {(moment["player"], moment["cursor"], moment["path"]) for moment in whole} == {(50, 50, 50)}
    np.testing.assert_array_equal(drawn_grid(page), grid(50, rate=0.2))

    page.locator("[data-part=speed]").select_option("2")
    press(page, "play")
    with rerun(page):
        page.get_by_role("slider", name="Learning rate").focus()
        page.keyboard.press("Home")
    page.get_by_role("button", name="Pause").wait_for()
    now = page.evaluate(SHOWN)["player"]
    page.wait_for_function(f"() => ({SHOWN})().player > {now}")
    press(page, "play")
    now = page.evaluate(SHOWN)["player"]
    at(page, now)
    np.testing.assert_array_equal(drawn_grid(page), grid(now, rate=0.005))
    assert page.locator("[data-part=speed]").input_value() == "2"


def test_the_camera_stays_where_it_was_turned(lab, rerun):
    page = lab()
    at(page, 300)
    before = page.evaluate(EYE)
    box = page.locator(".st-key-surface #scene").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 90, y - 30, steps=6)
    page.mouse.up()
    page.wait_for_function(f"() => Math.abs(({EYE})()[0] - {before[0]}) > 0.2")
    turned = page.evaluate(EYE)

    def still() -> bool:
        return all(math.isclose(a, b, abs_tol=1e-6) for a, b in zip(page.evaluate(EYE), turned, strict=True))

    page.locator("[data-part=scrub]").fill("50")
    press(page, "play")
    page.get_by_role("button", name="Pause").wait_for()
    page.get_by_role("button", name="Play", exact=True).wait_for()
    at(page, 300)
    page.get_by_text(re.compile(r"^Settled on .*300\.$")).wait_for()
    assert still()
    with rerun(page):
        page.get_by_role("slider", name="Learning rate").focus()
        page.keyboard.press("ArrowRight")
    at(page, 300)
    page.wait_for_function(f"() => Math.abs(({EYE})()[0] - {turned[0]}) < 1e-6")
    assert still()


def test_a_change_of_theme_keeps_the_step(lab, shoot):
    """Streamlit copies the figures through JSON for it, where a bare typed array would become an object."""
    page = lab()
    page.locator("[data-part=scrub]").fill("17")
    at(page, 85)
    light = shoot(page, "player-light")
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(
        "() => getComputedStyle(document.querySelector('.stApp')).backgroundColor !== 'rgb(255, 255, 255)'"
    )
    page.wait_for_timeout(500)
    at(page, 85)
    np.testing.assert_array_equal(drawn_grid(page), grid(85))
    dark = shoot(page, "player-dark")
    assert sum(light.getpixel((5, 5))) > 600 > 200 > sum(dark.getpixel((5, 5)))
    press(page, "forward")
    at(page, 90)


def test_on_a_phone_it_is_two_rows_for_thumbs(lab, shoot):
    page = lab(width=390, height=844, has_touch=True, is_mobile=True, device_scale_factor=2)
    page.locator("[data-part=first]").tap()
    at(page, 0)
    page.locator("[data-part=play]").tap()
    page.wait_for_function(f"() => ({SHOWN})().player >= 20")
    shoot(page, "player-phone")
    page.locator("[data-part=play]").tap()
    boxes = [page.locator(f".player {part}").all() for part in ("button", "select", "input")]
    boxes = [part.bounding_box() for parts in boxes for part in parts]
    assert all(box["height"] >= 44 for box in boxes)
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= 390 for box in boxes)
    assert len({round(box["y"] + box["height"] / 2) for box in boxes}) == 2
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    scrub = page.locator("[data-part=scrub]").bounding_box()
    page.touchscreen.tap(scrub["x"] + scrub["width"] / 2, scrub["y"] + scrub["height"] / 2)
    page.wait_for_function(f"() => Math.abs(({SHOWN})().player - 150) <= 10")
    at(page, page.evaluate(SHOWN)["player"])


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


def test_players_keep_to_their_scope_and_leave_nothing_behind(lab, rerun):
    page = lab("/?second=1")
    other = "() => document.querySelector('.st-key-other .js-plotly-plot').calcdata[0][0].s"
    page.locator(".st-key-other-player [data-part=first]").click()
    page.wait_for_function(f"() => ({other})() === 0")
    at(page, 300)
    page.keyboard.press("ArrowRight")
    page.wait_for_function(f"() => ({other})() === 5")
    page.locator(".st-key-lab-player [data-part=back]").click()
    at(page, 295)
    assert page.evaluate(other) == 5
    told(page, 295)

    with rerun(page):
        page.get_by_text("Player", exact=True).click()
    page.locator(".st-key-lab-player").wait_for(state="detached")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("End")
    page.wait_for_function(f"() => ({other})() === 300")
    assert page.evaluate(SHOWN)["cursor"] == 295


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"steps": []}, "steps"),
        ({"steps": [0, 2, 2]}, "steps"),
        ({"steps": range(121)}, "steps"),
        ({"start": 3}, "start"),
        ({"metrics": [["1"]]}, "metrics"),
        ({"rate": 31}, "rate"),
    ],
)
def test_wrong_arguments_are_named(wrong, named):
    with pytest.raises(ValueError, match=f"^{named} must be"):
        module.player("lab", **{"steps": [0, 1, 2], **wrong})


@pytest.mark.parametrize(
    ("settled", "steps", "step"),
    [
        (None, [0, 4, 9], None),
        ({"step": 4, "last": False}, [0, 4, 9], 4),
        ({"step": 4, "last": False}, [0, 3, 5, 9], 3),
        ({"step": 4, "last": False}, [0, 1], 1),
        ({"step": 4, "last": True}, [0, 4, 9], 9),
    ],
)
def test_the_step_is_the_nearest_of_the_present_ones(monkeypatch, settled, steps, step):
    monkeypatch.setattr(module, "_component", lambda **_: SimpleNamespace(settled=settled))
    assert module.player("lab", steps) == step


def test_the_page_runs_without_a_browser():
    from streamlit.testing.v1 import AppTest

    app = AppTest.from_file(APP, default_timeout=60).run()
    assert not app.exception
    assert next(metric.value for metric in app.metric) == "300 of 300"
    assert len(app.get("plotly_chart")) == 4
