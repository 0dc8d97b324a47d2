"""What the stage takes, refuses and gives back, without a browser."""

from pathlib import Path

import plotly.graph_objects as go
import pytest
from streamlit.testing.v1 import AppTest

from pages.common.stage import stage as module
from pages.common.stage.charts import Chart, Place
from pages.common.stage.film import film
from pages.common.stage.parts import unpacked
from pages.common.stage.stage import travelling

APP = Path(__file__).resolve().parents[3] / "browser" / "apps" / "stage_app.py"
SCRIPTS = Path(module.__file__).parent


def chart(name="chart", place=None, smallest=200, largest=400):
    return Chart(name, go.Figure(go.Scatter(x=[0, 1], y=[0, 1])), "A line", place or Place(), smallest, largest)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"steps": [0, 2, 2]}, "steps"),
        ({"steps": range(121)}, "steps"),
        ({"start": 3}, "start"),
        ({"metrics": {"Loss": ["1"]}}, "metrics"),
        ({"rate": 31}, "rate"),
        ({"charts": [chart(), chart()]}, "charts"),
    ],
)
def test_wrong_arguments_are_named(wrong, named):
    with pytest.raises(ValueError, match=f"^{named} must be"):
        travelling("lab", **{"charts": [chart()], "steps": [0, 1, 2], **wrong})


@pytest.mark.parametrize(
    ("settled", "steps", "step"),
    [
        (None, [0, 4, 9], None),
        ({"step": 4, "last": False}, [0, 4, 9], 4),
        ({"step": 4, "last": False}, [0, 3, 5, 9], 3),
        ({"step": 4, "last": False}, [0, 1], 1),
        ({"step": 4, "last": True}, [0, 4, 9], 9),
        ({"step": 4, "last": True}, [], None),
    ],
)
def test_the_step_is_the_nearest_of_the_present_ones(settled, steps, step):
    assert module.settled_of(settled, steps) == step


def test_a_figure_travels_whole_and_its_digest_says_whether_it_changed():
    one, same = (unpacked(travelling("lab", [chart()], [0, 1]))["charts"][0] for _ in range(2))
    assert unpacked(one["still"].tobytes())["data"][0]["y"] == [0, 1]
    assert one["digests"] == same["digests"]
    moved = go.Figure(go.Scatter(x=[0, 1], y=[0, 1]), frames=[go.Frame(name="0", data=[{"y": [1, 1]}])])
    other = unpacked(travelling("lab", [Chart("chart", moved, "A line")], [0, 1]))["charts"][0]
    assert other["digests"][0] == one["digests"][0]
    assert other["digests"][1] != one["digests"][1]


def test_a_row_is_as_high_as_its_highest_chart_asks_for():
    charts = [
        chart("tall", Place(1, 1, 6, rows=2), 400, 800),
        chart("upper", Place(1, 7, 6), 250, 500),
        chart("lower", Place(2, 7, 6), 150, 300),
    ]
    assert unpacked(travelling("lab", charts))["rows"] == [[250, 500, None], [150, 300, None]]
    assert unpacked(travelling("lab", charts[:1]))["rows"] == [[200, 400, None], [200, 400, None]]


def test_the_page_runs_without_a_browser():
    app = AppTest.from_file(APP, default_timeout=60).run()
    assert not app.exception
    _, component = app.get("bidi_component")  # the first brings Plotly
    assert [one["name"] for one in unpacked(component.proto.bytes)["charts"]] == [
        "boundary",
        "surface",
        "curve",
        "bars",
    ]


def test_a_film_holds_what_it_says_and_nothing_from_elsewhere():
    text = film(travelling("lab", [chart()], [0, 1]), "A <b>", "rate 1", ["x < y"], 'http://here/?a="').decode()
    assert "<title>A &lt;b&gt; · Descent Lab</title>" in text
    assert "x &lt; y" in text
    assert 'href="http://here/?a=&quot;"' in text
    assert "<script src" not in text
    assert "<link" not in text


def test_the_scripts_stay_small():
    assert sum(len(path.read_text(encoding="utf-8").splitlines()) for path in SCRIPTS.glob("*.js")) < 900
