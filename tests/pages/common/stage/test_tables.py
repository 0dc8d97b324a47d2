"""A chart as a table names the quantities that the pointer finds, with their numbers."""

import numpy as np
import plotly.graph_objects as go

from pages.common.stage.charts import Chart, dressed, sent
from pages.common.stage.tables import tables_of

STEPS = np.array([0, 5, 10])


def heads(tables):
    return [[column.get("head") for column in table["columns"]] for table in tables]


def test_curves_over_the_same_steps_share_a_table():
    curves = [
        {"x": STEPS, "y": STEPS, "hovertemplate": "step %{x}<br>W1 %{y:.4g}<extra></extra>"},
        {"x": STEPS, "y": STEPS, "hovertemplate": "step %{x}<br>b1 %{y:.4g}<extra></extra>"},
        {"x": STEPS[:2], "y": STEPS[:2], "hoverinfo": "skip"},
    ]
    (table,) = tables_of(curves, {})
    assert heads([table]) == [["step", "W1", "b1"]]
    assert [column["trace"] for column in table["columns"]] == [0, 0, 1]


def test_a_series_named_before_the_quantity_heads_its_column():
    curves = [
        {"x": STEPS, "y": STEPS, "hovertemplate": f"{name}, step %{{x}}<br>%{{y:.4g}}<extra></extra>"}
        for name in ("Adam", "Momentum")
    ]
    assert heads(tables_of(curves, {})) == [["step", "Adam", "Momentum"]]


def test_names_come_from_the_axis_where_the_pointer_says_none_and_units_follow_the_number():
    bars = {"x": STEPS, "y": STEPS, "text": ["W1", "b1", "W2"], "hovertemplate": "%{text}: %{y:.4g}<extra></extra>"}
    shares = {"x": STEPS, "y": STEPS, "hovertemplate": "relu<br>%{x:.3g}: %{y:.1%} of the units<extra></extra>"}
    layout = {"xaxis": {"title": {"text": "activation"}}, "yaxis": {"title": {"text": "norm (log)"}}}
    assert heads(tables_of([bars], layout)) == [["", "norm (log)"]]
    (table,) = tables_of([shares], layout)
    assert heads([table])[0][0] == "activation"
    assert "of the units" in heads([table])[0][1]
    assert table["columns"][1]["share"]


def test_of_templates_for_each_point_the_longest_names_the_columns():
    tiles = {"x": STEPS, "y": STEPS, "text": ["a", "b", "c"], "customdata": STEPS}
    tiles |= {
        "hovertemplate": np.array([f"%{{text}}<br>unit %{{customdata:.4g}}{more}" for more in ("", ", bias %{y}", "")])
    }
    assert heads(tables_of([tiles], {})) == [["", "unit", "bias"]]


def test_parts_of_custom_data_and_of_markers_are_found():
    edges = {
        "x": STEPS,
        "y": STEPS,
        "customdata": np.ones((3, 2)),
        "hovertemplate": "step %{customdata[0]}<br>loss %{customdata[1]:.4g}",
    }
    units = {"x": STEPS, "y": STEPS, "text": ["a", "b", "c"], "hovertemplate": "%{text}<br>bias %{marker.color:.4g}"}
    tables = tables_of([edges, units], {})
    assert [[column["at"] for column in table["columns"]] for table in tables] == [
        [["customdata", 0], ["customdata", 1]],
        [["text"], ["marker", "color"]],
    ]


def test_a_map_has_a_row_for_each_y_and_a_column_for_each_x():
    heat = {
        "type": "heatmap",
        "x": STEPS,
        "y": STEPS[:2],
        "z": np.ones((2, 3)),
        "hovertemplate": "%{x}, %{y}<br>loss %{z}",
    }
    (table,) = tables_of([heat], {})
    assert table["across"]
    assert table["caption"] == "loss"


def test_drawing_is_no_data_unless_it_writes_and_nothing_else_says_anything():
    edges = {"x": [0, 1, None], "y": [0, 1, None], "hoverinfo": "skip"}
    numbers = {"x": [0], "y": [0], "text": ["a 0.5"], "hoverinfo": "skip"}
    assert tables_of([edges], {}) == []
    assert [column["at"] for column in tables_of([edges, numbers], {})[0]["columns"]] == [["text"]]


def test_a_path_gets_a_pale_twin_that_the_pointer_does_not_find():
    path = {"x": STEPS, "y": STEPS, "meta": {"steps": STEPS}, "hovertemplate": "step %{x}", "customdata": STEPS}
    given = dressed([path], {"title": {"text": "Path"}}, over_steps=False)
    twin = given["data"][1]
    assert twin["opacity"] < 0.5
    assert twin["hoverinfo"] == "skip"
    assert "hovertemplate" not in twin
    assert given["title"] == "Path"


def test_a_title_brings_no_other_html():
    figure = go.Figure(go.Scatter(x=[0], y=[0]))
    ours = "<span style='color:#fff'>x</span><br><span style='font-size:12px'>A has more</span>"
    title = sent(Chart("chart", figure, "", title=f"<b>bold</b> <img src=x onerror=alert(1)> {ours}"))
    assert title["title"] == f"<b>bold</b> &lt;img src=x onerror=alert(1)> {ours}"


def test_two_maps_that_say_the_same_have_a_table_each_under_their_names():
    """The cells of a map may be given by their edges, one more than there are cells."""
    maps = [
        {"type": "heatmap", "x": np.arange(4), "y": np.arange(3), "z": np.ones((2, 3)), "name": name, "xaxis": axis}
        for name, axis in (("A", "x"), ("B", "x2"))
    ]
    found = tables_of([one | {"hovertemplate": "%{z:.4g}<extra></extra>"} for one in maps], {})
    assert [(table["caption"], table["across"]) for table in found] == [("A", (2, 3)), ("B", (2, 3))]
