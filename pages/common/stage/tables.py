"""A chart as a table: the quantities that the pointer finds at its points, under the names they have there.

What a point says is a template of Plotly's: "adam, step %{x}<br>loss %{y:.4g}" names every quantity and tells where its
numbers lie. A table gets a column for each, and curves over the same steps share one table. Traces that say nothing
are drawing, not data; only where no trace of a chart says anything are the texts that it shows its data.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pages.common.stage.parts import array_of

COORDINATES = ("x", "y", "z")
MAPS = ("heatmap", "contour")  #: numbers in rows, one for each y, and columns, one for each x
_FIELD = re.compile(r"%\{(\w+)(?:[.\[](\w+)\]?)?(?::([^}]*))?\}")


def tables_of(data: Sequence[Mapping[str, Any]], layout: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The tables of a figure: `{"caption", "columns", "across"}`.

    A column is `{"head", "trace", "at", "share"}`: its numbers lie in trace number `trace` under the key `at[0]`, or in
    the part `at[1]` of that. With `across`, the numbers of rows and columns, there is one row for each y and one column
    for each x: of the two columns the first heads the rows, the second has their numbers.
    """
    said = [(index, trace, _template(trace)) for index, trace in enumerate(data)]
    if not any(template for *_, template in said):
        said = [(index, trace, "%{text}" if len(trace.get("text", ())) else "") for index, trace, _ in said]
    found: dict[Any, dict[str, Any]] = {}
    drawn = set()  # a line may be drawn twice, broad and narrow
    for index, trace, template in said:
        axes = (trace.get("xaxis"), trace.get("yaxis")) if trace.get("type") in MAPS else ()
        line = (template, np.asarray(array_of(trace.get("x", ()))).tobytes(), *axes)
        if line in drawn or not _FIELD.search(template):
            continue
        drawn.add(line)
        series, columns = _columns(index, trace, template, layout)
        shape = np.shape(array_of(trace.get(columns[-1]["at"][0], ())))
        if trace.get("type") in MAPS and len(shape) > 1:
            head = next((one for one in columns if one["at"] == ["text"]), {"trace": index, "at": ["y"]})
            words = [trace.get("name") or "", columns[-1]["head"]]
            caption = ", ".join(word for word in words if word and word not in COORDINATES)
            found[index] = {"caption": caption, "columns": [head, columns[-1]], "across": shape[:2]}
            continue
        x, values = columns[0], columns[1:]
        key = (x["head"], line[1]) if x["at"] == ["x"] and values else index
        for one in values if series else ():
            alone = len(values) == 1 and one["head"] in COORDINATES
            one["head"] = series if alone else f"{series}, {one['head']}"
        table = found.setdefault(key, {"caption": trace.get("name") or series, "columns": [x], "across": False})
        if len(table["columns"]) > 1:
            table["caption"] = ""
        table["columns"] += values
    return list(found.values())


def _template(trace: Mapping[str, Any]) -> str:
    template = trace.get("hovertemplate", "")
    if not isinstance(template, str):  # one for each point: the one that says most
        template = max(map(str, template), key=len, default="")
    if template:
        return re.sub("<extra>.*", "", template)
    keys = [key for key in ("x", "y", "z", "text") if key in trace and not isinstance(trace[key], str)]
    return "" if trace.get("hoverinfo") == "skip" else " ".join(f"%{{{key}}}" for key in keys)


def _columns(index: int, trace: Any, template: str, layout: Any) -> tuple[str, list[dict[str, Any]]]:
    """The series that the template names before its first quantity, if it does, and a column for each quantity."""
    before, *parts = _FIELD.split(template)
    series, _, before = before.rpartition("<br>" if "<br>" in before else ", ")
    columns = []
    for key, inner, form, after in zip(*(parts[offset::4] for offset in range(4)), strict=True):
        here = {"head": _words(before) or _axis(key, trace, layout), "trace": index}
        at = [key] if inner is None else [key, int(inner) if inner.isdecimal() else inner]
        columns.append(here | {"at": at, "share": (form or "").endswith("%")})
        before = after
    if more := _words(before.split("<br>")[0]):
        head = columns[-1]["head"]
        columns[-1]["head"] = more if head in COORDINATES else f"{head} {more}"
    return series, columns


def _words(text: str) -> str:
    """What a template says between two quantities, without tags."""
    plain = re.sub(r"<[^>]*>", " ", text.replace("<sup>", "^")).lstrip(" ,:;()").rstrip(" ,:;(")
    return plain if "(" in plain else plain.rstrip(")")


def _axis(key: str, trace: Mapping[str, Any], layout: Mapping[str, Any]) -> str:
    """The title of the axis that a coordinate lies on, or its letter; nothing for texts."""
    if key not in COORDINATES:
        return ""
    own = str(trace.get(f"{key}axis") or key)
    title = (layout.get(f"{key}axis{own[1:]}") or {}).get("title") or {}
    return _words(title.get("text") or "") or key
