"""What a setting is, and the kinds there are: each is declared once, and whoever meets it reads the declaration."""

from engine.experiment.settings.declaration import Rejected, Setting, in_code, quoted
from engine.experiment.settings.kinds import (
    AUTO,
    Choice,
    Real,
    Several,
    Text,
    Truth,
    Whole,
    Widths,
    entries,
    keyed,
    titled,
)

__all__ = [
    "AUTO",
    "Choice",
    "Real",
    "Rejected",
    "Setting",
    "Several",
    "Text",
    "Truth",
    "Whole",
    "Widths",
    "entries",
    "in_code",
    "keyed",
    "quoted",
    "titled",
]
