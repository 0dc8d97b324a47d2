"""What the Backprop page adds to the link: the example, the step and the sample, what is looked at, what was typed.

How far a step, a sample or a path may go depends on the run, so that the page narrows these.
"""

from typing import Any

from engine.backprop import EXAMPLES
from engine.experiment import OF_DATA
from engine.experiment.settings import Choice, Text, Whole, keyed, titled
from pages.common.link.controls import ADDRESS
from pages.common.link.page_settings import AT, COVER
from pages.common.parameter_names import FIRST
from pages.common.runs.pin import PIN
from pages.common.sidebar.acting import EVERY, Acting, all_but

RUN = "run"
SETTINGS = keyed(
    example=Choice(
        RUN,
        "Network",
        "The run of the sidebar, or a worked example with given weights, x = (1, 2) and y = (3, 4).",
        {RUN: "The run"} | titled(EXAMPLES),
        control="segments",
    ),
    step=Whole(0, "Step", "", 0, 10**6, step=1),
    sample=Whole(
        1, "Sample (0: batch)", "Counted in the training part; 0 is the whole batch of the step.", 0, 10**6, step=1
    ),
    weight=Text(FIRST, "Weight", "", 20),
    path=Whole(
        1,
        "Path",
        "From the weight to the output, the path that adds most to the gradient first.",
        1,
        10**6,
        step=1,
    ),
    typed=Text("", "Typed numbers", "Numbers typed over, such as 3.W1.0.1:0.5.", 4000, control=ADDRESS),
    pin=PIN,
    at=AT,
    cover=COVER,
)
START = {key: SETTINGS[key].default for key in ("step", "sample", "weight", "path")}  #: where an example opens


def acting(page: Any) -> Acting:
    """The settings of a run that act on the page: all but those of data where an example brings its own sample."""
    if page.example == RUN:
        return EVERY
    of_data = set(OF_DATA) - {"data", "seed"}
    return all_but(of_data, "The sample is that of the worked example; another data set leaves it.")
