"""What the Layers page adds to the link: the closer look that is open, its layer, and the pinned run."""

from engine.experiment.settings import Choice, Whole, keyed
from pages.common.link.page_settings import AT, COVER
from pages.common.runs.pin import PIN

SETTINGS = keyed(
    look=Choice(
        "time",
        "Look closer at",
        "",
        {"time": "Over time", "distributions": "Distributions", "matrices": "Weight matrices"},
        control="segments",
    ),
    layer=Whole(1, "Layer", "", 1, 1000, step=1, when=lambda page: page.look == "matrices"),
    pin=PIN,
    at=AT,
    cover=COVER,
)
