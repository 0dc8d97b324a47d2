"""What a browser does when it opens a page for the first time: nothing twice."""

# Counts how often each chart is drawn as a whole.
COUNT = """(() => {
  const drawn = (window.drawn = {});
  let plotly;
  Object.defineProperty(window, "Plotly", {
    get: () => plotly,
    set(given) {
      plotly = { ...given, react(graph, ...figure) {
        const { chart } = graph.closest(".chart").dataset;
        drawn[chart] = (drawn[chart] ?? 0) + 1;
        return given.react(graph, ...figure);
      } };
    },
  });
})()"""
ENDED = "document.querySelector('.stApp')?.dataset.testScriptState === 'notRunning' && window.drawn.ground"
WIDTHS = """() => [...document.querySelectorAll(".stage .chart")]
  .map(({ chart }) => [chart.gd._fullLayout.width, chart.gd.clientWidth])"""


def test_charts_wait_for_the_room_they_will_have_and_only_a_scene_begins_before(app_url, page, at_rest):
    page.add_init_script(COUNT)
    held = []
    # Html is the part of Streamlit that draws the app's style, which stands over the stage.
    page.route("**/static/js/Html.*.js", lambda route: held.append(route))  # noqa: PLW0108 - it takes no builtin
    page.goto(f"{app_url}/loss_surface")
    page.wait_for_function(ENDED)
    assert page.evaluate("drawn") == {"ground": 1}
    for route in held:
        route.continue_()
    page.unroute_all()
    page.wait_for_function("drawn.sharpness")
    assert at_rest(page, "() => drawn") == {"ground": 2, "map": 1, "gap": 1, "sharpness": 1}
    assert all(drawn == room for drawn, room in page.evaluate(WIDTHS))
