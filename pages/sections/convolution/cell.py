"""The view of one cell: what it sees of the image, its sum written out, and where its pool sends the gradient."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from engine.training import Recording
from engine.vision import CellSum, Route, cell_sum, pool_route, receptive_field
from engine.work import evaluation_work
from pages.common.app.head import Head
from pages.common.glossary import caption
from pages.common.link.changes import change
from pages.common.link.page_settings import AT, told
from pages.common.runs.cache import kept
from pages.common.settings import Settings
from pages.common.stage.charts import Chart, Place
from pages.common.stage.linked import linked_stage
from pages.common.tex import aligned, tex
from pages.common.text import number, plain
from pages.figures.convolution.maps import Mark, cell_at, maps_figure
from pages.figures.convolution.products import Sums, products_figure
from pages.figures.convolution.routes import routes_figure
from pages.sections.convolution.cells import Cell, field_said, signals_of_maps
from pages.sections.convolution.image import Image
from pages.sections.convolution.network import MAIN, SIDE, metrics_of
from pages.sections.convolution.trained import RIGHT_WAY, Seen

TERMS = 6  #: of a sum that are written out


def cell_view(run: Seen, image: Image, cell: Cell, head: Head, other: Seen | None, of_file: Settings | None) -> None:
    """Show the view, with the numbers of the pinned run, `other`, if there is one.

    `of_file` are the settings where the images are a file of one's own.
    """
    recording, pooled = run.recording, pooled_cell(run.recording, cell)
    routes, sums = kept(
        ("cell", *run.key, image.key, cell.name),
        lambda _progress: _at_frames(recording, image, cell),
        lambda: evaluation_work(recording.network, 2, len(recording.frames)),
        head,
        "This cell",
        settings=of_file,
    )
    field = receptive_field(recording.network, cell.signal, cell.row, cell.column)
    own = Mark(cell.signal, cell.channel, (cell.row, cell.row + 1), (cell.column, cell.column + 1))
    says = f"{image.name}: {cell.said}, and what it sees"
    title = f"{image.name.partition(' (')[0]}: cell {cell.name} and what it sees"
    maps, wide = maps_figure(recording, image.x, title, [Mark(0, 0, *field), own]), 8 if routes else 12
    products, alt = products_figure(recording, Sums.of(sums)), "What the cell reads, the kernel and their products"
    charts = [
        Chart("maps", maps, says, Place(1, 1, 12), *MAIN, clicks=True),
        Chart("sum", products, alt, Place(2, 1, wide), *SIDE),
    ]
    if routes:
        routed = routes_figure(recording, routes, cell.channel, pooled)
        charts.append(Chart("route", routed, "The gradient behind the pool and before it", Place(2, 9, 4), *SIDE))

    def clicked(_chart: str, point: Mapping[str, Any]) -> None:
        if (found := cell_at(recording, point)) is not None:
            change({"cvcell": found})

    watched = f"{field_said(*field)} A click on any map looks at another cell."
    more = {"metrics": metrics_of(run, image, other), "captions": [watched], "total": recording.steps, "follows": True}
    more |= {"findings": [_found(each, cell) for each in sums], "near": run.near, "asks": run.whole is not None}
    linked_stage(head, "convolution", charts, run.played, on_click=clicked, **more)
    caption(plain(watched))
    rest = told(AT)
    frame = len(recording.frames) - 1 if rest is None else int(np.abs(recording.frames - rest).argmin())
    st.caption(f"The sum of {cell.said}, at step {recording.frames[frame]:,}, its largest products first:")
    st.latex(written(sums[frame], cell))
    if routes:
        st.caption(route_said(routes[frame], cell, pooled))
        if run.wrong_way:
            caption(RIGHT_WAY)


def pooled_cell(recording: Recording, cell: Cell) -> tuple[int, int] | None:
    """Row and column of the cell of the pool that reads the cell, or that it is; None where there is none."""
    if cell.pool:
        return cell.row, cell.column
    signal = signals_of_maps(recording.network).get(f"p{cell.layer}")
    if signal is None:
        return None
    size = recording.network.layers[signal - 1].size
    place, (_, *shape) = (cell.row // size, cell.column // size), recording.network.signal_shapes[signal]
    return place if all(at < most for at, most in zip(place, shape, strict=True)) else None


def _found(found: CellSum, cell: Cell) -> str:
    """What comes out of a cell and what adds most to it, for those who do not see the charts."""
    products = found.products.ravel()
    largest = number(float(products[np.abs(products).argmax()]), 3)
    out = "" if found.activation is None else f", activation {number(found.activation)}"
    return f"Sum of cell {cell.name} is {number(found.z)}{out}; its largest product is {largest}"


def _at_frames(recording: Recording, image: Image, cell: Cell) -> tuple[list[Route], list[CellSum]]:
    """Routes and sums at every key frame."""
    routes = _routes(recording, image, cell)
    return routes, _sums(recording, image, cell, routes)


def _routes(recording: Recording, image: Image, cell: Cell) -> list[Route]:
    """Where the pool of the cell's layer sends the gradient at every key frame; empty where it has none."""
    signal = signals_of_maps(recording.network).get(f"p{cell.layer}")
    if signal is None:
        return []
    label = image.label_in(recording)
    return [pool_route(recording.network, params, image.x, label, signal) for params in recording.params]


