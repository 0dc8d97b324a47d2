"""Numbers and laws from papers: Cohen and others, Goh, Schoenholz and others."""

from collections.abc import Callable

import numpy as np

from engine.curvature import sharpness
from engine.depth import Deep
from engine.descent import descend
from engine.landscape import objective_of
from engine.lessons.lesson import Claim, Lesson, Look, Params, Source, experiment_of
from engine.lessons.measures import deep, ground, racer, run
from engine.mean_field import depth_scale, susceptibility
from engine.training import load, train

COHEN = Source(
    "Gradient descent on neural networks typically occurs at the edge of stability",
    "J. Cohen, S. Kaur, Y. Li, J. Z. Kolter, A. Talwalkar",
    2021,
    "https://arxiv.org/abs/2103.00065",
)
GOH = Source("Why momentum really works", "G. Goh", 2017, "https://distill.pub/2017/momentum/")
SCHOENHOLZ = Source(
    "Deep information propagation",
    "S. Schoenholz, J. Gilmer, S. Ganguli, J. Sohl-Dickstein",
    2017,
    "https://arxiv.org/abs/1611.01232",
)


def _of_limit(params: Params) -> np.ndarray:
    """λmax η / 2 at 31 key frames of the run, start to end."""
    recording = run(params)
    frames = np.linspace(0, len(recording.frames) - 1, 31).round().astype(int)
    return sharpness(objective_of(recording).gradient, recording.params[frames], 12) * recording.experiment.lr / 2


EDGE = Lesson(
    key="edge-of-stability",
    title="The edge of stability",
    chapter=5,
    page="loss_surface",
    params={
        "data": "sine",
        "samples": "50",
        "test": "0",
        "arch": "16-16",
        "loss": "mse",
        "optimizer": "sgd",
        "lr": "0.05",
        "steps": "6000",
    },
    system="Full-batch gradient descent on a small tanh network, squared error.",
    question="Gradient descent is stable while the sharpness is below 2/η. Where does training take the sharpness?",
    choices=(
        "It stays far below the line, where training is safe",
        "It rises to the line and stays there",
        "It rises through the line, and training diverges",
    ),
    answer=1,
    watch=(
        Look("The sharpness starts below the dashed line of this learning rate.", "sharpness", 0),
        Look("It climbs to the line and hovers there.", "sharpness"),
        Look("The loss jitters meanwhile, and still falls.", "gap"),
    ),
    why=(
        "Descent moves towards sharper ground as long as that is stable; beyond the line the steps would bounce out of "
        "the valley, which brings them back. So the sharpness ends at {settled:.2f} of the line, from "
        "{start:.2f} at the start. Nobody chose that number: the learning rate did."
    ),
    claims=(
        Claim(
            name="start",
            words="sharpness over 2/η at the start: below one",
            of=lambda params: _of_limit(params)[0],
            expected=0.5,
            tolerance=0.4,
            source=COHEN,
        ),
        Claim(
            name="settled",
            words="sharpness over 2/η, the mean over the last third of the run",
            of=lambda params: _of_limit(params)[-10:].mean(),
            expected=1.0,
            tolerance=0.05,
            source=COHEN,
        ),
    ),
    covered=("sharpness", "gap"),
)


def _kept_a_step(name: str) -> Callable[[Params], float]:
    """What a step multiplies the distance with, late in the run, where it no longer depends on the start."""

    def of(params: Params) -> float:
        surface, start = ground(params)
        points = descend(surface, start, racer(name, params), 400).params
        distance = np.hypot(points[:, 0], points[:, 1])
        return (distance[400] / distance[200]) ** (1 / 200)

    return of


