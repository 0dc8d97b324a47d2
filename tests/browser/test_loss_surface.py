"""The Loss surface page in a browser: the ball rolls, nothing blanks, and the camera stays where the reader put it."""

import numpy as np
import pytest

from engine import Experiment, train
from engine.landscape.trajectories import loss_surface

LINK = "loss_surface?steps=60&arch=4-3&optimizer=sgd&lr=0.5&res=31"
BALLS = """() => {
  const chart = (key) => document.querySelector(`[data-chart=${key}] .js-plotly-plot`);
  const [ground, map, gap] = ["ground", "map", "gap"].map(chart);
  const ball = ground?._fullData?.find(({ type, mode }) => type === "scatter3d" && mode === "markers");
  const drawn = ground?._fullLayout?.scene?._scene?.traces?.[ball?.uid]?.data;
  if (!drawn || !map?.calcdata || !gap?.calcdata) return null;
  const dots = (plot) => plot.calcdata.filter(([{ trace }]) => trace.mode === "markers");
  const [dot] = dots(map).at(-2); // the last dots on the map are those of the pale future
  return { ground: [drawn.x[0], drawn.y[0]], map: [dot.x, dot.y], step: dots(gap).at(-1)[0].x };
}"""
EYE = """() => {
  const { eye } = document.querySelector("[data-chart=ground] .js-plotly-plot")._fullLayout.scene._scene.getCamera();
  return [eye.x, eye.y, eye.z];
}"""


@pytest.fixture(scope="module")
def path():
    """The key frames of the link, projected: `{step: [α, β]}`."""
    recording = train(Experiment(steps=60, arch=(4, 3), optimizer="sgd", lr=0.5))
    places = loss_surface("pca", [recording], resolution=31).trajectories[0].coordinates
    return dict(zip(recording.frames.tolist(), places, strict=True))


def ready(page):
    page.wait_for_function(f"() => ({BALLS})() !== null")


def at(page, step, path):
    """Wait until ball and dot stand at the projected key frame of `step`."""
    page.wait_for_function(f"(step) => ({BALLS})()?.step === step", arg=step)
    page.wait_for_function(
        f"""([x, y]) => {{
          const near = ([a, b]) => Math.abs(a - x) + Math.abs(b - y) < 1e-4;
          const seen = ({BALLS})();
          return seen && near(seen.ground) && near(seen.map);
        }}""",
        arg=path[step].tolist(),
    )


def test_a_deep_link_on_a_fresh_server_rolls_the_ball_along_the_projected_path(server, open_page, screencast, path):
    page = open_page(f"{server('app.py', fresh=True)}/{LINK}&height=linear")
    ready(page)
    assert page.get_by_role("heading", name="Loss surface").is_visible()
    at(page, 60, path)
    page.locator("[data-part=scrub]").fill("0")
    at(page, 0, path)
    boxes = [page.locator(f"[data-chart={key}] .js-plotly-plot").bounding_box() for key in ("ground", "map")]
    with screencast(page) as film:
        page.locator("[data-part=speed]").select_option("20")
        page.locator("[data-part=play]").click()
        page.get_by_role("button", name="Play", exact=True).wait_for()
        at(page, 60, path)
    assert len(film.frames) > 5
    for box in boxes:
        ink = [frame.ink(box) for frame in film.frames]
        assert min(ink) > 0.5 * max(ink)


def test_the_camera_stays_while_playing_and_after_a_change_of_settings(app_url, open_page, rerun, at_rest):
    page = open_page(f"{app_url}/{LINK}")
    ready(page)
    first = np.array(page.evaluate(EYE))
    box = page.locator("[data-chart=ground] .js-plotly-plot").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 90, y + 25, steps=8)
    page.mouse.up()
    page.mouse.move(5, 5)
    turned = np.array(at_rest(page, EYE))
    assert np.abs(turned - first).max() > 0.1
    page.locator("[data-part=scrub]").fill("30")
    page.wait_for_function(f"() => ({BALLS})()?.step === 30")
    assert page.evaluate(EYE) == pytest.approx(turned, abs=1e-6)
    with rerun(page):
        page.locator(".st-key-plane").get_by_text("Sharpest", exact=True).click()
    ready(page)
    page.wait_for_function(
        "() => document.querySelector('[data-chart=map] .xtitle')?.textContent.startsWith('sharpest')"
    )
    assert page.evaluate(EYE) == pytest.approx(turned, abs=1e-6)


def test_the_page_scrolls_with_the_pointer_on_the_surface(app_url, open_page):
    page = open_page(f"{app_url}/{LINK}", height=600)
    ready(page)
    ground = page.locator("[data-chart=ground] .js-plotly-plot")
    page.wait_for_function(f"() => ({BALLS})()?.step === 60")
    before, eye = ground.bounding_box(), page.evaluate(EYE)
    page.mouse.move(before["x"] + 200, before["y"] + 150)
    page.mouse.wheel(0, 200)
    page.wait_for_function(
        "(top) => document.querySelector('[data-chart=ground]').getBoundingClientRect().top < top - 100",
        arg=before["y"],
    )
    assert page.evaluate(EYE) == pytest.approx(eye, abs=1e-6)
