"""The Depth page in a browser: the player moves all charts, nothing goes blank, links and clicks set the network."""

import pytest

SHOWN = """() => {
  const chart = (key) => document.querySelector(`[data-chart=${key}] .js-plotly-plot`);
  const ring = (key) => chart(key).calcdata.at(-1)[0];
  const title = (key) => document.querySelector(`[data-chart=${key}] .title`).textContent;
  return {
    forward: ring("forward").x,
    back: ring("back").y > 0 ? ring("back").x : null,
    units: title("units"),
    deltas: title("deltas"),
    metric: document.querySelector(".metrics dd").textContent,
  };
}"""
SMALL = "depth=12&width=16&phi=sigmoid"


@pytest.fixture
def depth(app_url, shared_page, wait_idle):
    def visit(query=SMALL, url=app_url):
        shared_page.goto(f"{url}/depth?{query}")
        shared_page.locator(".stage .js-plotly-plot").first.wait_for()
        wait_idle(shared_page)
        return shared_page

    return visit


def scrub(page, place, **expected):
    """Go to a place and wait until the page shows all of `expected` there."""
    page.locator("[data-part=scrub]").fill(str(place))
    page.wait_for_function(
        f"wanted => {{ const now = ({SHOWN})(); return Object.keys(wanted).every(key => now[key] === wanted[key]) }}",
        arg=expected,
    )


def test_the_player_takes_the_signal_forward_and_the_gradient_back(depth):
    page = depth()
    page.locator("[data-part=count]").wait_for()
    scrub(page, 5, metric="forward 5", forward=5, back=None, units="Activations, layer 5")
    scrub(page, 16, metric="back 9", forward=12, back=9, deltas="Gradient at the units, layer 9")


def test_nothing_goes_blank_while_it_plays(depth, screencast):
    page = depth()
    page.locator("[data-part=scrub]").fill("1")
    boxes = [page.locator(f"[data-chart={key}] .js-plotly-plot").bounding_box() for key in ("forward", "back")]
    with screencast(page) as film:
        page.locator("[data-part=play]").click()
        page.wait_for_function(f"() => ({SHOWN})().metric === 'back 1'")
    assert len(film.frames) > 5
    for box in boxes:
        inks = [frame.ink(box) for frame in film.frames]
        assert min(inks) > 0.5 * max(inks)


def test_a_deep_link_opens_on_a_fresh_server(depth, server, expect):
    page = depth("depth=9&width=16&phi=tanh&draw=he&fix=residual-scaled", server("app.py", fresh=True))
    expect(page.locator(".st-key-depth input")).to_have_value("9")
    page.get_by_text("remedy: healthy").first.wait_for()


def test_a_click_in_the_phase_diagram_sets_the_network(depth, rerun):
    page = depth(f"{SMALL}&phi=tanh&dview=phase".replace("phi=sigmoid&", ""))
    place = page.locator("[data-chart=phase-map] .nsewdrag").bounding_box()
    with rerun(page):
        page.mouse.click(place["x"] + 0.5 * place["width"], place["y"] + 0.5 * place["height"])
    page.wait_for_url(lambda url: "sw2=" in url and "depth=5" in url)  # half way up from 2 to 100


def test_training_plays_too(depth):
    page = depth("depth=5&width=16&phi=tanh&steps=30&dview=training")
    page.locator("[data-part=scrub]").fill("10")
    page.wait_for_function("""() => document.querySelector(".metrics dd").textContent === "10" """)
    page.wait_for_function("() => document.querySelector('[data-chart=heat0] .js-plotly-plot').calcdata[1][0].x === 10")


def test_the_layer_at_which_the_player_rests_opens_again(depth):
    page = depth()
    scrub(page, 5, metric="forward 5")
    page.wait_for_url(lambda url: "at=5" in url)
    page = depth(page.url.partition("?")[2])
    page.wait_for_function(f"() => ({SHOWN})().metric === 'forward 5'")
