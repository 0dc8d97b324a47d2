"""The state of every lesson opens in the app as it is written, with the charts and steps that the lesson speaks of."""

import pytest

from engine.lessons import LESSONS
from pages.common.stage.parts import unpacked

PICKED = ("racers", "features")  #: that stand in an address once for each of several


def link(lesson):
    """The parameters of its link; several of a kind are repeated, as the page itself writes them."""
    return {key: text.split("-") if key in PICKED else text for key, text in lesson.params.items()}


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)
def test_the_state_of_a_lesson_opens(app, experiment, lesson):
    session = app(link(lesson), lesson.page)
    assert len(session.warning) == (lesson.experiment.bug != "none")  # a wrong backward pass is named on every page
    stages = [unpacked(element.proto.bytes) for element in session.get("bidi_component")]
    charts = {chart["name"] for stage in stages for chart in stage["charts"]}
    assert {*lesson.covered, *(look.chart for look in lesson.watch)} <= charts
    last = max((stage["steps"][-1] for stage in stages if len(stage["steps"])), default=0)
    assert all(look.at <= last for look in lesson.watch if look.at is not None)
    assert experiment(session) == lesson.experiment
