"""The Optimizers page in a browser: one player moves the whole race, a click on the map starts it somewhere else."""

import re

LINK = "/optimizers?racers=sgd&racers=momentum&racers=adam&rsteps=80&track=quadratic_valley&kap=20"
MOVING = ("race-map", "race-surface", "race-loss", "race-distance", "race-slope", "race-limit", "race-schedule")
# Where everything in each chart is: paths and their pale futures, balls, dots, the cursor.
PLACES = """(keys) => keys.map((key) => {
  const data = document.querySelector(`[data-chart=${key}] .js-plotly-plot`).data;
  return JSON.stringify(data.map(({ x, y }) => [Array.from(x ?? []), Array.from(y ?? [])]));
})"""


def opened(open_page, url, wait_idle, **options):
    page = open_page(url, **options)
    page.get_by_role("button", name="Play", exact=True).wait_for()
    page.locator("[data-chart=race-schedule] .js-plotly-plot").wait_for(state="attached")
    wait_idle(page)
    return page


def test_play_moves_every_chart_and_none_goes_blank(open_page, app_url, wait_idle, play_a_while, screencast):
    page = opened(open_page, app_url + LINK, wait_idle)
    page.get_by_role("button", name="First step").click()
    wait_idle(page)
    before = page.evaluate(PLACES, list(MOVING))
    boxes = [page.locator(f"[data-chart={key}] .js-plotly-plot").bounding_box() for key in MOVING[:2]]
    with screencast(page) as film:
        play_a_while(page)
    after = page.evaluate(PLACES, list(MOVING))
    assert all(one != other for one, other in zip(before, after, strict=True))
    assert len(film.frames) > 3
    for box in boxes:
        assert min(frame.ink(box) for frame in film.frames) > 0.05
    assert page.locator(".metrics").inner_text() != ""


def test_a_click_on_the_map_starts_there_and_a_new_server_opens_the_link(open_page, server, wait_idle, rerun, expect):
    page = opened(open_page, server("app.py", fresh=True) + LINK, wait_idle)
    expect(page.get_by_role("spinbutton", name="κ")).to_have_value("20")
    with rerun(page):
        page.locator("[data-chart=race-map] .nsewdrag").first.click(position={"x": 60, "y": 40}, force=True)
    page.wait_for_function("() => location.search.includes('sx=') && location.search.includes('sy=')")
    x, y = (float(re.search(rf"[?&]{key}=(-?[\d.]+)", page.url)[1]) for key in ("sx", "sy"))
    assert -2 <= x < 0 < y <= 2
    page.wait_for_function(
        """([x, y]) => { const traces = document.querySelector("[data-chart=race-map] .js-plotly-plot").data;
        const path = traces.find((trace) => trace.mode === "lines");
        return Math.abs(path.x[0] - x) < 1e-3 && Math.abs(path.y[0] - y) < 1e-3; }""",
        arg=[x, y],
    )


def test_single_steps_of_a_race_on_the_network_reach_every_step_from_its_end_on(open_page, app_url, wait_idle, expect):
    link = "/optimizers?track=network&racers=sgd&racers=adam&fair=same&steps=300&arch=4&samples=60"
    page = opened(open_page, app_url + link, wait_idle)
    drawn = """(step) => document.querySelector(".stage").stage.charts
      .map(({ film }) => film.steps.findLast((own) => own <= step)).filter(Boolean)"""
    for part, step in [*(("back", step) for step in range(299, 287, -1)), ("forward", 289)]:
        page.locator(f"[data-part={part}]").click()
        expect(page.locator("[data-part=count]")).to_have_text(f"{step} / 300")
        wait_idle(page)
        assert set(page.evaluate(drawn, step)) == {step}
