"""The network in the hand: hidden layers and units by + and -, or typed, and the activation of all or of each.

Layers stand as columns, as in TensorFlow Playground, from none to as many as the setting allows; the chosen one can be
taken out wherever it stands, or get one before it. The link keeps them as `arch` and `act`, whichever way they were
changed.
"""

from collections.abc import Mapping
from html import escape
from typing import Any

from engine.activations import ACTIVATIONS
from engine.experiment import SETTINGS
from pages.common import theme
from pages.common.editor.component import declare, mount
from pages.common.link.changes import change

_ARCH, _ACT = SETTINGS["arch"], SETTINGS["act"]
_MORE, _FEWER = "Add a unit to every layer", "Remove a unit from every layer"


def _about(setting: Any) -> str:
    return f'aria-label="{escape(setting.label)}" title="{escape(setting.meaning)}"'


_component = declare(
    "network",
    f"""
<div class="editor network">
  <div class="layers" role="group" aria-label="Number of hidden layers">
    <span title="{escape(_ARCH.meaning)}">{escape(_ARCH.label)}</span>
    <button type="button" data-by="-1" aria-label="Remove the last layer">−</button>
    <output data-piece="count"></output>
    <button type="button" data-by="1" aria-label="Add a layer">+</button>
  </div>
  <p class="none" data-piece="none" hidden>No hidden layer: the inputs lead straight to the output.</p>
  <div class="net" role="group" aria-label="Units of each layer">
    <div class="column" data-piece="all" hidden>
      <button type="button" data-piece="more" data-by="1" aria-label="{_MORE}">+</button>
      <span>all</span>
      <button type="button" data-piece="fewer" data-by="-1" aria-label="{_FEWER}">−</button>
    </div>
    <div class="columns" data-piece="columns"></div>
  </div>
  <div class="one" role="group" aria-label="The chosen layer" data-piece="one" hidden>
    <span aria-live="polite"></span>
    <button type="button" data-does="insert" data-by="1" title="One like it before it (Insert)">Insert before</button>
    <button type="button" data-does="remove" data-by="-1" title="Take it out (Delete)">Remove</button>
  </div>
  <div class="typed">
    <input type="text" data-piece="text" {_about(_ARCH)} spellcheck="false" autocomplete="off">
    <select data-piece="act" {_about(_ACT)}></select>
  </div>
  <p class="problem" data-piece="problem" role="alert" hidden></p>
</div>
""",
    before=("layers",),
)


def network_editor(arch: tuple[int, ...], act: tuple[str, ...]) -> None:
    """Show the hidden layers and their activation, to be edited."""
    shown = {
        "widths": arch,
        "acts": act,
        "low": _ARCH.low,
        "high": _ARCH.high,
        "most": _ARCH.most,
        "usual": _ARCH.default[-1],
        "activations": tuple((name, ACTIVATIONS[name].title) for name in _ACT.options),
        "colors": tuple(theme.layer_colors(3)),
    }
    mount(_component, "network", shown, _edited)


def _edited(news: Mapping[str, Any]) -> None:
    arch, act = _ARCH.check(news["widths"]), _ACT.check(news["acts"])
    change({"arch": _ARCH.format(arch), "act": _ACT.format(act)})
