"""The colours keep what their one file promises: contrast on both backgrounds, nothing told by colour alone."""

import tomllib
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from engine.optimizers import OPTIMIZERS
from pages.common import theme
from pages.common.sidebar.uploads import MOST_MB
from pages.figures.study.answers import COLORS as of_answers
from pages.figures.train.confusion import COLORS as of_a_run

CONFIG = tomllib.loads((Path(__file__).resolve().parents[3] / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
BACKGROUNDS = {name: CONFIG["theme"][name]["backgroundColor"] for name in ("light", "dark")}
LINES = {
    "positive": theme.POSITIVE,
    "negative": theme.NEGATIVE,
    "train": theme.TRAIN["color"],
    "test": theme.TEST["color"],
    "theory": theme.THEORY["color"],
    **{f"class {number}": color for number, color in enumerate(theme.CLASSES)},
    **{f"layer {number}": color for number, color in enumerate(theme.layer_colors(7))},
    **{name: verdict.color for name, verdict in theme.VERDICTS.items()},
    **{name: style.color for name, style in theme.OPTIMIZERS.items()},
}


def channels(color):
    return [int(color[at : at + 2], 16) for at in (1, 3, 5)]


def luminance(color):
    """Relative luminance of WCAG 2: linear light, weighted as the eye does."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in np.divide(color, 255)]
    return np.dot((0.2126, 0.7152, 0.0722), linear)


def contrast(one, other):
    low, high = sorted(luminance(channels(color) if isinstance(color, str) else color) for color in (one, other))
    return (high + 0.05) / (low + 0.05)


def laid_over(color, background):
    """An `rgba(...)` colour on an opaque one, as a browser blends them."""
    *paint, opacity = map(float, color.removeprefix("rgba(").removesuffix(")").split(","))
    return opacity * np.array(paint) + (1 - opacity) * np.array(channels(background))


@pytest.mark.parametrize("background", BACKGROUNDS)
@pytest.mark.parametrize("line", LINES)
def test_lines_stand_out_on_both_backgrounds(line, background):
    assert contrast(LINES[line], BACKGROUNDS[background]) >= 3


@pytest.mark.parametrize("name", BACKGROUNDS)
def test_text_can_be_read(name):
    colors = CONFIG["theme"][name]
    for background in ("backgroundColor", "secondaryBackgroundColor"):
        assert contrast(colors["textColor"], colors[background]) >= 7
        assert contrast(colors["linkColor"], colors[background]) >= 4.5


@pytest.mark.parametrize("name", BACKGROUNDS)
@pytest.mark.parametrize("scale", [of_a_run, of_answers])
def test_counts_can_be_read_in_every_cell_of_a_confusion_matrix(scale, name):
    text = CONFIG["theme"][name]["textColor"]
    assert min(contrast(text, laid_over(color, BACKGROUNDS[name])) for _, color in scale) >= 4.5


def test_numbers_can_be_read_in_every_cell_of_a_map():
    shades = [theme.magnitude(share) for share in np.linspace(0, 1, 101)]
    assert [shades[0], shades[-1]] == [theme.MAGNITUDE[0][1], theme.MAGNITUDE[-1][1]]
    assert min(contrast(shade, theme.text_on(shade)) for shade in shades) >= 4.5


def test_a_third_class_changes_no_colour_of_the_first_two():
    for classes in range(2, 11):
        assert theme.class_colors(classes)[:2] == theme.class_colors(2) == [theme.NEGATIVE, theme.POSITIVE]
        assert len(set(theme.class_colors(classes))) == classes


def test_words_of_a_scene_have_the_colour_of_the_page():
    assert not any("color" in side for side in theme.scene().values() if isinstance(side, dict))


def test_every_optimizer_has_a_look_of_its_own():
    assert set(theme.OPTIMIZERS) == set(OPTIMIZERS)
    looks = [(style.color, style.dash) for style in theme.OPTIMIZERS.values()]
    assert len(set(looks)) == len(looks)
    assert len({style.symbol for style in theme.OPTIMIZERS.values()}) == len(looks)


def test_signed_values_are_symmetric_and_neutral_at_zero():
    places = [place for place, _ in theme.SIGNED]
    assert places == [1 - place for place in reversed(places)]
    assert theme.SIGNED[2][1].endswith(", 0)")


def test_magnitudes_grow_lighter_evenly():
    shades = [luminance(channels(color)) for _, color in theme.MAGNITUDE]
    steps = [high - low for low, high in pairwise(shades)]
    assert min(steps) > 0


def test_layers_run_from_light_to_dark():
    shades = [luminance(channels(color)) for color in theme.layer_colors(6)]
    assert shades == sorted(shades, reverse=True)
    assert theme.layer_colors(1) == theme.layer_colors(5)[:1]


def test_layout_overrides_reach_into_the_depth():
    layout = theme.layout(300, margin={"l": 5}, xaxis=theme.axis("step"))
    assert layout["height"] == 300
    assert layout["margin"] == {**theme.layout()["margin"], "l": 5}
    assert layout["xaxis"]["title"]["text"] == "step"
    assert theme.layout()["margin"]["l"] != 5


def test_both_themes_can_be_chosen_and_the_page_menu_is_on_top():
    assert {"light", "dark"} <= set(CONFIG["theme"])
    assert "base" not in CONFIG["theme"]
    assert CONFIG["client"]["showSidebarNavigation"] is False
    assert CONFIG["browser"]["gatherUsageStats"] is False
    assert CONFIG["server"]["maxUploadSize"] == MOST_MB
    assert CONFIG["logger"]["hideWelcomeMessage"] is True
