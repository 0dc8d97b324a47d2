"""Figures arrive as they were, and what moves is sent once."""

import json

import numpy as np
import plotly.graph_objects as go
import pytest

from pages.common.stage.parts import ALIGN, columns, digest, packed, unpacked


def values(move, count):
    """What a column says at each of `count` frames."""
    found = []
    for at in move["at"][:count]:
        if "values" in move:
            found.append(move["values"][at])
        elif "ends" in move:
            found.append(move["flat"][move["ends"][at - 1] if at else 0 : move["ends"][at]])
        else:
            size = int(np.prod(move["shape"]))
            found.append(move["flat"][at * size : (at + 1) * size].reshape(move["shape"]))
    return found


@pytest.mark.parametrize("kind", ["i1", "u1", "i2", "u2", "i4", "u4", "f4", "f8"])
def test_arrays_keep_type_shape_and_bytes_and_lie_aligned(kind):
    arrays = {
        "one": np.arange(3, dtype=kind),
        "table": np.arange(12, dtype=kind).reshape(3, 4),
        "ü": [np.arange(1, dtype=kind)],
    }
    part = packed(arrays)
    back = unpacked(part)
    for name in ("one", "table"):
        assert back[name].dtype == kind
        np.testing.assert_array_equal(back[name], arrays[name])
    length = int.from_bytes(part[:4], "little")
    text = json.loads(part[4 : 4 + length])
    assert all(array["$"][1] % ALIGN == 0 for array in (text["one"], text["table"], text["ü"][0]))


def test_what_is_no_array_of_numbers_is_json():
    given = {
        "text": np.array(["a", "b"]),
        "none": None,
        "nan": float("nan"),
        "number": np.float32(0.5),
        "empty": np.array([]),
    }
    assert unpacked(packed(given)) == {"text": ["a", "b"], "none": None, "nan": None, "number": 0.5, "empty": []}


def test_the_base_64_of_plotly_becomes_bytes():
    z = np.arange(6, dtype=np.uint8).reshape(2, 3)
    figure = go.Figure(go.Heatmap(z=z)).to_dict()
    assert "bdata" in figure["data"][0]["z"]
    back = unpacked(packed(figure["data"]))
    np.testing.assert_array_equal(back[0]["z"], z)
    assert back[0]["z"].dtype == np.uint8


def test_a_digest_tells_parts_apart():
    assert digest(packed({"a": 1})) == digest(packed({"a": 1})) != digest(packed({"a": 2}))


def frame(step, *data, **layout):
    return {"name": str(step), "traces": list(range(len(data))), "data": list(data), "layout": layout}


def test_frames_become_columns_in_the_order_of_their_steps():
    frames = [frame(10, {"x": np.array([3, 4]), "type": "scatter"}), frame(5, {"x": np.array([1, 2])})]
    film = columns("chart", frames, 1)
    assert film["steps"] == [5, 10]
    (move,) = film["moves"]
    assert (move["trace"], move["path"]) == (0, ("x",))
    np.testing.assert_array_equal(values(move, 2), [[1, 2], [3, 4]])


def test_what_stays_the_same_is_sent_once_and_what_is_left_out_holds():
    x = np.array([1.0, 2.0])
    frames = [frame(0), frame(1, {"x": x}), frame(2, {"x": x.copy()}), frame(3), frame(4, {"x": x + 1})]
    (move,) = columns("chart", frames, 1)["moves"]
    assert move["flat"].size == 4
    np.testing.assert_array_equal(values(move, 5), [x, x, x, x, x + 1])


def test_arrays_of_different_lengths_share_one_and_types_widen():
    parts = [np.array([1], np.uint8), np.array([300, 2], np.uint16), np.array([], np.uint8)]
    (move,) = columns("chart", [frame(k, {"y": part}) for k, part in enumerate(parts)], 1)["moves"]
    assert move["flat"].dtype == np.uint16
    assert [list(part) for part in values(move, 3)] == [[1], [300, 2], []]


def test_texts_nested_properties_and_the_layout_move_too():
    frames = [
        frame(k, {"marker": {"color": np.array([k])}, "text": [f"{k}"]}, title={"text": f"at {k}"}) for k in (0, 1)
    ]
    moves = {(move["trace"], *move["path"]): values(move, 2) for move in columns("chart", frames, 1)["moves"]}
    assert moves[0, "text"] == [["0"], ["1"]]
    assert moves[-1, "title", "text"] == ["at 0", "at 1"]
    np.testing.assert_array_equal(moves[0, "marker", "color"], [[0], [1]])


def test_a_table_that_moves_keeps_its_shape():
    grids = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    (move,) = columns("chart", [frame(k, {"z": grid}) for k, grid in enumerate(grids)], 1)["moves"]
    np.testing.assert_array_equal(values(move, 2), grids)


def test_a_frame_for_an_unknown_trace_is_named():
    with pytest.raises(ValueError, match=r"^map: the frame of step 3 moves trace 1 of 1$"):
        columns("map", [frame(3, {}, {"x": [1]})], 1)


@pytest.mark.parametrize("name", [None, "first"])
def test_a_frame_without_a_step_is_named(name):
    with pytest.raises(ValueError, match=r"^map: a frame must be named by its step"):
        columns("map", [{"name": name, "data": []}], 1)


def test_an_array_that_stands_twice_travels_once():
    line = np.arange(1000, dtype=np.float32)
    part = packed([{"x": line}, {"x": line, "y": line.copy()}])
    assert 8000 < len(part) < 8200
    one, two = unpacked(part)
    for array in (one["x"], two["x"], two["y"]):
        np.testing.assert_array_equal(array, line)
