"""Inputs on very different scales: the condition number before standardising them, and after."""

import numpy as np

from engine.curvature import hessian
from engine.landscape import objective_of
from engine.lessons.lesson import HERE, Claim, Lesson, Look, Params, Source
from engine.lessons.measures import run

EFFICIENT = Source(
    "Efficient BackProp", "Y. LeCun, L. Bottou, G. Orr, K.-R. Müller", 1998, "https://doi.org/10.1007/3-540-49430-8_2"
)
#: A share and an age, and what is to be learnt: about 3 times the one plus a twentieth of the other.
ROWS = (
    "0.64,11:2.34;0.27,16:1.76;0.04,44:2.45;0.02,42:2.24;0.81,41:4.51;0.91,29:4.15;0.61,60:4.98;0.73,59:5.34;"
    "0.54,44:4;0.94,43:5.1;0.82,44:4.7;0,29:1.33;0.86,17:3.43;0.03,46:2.46;0.73,36:3.86;0.18,26:1.88;0.86,34:4.32;"
    "0.54,54:4.39;0.3,57:3.63;0.42,28:2.59"
)


def _condition(params: Params) -> float:
    """The largest over the smallest eigenvalue of the Hessian, which is the same everywhere."""
    recording = run(params)
    values = np.linalg.eigvalsh(hessian(objective_of(recording).gradient, recording.params[0]))
    return values[-1] / values[0]


def _other_units(params: Params) -> float:
    """The largest difference between the losses of this run and of one with the second input in other units."""
    rows = [row.split(",") for row in params["rows"].split(";")]
    scaled = [(first, *second.split(":")) for first, second in rows]
    months = ";".join(f"{first},{12 * float(second):g}:{target}" for first, second, target in scaled)
    return np.abs(run({**params, "rows": months}).loss - run(params).loss).max()


def _last(params: Params) -> float:
    """The loss at the end."""
    return run(params).loss[-1]


RAW = Lesson(
    key="raw-inputs",
    title="Inputs on different scales",
    chapter=2,
    page="loss_surface",
    params={
        "data": "rows",
        "rows": ROWS,
        "standardise": "0",
        "arch": "none",
        "init": "zeros",
        "loss": "mse",
        "optimizer": "sgd",
        "lr": "0.0006",
        "steps": "500",
        "plane": "weights",
        "wa": "W1[1,1]",
        "wb": "W1[1,2]",
    },
    system="A linear neuron with two inputs, one a share below one, the other an age in years.",
    question="One input is a share, the other an age up to sixty. What does descent do at its largest stable rate?",
    choices=(
        "It finds both weights in the same number of steps",
        "It finds the weight of the age at once, and that of the share hardly moves",
        "It finds the weight of the share first, because its numbers are small",
    ),
    answer=1,
    watch=(
        Look("The ground is a gorge: steep across, almost flat along.", "ground", 0),
        Look("The path jumps to the floor of the gorge, and stays there.", "map"),
        Look("The loss falls in a few steps, and then hardly at all.", "gap"),
    ),
    why=(
        "The curvature along a weight is the mean square of its input: for the age more than a thousand times that for "
        "the share. The condition number is {condition:,.0f}; the steepest direction limits the rate, and along the "
        "flattest one that rate does next to nothing. After {steps} steps the loss is still {last:.2f}."
    ),
    claims=(
        Claim(
            name="condition",
            words="condition number: largest over smallest curvature",
            of=_condition,
            expected=25584,
            tolerance=0.01,
            relative=True,
            source=Source("Eigenvalues of the Hessian 2 X Xᵀ/N, with a row of ones in X for the bias"),
        ),
        Claim(
            name="last",
            words="loss at the end",
            of=_last,
            expected=1.0,
            tolerance=0.05,
            source=HERE,
        ),
    ),
    covered=("ground", "map", "gap"),
)

STANDARDISED = RAW.replace(
    key="standardised-inputs",
    title="The same inputs, standardised",
    params={"standardise": "1", "lr": "0.5", "steps": "30"},
    system="The same rows, with both inputs brought to mean zero and deviation one.",
    question="Both inputs are brought to mean zero and deviation one. How does the same loss look now?",
    choices=(
        "Still a gorge, only smaller",
        "Round: all directions are curved alike",
        "Flat: the inputs are so small now",
    ),
    answer=1,
    watch=(
        Look("A round bowl.", "ground", 0),
        Look("The path goes straight to the bottom.", "map"),
        Look("In a handful of steps.", "gap", 5),
    ),
    why=(
        "The condition number is {condition:.2f}, so that one rate suits all directions; after {steps} steps the loss "
        "is {last:.4f}, which is the noise. And the units no longer matter: with the age in months instead of years "
        "the path is the same, to {units:.0e}."
    ),
    claims=(
        Claim(
            name="condition",
            words="condition number: largest over smallest curvature",
            of=_condition,
            expected=1.041,
            tolerance=0.001,
            source=EFFICIENT,
        ),
        Claim(name="last", words="loss at the end", of=_last, expected=0.00896, tolerance=0.0001, source=HERE),
        Claim(
            name="units",
            words="largest change of the loss where the age is given in months",
            of=_other_units,
            expected=0.0,
            tolerance=1e-12,
            source=Source("What is standardised does not depend on its unit"),
        ),
    ),
)

LESSONS = (RAW, STANDARDISED)
