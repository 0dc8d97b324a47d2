"""A digit drawn with the pointer or a finger, to be sent through the network; its ink is kept in the link."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pages.common.editor.component import declare, mount
from pages.common.link.page_settings import tell
from pages.sections.convolution.ink import CELLS, written
from pages.sections.convolution.settings import SETTINGS

_component = declare(
    "digit",
    f"""
<div class="editor digit">
  <canvas width="{10 * CELLS}" height="{10 * CELLS}" tabindex="0" role="application"
          aria-label="Draw a digit. Arrow keys move the pen, Enter puts it down or lifts it."></canvas>
  <div class="row">
    <span data-piece="status" role="status"></span>
    <button type="button" data-does="undo">Undo</button>
    <button type="button" data-does="clear">Clear</button>
  </div>
</div>
""",
    Path(__file__).parent,
)


def digit(drawn: str) -> None:
    """Show what is drawn, a hexadecimal digit for each cell or nothing, to be drawn on."""
    mount(_component, "digit", {"ink": drawn, "cells": CELLS}, _edited)


def _edited(news: Mapping[str, Any]) -> None:
    tell(SETTINGS["cvdrawn"], written(str(news["ink"])))


def put_away() -> None:
    """Look at the images of the data again (in a callback)."""
    tell(SETTINGS["cvdrawn"], "")
