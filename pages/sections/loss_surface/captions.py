"""The loss surface in words: which plane this is, where it misleads, and whether the run is stable on it."""

import numpy as np
import streamlit as st

from engine.experiment import setting
from engine.landscape import LossSurface, Objective, Trajectory
from engine.landscape.stability import Stability, rate_at_limit
from engine.landscape.trajectories import TOLERANCE
from engine.training import Recording, optimizer_of
from pages.common.link.changes import change
from pages.common.sidebar.defaults import recommended
from pages.common.text import number, plain, short
from pages.figures.loss_surface.curves import VERDICTS
from pages.sections.loss_surface.settings import View

SAYS = {
    "stable": "In its last quarter the run stays below what its learning rate can take.",
    "oscillating": "In its last quarter the run overshoots along the sharpest direction and jumps from side to side.",
    "diverging": "The run overshoots by more each time: its loss grows.",
}


def stability_row(recording: Recording, found: Stability) -> None:
    """The verdict on the run, and the button that sets the learning rate to the limit."""
    verdict = VERDICTS[found.word]
    st.badge(found.word, icon=verdict.icon, color=verdict.badge, help=SAYS[found.word])
    experiment = recording.experiment
    optimizer = optimizer_of([experiment])
    at_start = found.word == "diverging"
    sharp = float(found.sharpness[0 if at_start else -1])
    where = "at the start of" if at_start else "at the end of"
    own = np.isfinite(found.limit).any()
    values = {} if own else {"optimizer": "sgd"} | recommended("sgd")
    rate = rate_at_limit(optimizer, sharp) if own else 2.0 / sharp if sharp > 0 else float("nan")
    field = setting("lr")
    if not field.low <= rate <= field.high:
        return
    values["lr"] = float(f"{rate:.4g}")
    said = f"The sharpness {where} this run is {number(sharp)}."
    if own:
        label = f"Set learning rate to the limit, {short(values['lr'])}"
        said += " A larger learning rate than this one overshoots there by more with every step."
    else:
        label = f"Gradient descent at its limit, {short(values['lr'])}"
        said += (
            f" {optimizer.title} rescales every direction and has no limit of this kind; gradient descent has one: 2/λ."
        )
    st.button(
        label, key="to_limit", icon=":material/speed:", type="tertiary", help=said, on_click=change, args=(values,)
    )


def titles_of(view: View, surface: LossSurface) -> tuple[str, str]:
    """What the two directions are called on the axes."""
    plane = surface.plane
    if plane.kind == "pca":
        return tuple(f"component {k + 1} ({share:.1%})" for k, share in enumerate(plane.explained))
    if plane.kind == "hessian":
        return tuple(f"sharpest {k + 1} (λ = {number(value, 3)})" for k, value in enumerate(plane.curvatures))
    if plane.kind == "weights":
        return tuple(f"change of {name}" for name in view.names)
    return "random direction 1", "random direction 2"


def plane_said(view: View, surface: LossSurface | None) -> str:
    """Which plane it is, for a caption."""
    if surface is None:
        return "The straight line from the first to the last key frame; the run itself goes its own way beside it."
    plane = surface.plane
    if plane.kind == "pca":
        return f"The two principal components of the path, {plane.centring}: the plane in which most of it lies."
    if plane.kind == "random":
        return (
            "Two random directions through the end of the run, each row as long as that row of the weights, so that a "
            f"distance of 1 changes a layer by as much as there is of it; their cosine is {number(plane.cosine, 2)}."
        )
    if plane.kind == "weights":
        first, second = map(plain, view.names)
        return f"Only {first} and {second} change; all others are frozen at the end of the run."
    words = "The two directions of largest curvature at the end of the run."
    return words if view.plane == "hessian" else f"The run leaves at once. {words}"


def fidelity_said(run: Trajectory, what: str) -> str:
    """Where the picture misleads, for a caption."""
    last, end = run.followed - 1, ""
    if run.followed < len(run.steps):
        end = f"After step {run.steps[last]:,} the run leaves the picture: its loss is beyond ten times the first."
    if not last:
        return end
    words = f"{run.explained:.1%} of the path's squared distances from the end lie in the {what}. "
    misled = int(run.misleads[: run.followed].sum())
    if not misled:
        return f"{words}At every key frame it shows the run's loss to within {TOLERANCE:.0%}. {end}"
    k = run.worst
    return (
        f"{words}**It misleads at {misled} of {run.followed} key frames**, most at step {run.steps[k]:,}: it shows a "
        f"loss of {number(run.projected_loss[k])} where the run had {number(run.loss[k])}. The ring at the end of the "
        f"stem is the run. {end}"
    )


def samples_said(objective: Objective) -> str:
    """On what the objective is taken, where that is not all of the training part."""
    used = objective.x.shape[1]
    if used == objective.total:
        return ""
    return f" The loss is taken on {used:,} of {objective.total:,} training samples, for speed."