MOMENTUM = Lesson(
    key="best-momentum",
    title="The best momentum there is",
    chapter=5,
    page="optimizers",
    params={
        "track": "quadratic_valley",
        "kap": "100",
        "ang": "30",
        "racers": "sgd-momentum",
        "fair": "same",
        "rate": "0.0198",
        "rsteps": "300",
        "hy": "momentum.lr:0.0330578512~momentum.momentum:0.6694214876",
    },
    system="A quadratic valley with condition number κ; α = (2/(√λ1 + √λn))², β = ((√κ-1)/(√κ+1))².",
    question="In a valley {kap} times steeper across than along, both have their best rates. What does momentum buy?",
    choices=(
        "Nothing: at its best rate plain descent is as fast",
        "A fixed factor of two or so",
        "It puts the root of the condition number in the place of the condition number",
    ),
    answer=2,
    watch=(
        Look("Plain descent comes down in a straight line on a log axis, and slowly.", "race-loss"),
        Look("Momentum is at the bottom long before.", "race-loss", 100),
        Look("Its path overshoots and swings, and that is what the best momentum looks like.", "race-map", 30),
    ),
    why=(
        "With every step the best plain descent keeps {plain:.3f} of the distance, by theory (κ - 1)/(κ + 1). The best "
        "momentum keeps {factor:.3f} of it, by theory (√κ - 1)/(√κ + 1): it needs about √κ times fewer steps."
    ),
    claims=(
        Claim(
            name="factor",
            words="what a step with momentum multiplies the distance to the bottom with",
            of=_kept_a_step("momentum"),
            expected=9 / 11,
            tolerance=0.01,
            source=GOH,
        ),
        Claim(
            name="plain",
            words="the same without momentum",
            of=_kept_a_step("sgd"),
            expected=99 / 101,
            tolerance=0.0001,
            source=GOH,
        ),
    ),
    covered=("race-map", "race-loss", "race-distance"),
)

DEPTHS = range(2, 11)  #: in depth scales ξ


def _reach(params: Params, seed: int) -> float:
    """The deepest network, in ξ, that gets more than half of the images right."""
    network, base = deep(params), experiment_of(params).replace(seed=seed)
    data, scale = load(base), float(depth_scale(_chi(network)))
    reached = [scales for scales in DEPTHS if _accuracy(network.replace(depth=round(scales * scale)), base, data) > 0.5]
    return max(reached, default=0)


def _chi(network: Deep) -> float:
    return float(susceptibility(network.activation, network.weight_variance, network.bias_variance))


def _accuracy(network: Deep, base, data) -> float:
    built = network.network(len(data.x), len(data.class_names), base)
    return float(train(base, data=data, network=built, frames=2).train_accuracy[-1])


REACH = Lesson(
    key="trainable-depth",
    title="How deep a network can be trained",
    chapter=5,
    page="depth",
    params={
        "depth": "18",
        "width": "32",
        "phi": "tanh",
        "sw2": "0.7",
        "sb2": "0.05",
        "fix": "critical",
        "dview": "training",
        "data": "digits",
        "samples": "300",
        "test": "0",
        "optimizer": "sgd",
        "lr": "0.3",
        "steps": "200",
        "batch": "32",
    },
    system="Deep tanh networks with σb² = .05 and many σw²: they train to a depth of about 6 ξ, the depth scale.",
    question="Over one depth scale a signal forgets most of its input. How deep can a network be and still learn?",
    choices=("Any depth, if one waits", "One depth scale", "About six depth scales", "A hundred depth scales"),
    answer=2,
    watch=(
        Look("At {depth} layers the dark rows get no gradient.", "heat0"),
        Look("Its loss does not fall; at the edge of chaos, where the scale is infinite, it does.", "loss"),
    ),
    why=(
        "The difference between two inputs shrinks by e with every depth scale ξ. After six of them a few thousandths "
        "are left, and neither signal nor gradient says which input it was. At the edge of chaos ξ is infinite, and "
        "the same depth trains."
    ),
    claims=(
        Claim(
            name="reach",
            words="deepest network that learns, in depth scales ξ",
            of=lambda params: np.array([_reach(params, seed) for seed in range(3)]),
            expected=6.0,
            tolerance=1.0,
            source=SCHOENHOLZ,
            draw=True,
            quick=False,
        ),
    ),
    covered=("heat0", "heat1", "loss", "layers"),
)

LESSONS = (EDGE, MOMENTUM, REACH)