def _sums(recording: Recording, image: Image, cell: Cell, routes: list[Route]) -> list[CellSum]:
    """The sum of the cell at every key frame; of a pool that of the largest cell that it reads."""
    places = [(cell.row, cell.column)] * len(recording.frames)
    if cell.pool:
        at = cell.channel, cell.row, cell.column
        places = [(int(route.rows[at]), int(route.columns[at])) for route in routes]
    signal = cell.signal - cell.pool
    return [
        cell_sum(recording.network, params, image.x, signal, cell.channel, *place)
        for params, place in zip(recording.params, places, strict=True)
    ]


def written(found: CellSum, cell: Cell) -> str:
    """The sum as LaTeX: the largest products, the rest together, the bias, if any, and what comes out."""
    products, patch, kernel = (part.ravel().astype(float) for part in (found.products, found.patch, found.kernel))
    order = np.argsort(-np.abs(products), kind="stable")
    terms = [rf"{tex(patch[i], 3, factor=True)} \cdot {tex(kernel[i], 3, factor=True)}" for i in order[:TERMS]]
    if len(order) > TERMS:
        rest = tex(float(products[order[TERMS:]].sum()), factor=True)
        terms.append(rf"\underbrace{{{rest}}}_{{\text{{{len(order) - TERMS:,} more}}}}")
    if found.bias is not None:
        terms.append(rf"\underbrace{{{tex(found.bias, factor=True)}}}_{{b}}")
    pairs = [" + ".join(terms[first : first + 2]) for first in range(0, len(terms), 2)]
    bias = "" if found.bias is None else " + b"
    rows = [rf"{_symbol('z', cell, found)} &= \textstyle\sum x \cdot k{bias}", f"&= {pairs[0]}"]
    rows += [*(rf"&\quad + {pair}" for pair in pairs[1:]), rf"&= \mathbf{{{tex(found.z)}}}"]
    if found.activation is not None:
        rows.append(rf"{_symbol('a', cell, found)} = \varphi(z) &= \mathbf{{{tex(found.activation)}}}")
    return aligned(rows)


def _symbol(letter: str, cell: Cell, found: CellSum) -> str:
    """`z2[5{,}3{,}4]`: layer, map, row and column, as cells are named."""
    return rf"{letter}{cell.layer}[{cell.channel + 1}{{,}}{found.rows[0] + 1}{{,}}{found.columns[0] + 1}]"


def route_said(route: Route, cell: Cell, pooled: tuple[int, int] | None) -> str:
    """Where the gradient of the pool's cell goes, in words."""
    if pooled is None:
        return "No cell of the pool reads this one: it is left over at the edge, and no gradient comes back to it."
    at = (cell.channel, *pooled)
    row, column = int(route.rows[at]), int(route.columns[at])
    sent = (
        f"The gradient {number(route.delta[at])} of the pool's cell goes to row {row + 1}, column {column + 1}, where "
        f"the largest number was, {number(route.values[at])}"
    )
    mine = cell.pool or (row, column) == (cell.row, cell.column)
    return plain(f"{sent}; the other three get 0." if mine else f"{sent}; the cell that is looked at gets 0.")
