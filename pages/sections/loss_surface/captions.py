"""The loss surface in words: which plane this is, where it misleads, and whether the run is stable on it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st

from engine.diagnostics import Finding
from engine.diagnostics.at_limit import AtLimit, at_limit, at_limit_work
from engine.landscape import LossSurface, Objective, Trajectory
from engine.landscape.stability import Stability
from engine.landscape.trajectories import TOLERANCE
from engine.training import Recording, optimizer_of
from pages.common.app.head import Head
from pages.common.lesson.classroom import undecided
from pages.common.link.link import controlled
from pages.common.link.undo import change_at_once
from pages.common.runs.cache import kept, key_of
from pages.common.runs.verdict import verdict_badge
from pages.common.settings import Settings
from pages.common.text import number, percent, plain, short
from pages.sections.loss_surface.settings import View

SAYS = {  # by the line of the optimizer, or without one by the loss
    "stable": "In its last quarter the run stays below what its learning rate can take.",
    "oscillating": "In its last quarter the run overshoots along the sharpest direction and jumps from side to side.",
    "diverging": "The run overshoots and does not come back.",
}
SAYS_BY_LOSS = {
    "stable": "In its last quarter the loss on all samples seldom rises from one key frame to the next.",
    "oscillating": "In its last quarter the loss on all samples rises at many key frames.",
    "diverging": "The loss on all samples has left for good.",
}


def stability_badge(finding: Finding, found: Stability) -> None:
    """The verdict on the run, and what its sharpness adds."""
    by_limit = found.batch_sharpness is None and np.isfinite(found.limit).any()
    seldom_but_far = finding.word == "oscillating" and found.word == "stable" and not by_limit
    verdict_badge(finding, "" if seldom_but_far else (SAYS if by_limit else SAYS_BY_LOSS)[found.word])


def limit_button(recording: Recording, found: Stability, settings: Settings, head: Head) -> None:
    """The button that starts the run anew at its limit, with what came of that when it was tried."""
    if undecided():
        return
    tried = kept(
        ("at limit", *key_of(settings)),
        lambda progress: (at_limit(recording, found, progress),),
        lambda: at_limit_work(recording),
        head,
        "This run at its limit",
        settings=settings,
    )[0]
    if tried is not None:
        st.button(
            limit_said(tried),
            key="to_limit",
            icon=":material/speed:",
            type="tertiary",
            help=_limit_explained(recording, found, tried),
            on_click=_set,
            args=(tried.changes,),
        )


def limit_said(tried: AtLimit) -> str:
    """What the button does, and what comes of it, in the width of a phone."""
    who = "Gradient descent" if "optimizer" in tried.changes else "The run"
    share = {1.0: "", 0.5: "half of ", 0.25: "a quarter of "}[tried.share]
    return f"{who} starting at {share}its limit, rate {short(tried.changes['lr'])}: loss {number(tried.loss, 3)}"


def _limit_explained(recording: Recording, found: Stability, tried: AtLimit) -> str:
    full, sharp = found.batch_sharpness is None, number(found.settling[0][0])
    said = (
        f"Tried: it ends at loss {number(tried.loss, 3)}, this run at {number(recording.train_loss[-1], 3)}. "
        f"The {'sharpness' if full else 'batch sharpness'} at the start is {sharp}. "
    )
    if full:
        said += "A learning rate beyond the limit overshoots there by more with every step."
    else:
        said += "With small batches training tends to settle where it meets the line of the learning rate."
    if tried.share < 1:
        said += " At the limit itself the run ends higher than it began."
    if "optimizer" in tried.changes:
        optimizer = optimizer_of([recording.experiment])
        said += (
            f" {optimizer.title} rescales every direction and has no limit of this kind; gradient descent has one: "
            "2/sharpness."
        )
    return said


def _set(values: dict[str, Any]) -> None:
    change_at_once("“At its limit”", controlled(values))


def sharpness_said(recording: Recording, found: Stability) -> tuple[str, str]:
    """What the sharpness means for this run, for a caption: what to look at, and why."""
    first = (
        "Watch whether the sharpness, the largest curvature of the loss, reaches its limit. Above it a step along that "
        "direction ends farther from the bottom than it began."
    )
    if found.batch_sharpness is None:
        return first, (
            "The sharpness is the largest eigenvalue λmax of the Hessian; for gradient descent its limit is 2/η, with "
            "the learning rate η. Training often raises the sharpness to this line and stays there: the edge of "
            "stability."
        )
    return first, (
        f"Batches of {recording.experiment.batch:,} are fewer than the {len(recording.data.train):,} training "
        "samples, so the limit of the full batch (2/η, with momentum 2(1+β)/η) is not where this run settles. That is "
        "decided by the batch sharpness, the mean of gᵀHg/‖g‖² over batches with their own gradient g and Hessian H: "
        "2(1−β)/η for small batches, rising to 2(1+β)/η for large ones "
        "([Andreyev et al. 2026](https://arxiv.org/abs/2604.14108))."
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


def plane_said(view: View, surface: LossSurface | None, run: Trajectory) -> str:
    """Which plane it is, for a caption; its centre is the last point of the run that is followed."""
    if surface is None:
        return f"The straight line from the start to {_end_said(run)}; the run itself goes its own way beside it."
    plane, end = surface.plane, _end_said(run)
    if plane.kind == "pca":
        centre = plane.centring if run.followed == len(run.steps) else f"through {end}"
        return f"The two principal components of the path, {centre}: the plane in which most of it lies."
    if plane.kind == "random":
        return (
            f"Two random directions through {end}, each row as long as that row of the weights, so that a distance of "
            f"1 changes a layer by as much as there is of it; their cosine is {number(plane.cosine, 2)}."
        )
    if plane.kind == "weights":
        first, second = map(plain, view.names)
        return f"Only {first} and {second} change; all others are frozen at {end}."
    words = f"The two directions of largest curvature at {end}."
    return words if view.plane == "hessian" else f"The run leaves at once. {words}"


def _end_said(run: Trajectory) -> str:
    """Where a run is seen last."""
    if run.followed == len(run.steps):
        return "the end of the run"
    if run.followed == 1:
        return "the start of the run"
    return f"step {run.steps[run.followed - 1]:,}, the last before the run leaves"


def fidelity_said(run: Trajectory, what: str) -> str:
    """Where the picture misleads, for a caption."""
    last, end = run.followed - 1, ""
    if run.followed < len(run.steps):
        end = f"After step {run.steps[last]:,} the run leaves the picture: its loss is beyond ten times the first."
    if not last:
        return end
    words = (
        f"{run.explained:.1%} of the path's squared distances from the end lie in the {what}; of a random walk with as "
        f"many steps and dimensions it would be {run.by_chance:.0%}. "
    )
    misled = int(run.misleads[: run.followed].sum())
    if not misled:
        return f"{words}At every key frame it shows the run's loss to within {TOLERANCE:.0%}. {end}"
    k = run.worst
    return (
        f"{words}**It misleads at {misled} of {run.followed} key frames**, most at step {run.steps[k]:,}: it shows a "
        f"loss of {number(run.projected_loss[k])} where the run had {number(run.loss[k])}. The ring at the end of the "
        f"stem is the run. {end}"
    )


def surface_findings(
    run: Trajectory, sharp: np.ndarray, limit: np.ndarray, words: Sequence[str], what: str
) -> list[str]:
    """What is true at each key frame of a run, in a sentence for those who do not see the charts.

    Args:
        run: as the plane or the line shows it, F key frames.
        sharp: `[F]`, what settles: the sharpness, or that of the batches.
        limit: `[F]` of it; nan where the optimizer has none.
        words: stable, oscillating or diverging, F of them.
        what: "plane" or "line".
    """
    said = []
    for k, (own, line, word) in enumerate(zip(sharp, limit, words, strict=True)):
        against = f"{percent(own / line)} of its limit {number(line)}" if np.isfinite(line) else number(own)
        off = f"{percent(run.residual[k])} off the {what}"
        if k >= run.followed:
            off = "the run has left the picture"
        elif run.misleads[k]:
            off += f", which shows {number(run.projected_loss[k])}"
        said.append(f"Loss {number(run.loss[k])}. Sharpness {against}, {word}. {off[0].upper()}{off[1:]}")
    return said


def samples_said(objective: Objective) -> str:
    """On what the objective is taken, where that is not all of the training part."""
    used = objective.x.shape[1]
    if used == objective.total:
        return ""
    return f" The loss is taken on {used:,} of {objective.total:,} training samples, for speed."
