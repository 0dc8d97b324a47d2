"""What the Train page adds to the link."""

from engine.experiment.settings import Choice, Text, keyed
from pages.common.link.page_settings import AT, COVER
from pages.common.runs.pin import PIN

WHOLE = "network"  #: what is looked at where no unit and no weight is
SETTINGS = keyed(
    edges=Choice(
        "weight",
        "Network shows",
        "",
        {"weight": "Weights", "gradient": "Gradients", "update": "Updates"},
        control="segments",
    ),
    focus=Text(
        WHOLE,
        "Look at",
        "A unit, such as a1[3] (number 3 of layer 1; layer 0 is the input), or a weight, such as W1[3,2]: what a "
        "click on the diagram chooses.",
        20,
        names={WHOLE: "Whole network"},
    ),
    probe=Text("", "Follow an input", "", 60),
    pin=PIN,
    at=AT,
    cover=COVER,
)
