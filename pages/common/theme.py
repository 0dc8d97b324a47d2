"""One visual language: every colour, scale and measure of the charts, decided in one place.

The same thing has the same colour on every page. Lines and markers are mid tones that keep a contrast of 3:1 on the
light and on the dark background alike; text takes the colour of Streamlit's own theme, because no tone has the 4.5:1 of
text on both; backgrounds stay transparent. Nothing is told by colour alone: optimizers differ by dash and marker too,
test is dashed, a verdict has a word and an icon. No Streamlit and no Plotly in here: plain data that figures and pages
read.
"""

import math
from collections.abc import Iterable
from itertools import cycle
from typing import Any, NamedTuple

from engine import optimizers

# Signed values: blue positive, orange negative, neutral at zero. Zero is transparent, so that the neutral is
# the page's own background in both themes; use it with a range symmetric about zero (zmin = -zmax).
POSITIVE, NEGATIVE = "#2a7fd4", "#d9730d"
SIGNED = [
    [0.0, "rgba(191, 90, 2, 1)"],
    [0.25, "rgba(217, 115, 13, 0.62)"],
    [0.5, "rgba(128, 132, 149, 0)"],
    [0.75, "rgba(42, 127, 212, 0.62)"],
    [1.0, "rgba(20, 95, 178, 1)"],
]

# Magnitudes (loss, norms, surfaces, counts): viridis, perceptually uniform and safe for colour-blind eyes.
MAGNITUDE = [
    [0.0, "#440154"],
    [0.125, "#472d7b"],
    [0.25, "#3b528b"],
    [0.375, "#2c728e"],
    [0.5, "#21918c"],
    [0.625, "#28ae80"],
    [0.75, "#5ec962"],
    [0.875, "#addc30"],
    [1.0, "#fde725"],
]

TRAIN: dict[str, Any] = {"color": "#c2397a", "width": 2, "dash": "solid"}
TEST: dict[str, Any] = {"color": "#d9709f", "width": 2, "dash": "dash"}
THEORY: dict[str, Any] = {
    "color": "#7f8694",
    "width": 1,
    "dash": "dash",
}  #: labelled "theory"
CURSOR: dict[str, Any] = {"color": "#7f8694", "width": 1.5, "dash": "dot"}  #: the player's step
CURSOR_ON_MAP = CURSOR | {"color": "#ffffff", "width": 2}
NEUTRAL = "#7f8694"
CHOSEN = "#c2397a"  #: what a person has picked out of a chart
GRID = "rgba(128, 132, 149, 0.22)"
SCENE_GRID = "#a9adb8"  #: opaque: WebGL adds a transparent colour to the page, and on white it is gone

#: Ten classes told apart. The first two are the signed pair, so that a third class changes no colour of theirs.
CLASSES = (
    NEGATIVE,
    POSITIVE,
    "#2e9e5b",
    "#c2397a",
    "#7b50c7",
    "#a9762a",
    "#0f93a8",
    "#d64545",
    "#6d8a1f",
    "#7f8694",
)


class Verdict(NamedTuple):
    """How a diagnosis looks: always colour plus word plus icon; `badge` is Streamlit's name of the colour."""

    word: str
    color: str
    icon: str
    badge: str


VERDICTS = {
    "healthy": Verdict("healthy", "#2e9e5b", ":material/check_circle:", "green"),
    "warning": Verdict("warning", "#b7820a", ":material/warning:", "orange"),
    "alarm": Verdict("alarm", "#d64545", ":material/error:", "red"),
}


class Style(NamedTuple):
    """One optimizer for ever: colour, dash of its line, symbol of its marker, all as Plotly names them."""

    color: str
    dash: str
    symbol: str


_FIXED = {
    "sgd": Style("#7f8694", "solid", "circle"),
    "momentum": Style("#2a7fd4", "solid", "square"),
    "nesterov": Style("#2a7fd4", "dash", "square-open"),
    "adagrad": Style("#2e9e5b", "solid", "diamond"),
    "rmsprop": Style("#0f93a8", "solid", "triangle-up"),
    "adadelta": Style("#2e9e5b", "dash", "diamond-open"),
    "adam": Style("#d9730d", "solid", "star"),
    "amsgrad": Style("#d9730d", "dot", "star-open"),
    "adamw": Style("#c2571a", "dash", "hexagon"),
    "adamax": Style("#a9762a", "solid", "pentagon"),
    "nadam": Style("#c2397a", "solid", "triangle-down"),
    "radam": Style("#c2397a", "dash", "triangle-down-open"),
    "rprop": Style("#6d8a1f", "solid", "cross"),
    "lion": Style("#d64545", "solid", "x"),
    "lbfgs": Style("#7b50c7", "solid", "hourglass"),
    "newton": Style("#7b50c7", "dash", "bowtie"),
}
_DASHES = ("dashdot", "dot", "longdash", "longdashdot", "solid", "dash")
_SYMBOLS = ("hexagram", "octagon", "star-square", "star-diamond", "diamond-tall", "diamond-wide", "circle-x")


def _looks(names: Iterable[str]) -> dict[str, Style]:
    """The fixed styles, and for every other name the next colour and dash that nobody has, in order of the names."""
    taken = {(style.color, style.dash) for style in _FIXED.values()}
    free = cycle([(color, dash) for dash in _DASHES for color in CLASSES if (color, dash) not in taken])
    others = zip((name for name in names if name not in _FIXED), free, cycle(_SYMBOLS), strict=False)
    return _FIXED | {name: Style(*look, symbol) for name, look, symbol in others}


