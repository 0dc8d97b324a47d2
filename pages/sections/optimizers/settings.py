"""The settings of a race: its track, its racers, their learning rates, and where and how long they run.

What belongs to a single optimizer is in `hyperparameters`.
"""

from typing import Any

from engine.experiment.options import BESIDE
from engine.experiment.settings import AUTO, Choice, Real, Several, Text, Whole, keyed, titled
from engine.optimizers import OPTIMIZERS
from engine.schedules import SCHEDULES
from engine.surfaces import SURFACES
from pages.common.link.controls import ADDRESS
from pages.common.link.page_settings import AT, COVER, HEIGHTS
from pages.common.runs.pin import PIN
from pages.common.sidebar.acting import EVERY, Acting, all_but, only

FORMULA, NETWORK, VALLEY = "formula", "network", "quadratic_valley"
TRACKS = titled(SURFACES) | {FORMULA: "Your own formula", NETWORK: "The network"}
FAIR = {"tuned": "Each its best", "same": "One for all"}
KNOWN_BEFORE = titled({name: schedule for name, schedule in SCHEDULES.items() if not schedule.adaptive})
SAMPLE = "(x**2 - 1)**2 + 2*y**2 + 0.3*x"
CASTING = ("sgd", "momentum", "nesterov", "rmsprop", "adam")


def _in_valley(page: Any) -> bool:
    return page.track == VALLEY


def _by_formula(page: Any) -> bool:
    return page.track == FORMULA


def _on_surface(page: Any) -> bool:
    return page.track != NETWORK


SETTINGS = keyed(
    track=Choice("rosenbrock", "Track", "What is raced on: a test function, your own formula, or the network.", TRACKS),
    racers=Several(CASTING, "Racers", "Who takes part.", titled(OPTIMIZERS), distinct=True),
    fair=Choice(
        "tuned",
        "Learning rate",
        "Each racer at the best of 32 learning rates for it, or all at the same one.",
        FAIR,
        control="segments",
    ),
    rate=Real(
        0.001, "Rate", "Learning rate of every racer.", 1e-6, 10, step=0.001, when=lambda page: page.fair == "same"
    ),
    kap=Real(
        10.0,
        "Stretch κ",
        "Condition number κ: the ratio of the two curvatures.",
        0.01,
        10_000,
        step=1.0,
        when=_in_valley,
    ),
    ang=Real(
        0.0, "Angle °", "Angle of the valley against the x axis, in degrees.", -180, 180, step=15.0, when=_in_valley
    ),
    fxy=Text(
        SAMPLE,
        "f(x, y)",
        "x, y, + - * / **, sin, exp, sqrt, …; LaTeX, too.",
        1000,
        control=ADDRESS,
        when=_by_formula,
    ),
    half=Real(
        2.0,
        "Map up to ±",
        "The map shows x and y from minus to plus this number.",
        0.1,
        100,
        step=0.5,
        when=_by_formula,
    ),
    sx=Real(None, "Start x", "", words=AUTO, when=_on_surface),
    sy=Real(None, "y", "", words=AUTO, when=_on_surface),
    rsteps=Whole(300, "Steps of the race", "Gradient evaluations of every racer.", 1, 1000, step=50, when=_on_surface),
    tol=Real(0.001, "Tolerance", "Loss above the minimum that counts as reached.", 1e-12, 1000, step=0.001),
    gnoise=Real(
        0.0,
        "Gradient noise",
        "Variance of the noise on the gradient, the same noise for all.",
        0,
        100,
        step=0.1,
        when=_on_surface,
    ),
    rsched=Choice("constant", "Schedule", "Learning rate by step.", KNOWN_BEFORE, when=_on_surface),
    rwarm=Whole(
        0,
        "Warm-up of the race",
        "Steps over which the learning rate rises at first.",
        0,
        1000,
        step=10,
        when=_on_surface,
    ),
    arrows=Choice(
        "all",
        "Arrows",
        "White: down the gradient. Black: the step that comes next.",
        {"none": "None", "all": "All"} | titled(OPTIMIZERS),
    ),
    rlog=Choice("log", "Heights", "How heights of the surface are drawn.", HEIGHTS),
    hy=Text("", "Settings of each optimizer", "Such as adam.beta1:0.5~lion.beta2:0.9.", 4000, control=ADDRESS),
    pin=PIN,
    at=AT,
    cover=COVER,
)
START = ("sx", "sy")
LOOKS = ("arrows", "rlog", "fair", "rate", "fxy")  #: that change no number of a race, or count by what they lead to


def acting(page: Any) -> Acting:
    """The settings of a run that act on the page: on a function none; beside a pinned run its own end is told, too."""
    if page.track != NETWORK:
        return only((), "A race on a function has settings of its own. Those of a run act on the track “The network”.")
    if page.pin:
        return EVERY
    of_racers = ("optimizer", "lr", *BESIDE["optimizer"], "patience")
    return all_but(of_racers, "The racers bring optimizer and learning rate along, and nobody stops early.")
