"""What the Train page adds to the link."""

from engine.experiment.settings import Choice, keyed
from pages.common.link.page_settings import AT, COVER

SETTINGS = keyed(
    edges=Choice("weight", "Network shows", "", ("weight", "gradient", "update"), control="segments"),
    at=AT,
    cover=COVER,
)