OPTIMIZERS = _looks(optimizers.OPTIMIZERS)

_LAYERS = (
    (38, 163, 151),
    (62, 132, 200),
    (109, 76, 196),
)  #: input (light), middle, output (dark)


def layer_colors(layers: int) -> list[str]:
    """Colours of layers 1..layers, from light at the input to dark at the output.

    Depth then reads without a legend. The bias of a layer has the same colour, dashed.
    """
    places = [2 * layer / max(layers - 1, 1) for layer in range(layers)]
    return [_hex(_between(_LAYERS, place)) for place in places]


def class_colors(classes: int) -> list[str]:
    """A colour for each class: for two the signed pair (negative first), beyond ten they repeat."""
    return [CLASSES[index % len(CLASSES)] for index in range(classes)]


def text_on(color: str) -> str:
    """Black or white, whichever reads better on `#rrggbb`: 4.5:1 or more on any colour."""
    return "#000000" if luminance(color) > 0.179 else "#ffffff"


def luminance(color: str) -> float:
    """Relative luminance of `#rrggbb`, 0 to 1, as WCAG 2 defines it: linear light, weighted as the eye does."""
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def magnitude(share: float) -> str:
    """The colour of `MAGNITUDE` at a share from 0 to 1 of its range, as `#rrggbb`."""
    colors = [tuple(int(color[at : at + 2], 16) for at in (1, 3, 5)) for _, color in MAGNITUDE]
    return _hex(_between(tuple(colors), share * (len(colors) - 1)))


def faded(color: str, opacity: float) -> str:
    """`#rrggbb` with an opacity from 0 to 1, as Plotly reads it."""
    red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {opacity:g})"


# Heights in pixels: a main chart and a side chart on a wide screen (Streamlit stacks them on a phone).
MAIN, SIDE = 340, 230
#: A legend that hangs from the top of its chart. One that stands on the axes stays behind at times where these move, as
#: they do when the legend gets room for fewer rows.
OVER_PLOT = {"orientation": "h", "x": 1, "xanchor": "right", "yref": "container", "y": 1, "yanchor": "top"}


def layout(height: int = MAIN, **more: Any) -> dict[str, Any]:
    """The base of every layout: transparent, tight margins, quiet grids. `more` overrides, at any depth."""
    base = {
        "height": height,
        "margin": {"l": 48, "r": 12, "t": 34, "b": 40},
        "paper_bgcolor": "rgba(0, 0, 0, 0)",
        "plot_bgcolor": "rgba(0, 0, 0, 0)",
        "font": {"size": 12},
        "title": {"font": {"size": 14}, "x": 0, "xanchor": "left", "y": 0.98, "yanchor": "top"},
        "legend": OVER_PLOT,
        "hoverlabel": {"font": {"size": 12}},
        "xaxis": axis(),
        "yaxis": axis(),
        "uirevision": "keep",  # a redraw keeps the reader's zoom
    }
    whole = _merged(base, more)
    for name, side in whole.items():
        if name.startswith("yaxis") and side.get("automargin") and "range" in side:
            whole["margin"]["l"] = max(whole["margin"]["l"], _room(side))
            side["automargin"] = False
    return whole


def axis(title: str = "", *, log: bool = False, **more: Any) -> dict[str, Any]:
    """One axis: title with its unit, quiet grid, no zero line; a log axis shows powers of ten."""
    base: dict[str, Any] = {"gridcolor": GRID, "zeroline": False, "automargin": False, "showline": False}
    if title:
        base["title"] = {"text": title, "font": {"size": 12}, "standoff": 6}
    if log:
        base |= {"type": "log", "exponentformat": "power"}
    return _merged(base, more)


def scene(**more: Any) -> dict[str, Any]:
    """The base of a 3-D scene: its grid explicit, its words in the colour of the page's text."""
    side = {"gridcolor": SCENE_GRID, "zerolinecolor": SCENE_GRID, "showbackground": False}
    base = {"aspectmode": "cube"} | {name: dict(side) for name in ("xaxis", "yaxis", "zaxis")}
    return _merged(base, more)


def _merged(base: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    result = dict(base)
    for key, value in more.items():
        both = isinstance(value, dict) and isinstance(result.get(key), dict)
        result[key] = _merged(result[key], value) if both else value
    return result


def _room(side: dict[str, Any]) -> int:
    """Pixels for the labels and the title of an axis with a range: Plotly's own automargin draws a chart twice."""
    if "ticktext" in side:
        return 26 + 7 * max(map(len, side["ticktext"]), default=0)
    if side.get("type") == "log":
        return 58
    low, high = side["range"]
    step = (high - low) / side.get("nticks", 5)
    decimals = max(0, math.ceil(-math.log10(step))) if step > 0 else 0
    longest = max(len(f"{value:.{decimals}f}") for value in (low, high))
    return 26 + 7 * min(longest, 9)  # longer ones are written as powers of ten


def _between(anchors: tuple[tuple[int, ...], ...], place: float) -> tuple[int, ...]:
    first = min(int(place), len(anchors) - 2)
    part = place - first
    return tuple(round(a + (b - a) * part) for a, b in zip(anchors[first], anchors[first + 1], strict=True))


def _hex(rgb: tuple[int, ...]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*rgb)
