"""Everything that defines a run, in one frozen description.

An `Experiment` says which data, which network, which loss and which optimizer; `engine.train` turns it into a
`Recording`. Two equal experiments give bitwise equal recordings. The description is also the document: it writes
itself as the parameters of a link (`to_params`, full and explicit, so that a later change of a default cannot change
an old link) and reads itself back (`from_params`, which never raises: what it cannot take it lists in `problems`).
"""

import dataclasses
from collections.abc import Mapping
from typing import Any, Self

from engine.activations import ACTIVATIONS
from engine.datasets import DATASETS, FEATURES
from engine.experiment.fields import (
    Field,
    Rejected,
    automatic,
    choice,
    field_of,
    read,
    real,
    several,
    truth,
    whole,
    widths,
)
from engine.experiment.options import HYPER, hyper
from engine.initializers import INITIALIZERS
from engine.losses import LOSSES
from engine.optimizers import OPTIMIZERS
from engine.schedules import SCHEDULES

VERSION = 1  #: of the link format
REGRESSION_LOSSES = ("squared_error", "mse", "mae", "huber", "log_cosh")
LOGIT_LOSSES = tuple(name for name, loss in LOSSES.items() if loss.from_logits)
ALIASES = {
    "loss": {
        "bce": "binary_cross_entropy",
        "softmax": "softmax_cross_entropy",
        "cross_entropy": "softmax_cross_entropy",
        "squared": "squared_error",
        "logcosh": "log_cosh",
    },
    "act": {"leaky": "leaky_relu"},
}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Experiment:
    """One run, fully described. Raises `ValueError` naming the argument, the value and what is allowed.

    `loss` left empty means the usual loss for the data: binary cross-entropy for two classes, softmax cross-entropy
    for more, squared error for regression. `samples` left out are 200 of the sets that are drawn, and all of digits
    and tables. A hyper-parameter left out is the optimizer's own: PyTorch's default.
    """

    data: str = choice("circle", tuple(DATASETS), "What the network learns: a classic set, digits, or your own table.")
    samples: int = whole(None, 4, 100_000, "Number of points drawn (digits and CSV: the most that are used).")
    noise: float = real(0.1, 0, 1, "Spread of the points around the pattern, relative to its size.")
    test: float = real(0.25, 0, 0.9, "Share of the points held back to test on; 0 trains on all of them.")
    features: tuple[str, ...] = several(("x1", "x2"), tuple(FEATURES), "Inputs made from the coordinates x1 and x2.")

    arch: tuple[int, ...] = widths((8, 8), 1, 512, 100, "Units in each hidden layer, input to output: 8-8.")
    act: tuple[str, ...] = several(
        ("tanh",), tuple(ACTIVATIONS), "Activation of all hidden layers, or one for each: tanh-relu."
    )
    out: str = choice("linear", tuple(ACTIVATIONS), "Activation of the output (losses on logits need linear).")
    init: str = choice("xavier", tuple(INITIALIZERS), "How the weights are drawn before the first step.")
    scale: float = real(1.0, 0, 100, "Factor on the initial weights (normal: their standard deviation).")
    bias: float = real(0.0, -100, 100, "Initial value of every bias of a hidden layer.")
    norm: str = choice("none", ("none", "batch", "layer"), "Normalise each hidden layer before its activation.")
    residual: str = choice(
        "none",
        ("none", "plain", "scaled", "gated"),
        "Add the layer's input to its output where the widths agree.",
    )
    dropout: float = real(0.0, 0, 0.95, "Share of the hidden units silenced at random in each training step.")

    loss: str = choice("", ("", *LOSSES), "What descent makes small.")
    smoothing: float = real(0.0, 0, 0.99, "Share of each label that is spread evenly over all classes.")
    delta: float = real(1.0, 1e-6, 1e6, "Error δ up to which the loss is a parabola; beyond, it is a straight line.")
    focal: float = real(2.0, 0, 20, "Focus γ: how little counts what is right already; 0 is cross-entropy.")
    l1: float = real(0.0, 0, 10, "L1 penalty: adds λ·Σ|w| over the weights to the loss.")
    l2: float = real(0.0, 0, 10, "L2 penalty: adds λ/2·Σw² over the weights to the loss.")

    optimizer: str = choice("adam", tuple(OPTIMIZERS), "The rule that turns a gradient into an update.")
    lr: float = real(0.03, 1e-8, 1000, "Learning rate: the length of a step relative to the gradient.")
    momentum: float = real(None, 0, 0.9999, "Share of the last step that is kept.")
    nesterov: bool = truth(None, "Look ahead along the momentum before stepping.")
    dampening: float = real(None, 0, 0.9999, "Share of the new gradient that is left out of the momentum buffer.")
    alpha: float = real(None, 0, 0.99999, "Memory of the running mean of squared gradients.")
    centered: bool = truth(None, "Divide by the deviation of the gradients from their running mean, not by their size.")
    beta1: float = real(None, 0, 0.9999, "Memory of the running mean of gradients.")
    beta2: float = real(None, 0, 0.99999, "Memory of the running mean of squared gradients.")
    eps: float = real(None, 1e-16, 1, "Keeps the division finite where the squared gradients are tiny.")
    rho: float = real(None, 0, 0.99999, "Memory of the running means of squared gradients and updates.")
    momentum_decay: float = real(None, 0, 1, "How fast the momentum rises from half of β1 to β1.")
    lr_decay: float = real(None, 0, 100, "Decay δ of the learning rate: step t divides it by 1 + (t-1)δ.")
    initial_accumulator_value: float = real(None, 0, 1e6, "Where the sum of squared gradients starts.")
    etaminus: float = real(None, 0.01, 0.99, "Factor on a parameter's step size when its gradient changes sign.")
    etaplus: float = real(None, 1.001, 10, "Factor on a parameter's step size while its gradient keeps its sign.")
    step_size_min: float = real(None, 0, 1000, "Smallest step size of a parameter.")
    step_size_max: float = real(None, 1e-8, 1e6, "Largest step size of a parameter.")
    history_size: int = whole(None, 1, 500, "How many past steps the curvature is estimated from.")
    damping: float = real(None, 0, 1e6, "Added to every curvature: larger is shorter and safer.")
    decay: float = real(None, 0, 10, "Weight decay of the optimizer: pulls every parameter to zero.")
    schedule: str = choice("constant", tuple(SCHEDULES), "How the learning rate changes over the run.")
    gamma: float | None = automatic(
        real(None, 1e-6, 0.99999, "Factor of each drop of the learning rate; empty for one that suits the run.")
    )
    period: int | None = automatic(
        whole(None, 1, 20_000, "Steps between drops, of a cycle, or to the end; empty for a length that suits the run.")
    )
    power: float = real(1.0, 0.01, 100, "Exponent of the way down: 1 is a straight line.")
    stretch: int = whole(1, 1, 100, "Factor by which each cycle is longer than the one before.")
    floor: float | None = automatic(
        real(None, 0, 1, "Lowest rate as a share of the learning rate; empty for the schedule's own.")
    )
    plateau: int = whole(10, 0, 20_000, "Epochs without a better training loss before the rate drops.")
    threshold: float = real(1e-4, 0, 0.99, "Share by which a loss must be lower to count as better.")
    warmup: int = whole(0, 0, 20_000, "Steps over which the learning rate first rises from near zero.")
    clip: float = real(0.0, 0, 1e6, "Largest gradient let through; 0 for no clipping.")
    clip_by: str = choice("norm", ("norm", "value"), "Clip the whole gradient's norm, or each entry.")
    gradient_noise: float = real(0.0, 0, 10, "Variance η of the noise added to the gradient, fading as (1+t)^-0.55.")

    batch: int = whole(0, 0, 5000, "Training samples for each step; 0 takes all of them.", words={"full": 0})
    steps: int = whole(300, 1, 20_000, "Updates of the parameters.")
    patience: int = whole(0, 0, 20_000, "Stop early after so many steps without a better test loss; 0 never stops.")
    seed: int = whole(0, 0, 2**31 - 1, "Seed of everything random: points, split, weights, batches.")

    problems: tuple[str, ...] = dataclasses.field(default=(), compare=False, repr=False)

    def __post_init__(self):
        for key in KEYS:
            value = getattr(self, key)
            value = hyper(self.optimizer)[key] if value is None and key in HYPER else value
            value = DATASETS[self.data].samples if value is None and key == "samples" else value
            try:
                object.__setattr__(self, key, field_of(type(self), key).check(value))
            except Rejected as problem:
                raise ValueError(f"{key}={value!r} {problem}") from None
        if not self.loss:
            object.__setattr__(self, "loss", default_loss(self.data))
        for key, reason, _ in conflicts(self):
            raise ValueError(f"{key}={getattr(self, key)!r} {reason}")

    @property
    def activations(self) -> tuple[str, ...]:
        """The activation of every hidden layer, in order."""
        return self.act * len(self.arch) if len(self.act) == 1 else self.act

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> Self:
        """The experiment that a link describes; never raises.

        Unknown names, empty, malformed and out-of-range values fall back to the nearest valid value (the default where
        there is none near), and each is one sentence in `problems`.
        """
        values: dict[str, Any] = {}
        problems = [f"{key}: is not a setting; it was ignored" for key in params if key not in (*KEYS, "v")]
        if str(params.get("v", VERSION)) != str(VERSION):
            problems.append(
                f"v: {str(params['v'])[:40]!r} is not a known version of the link; it was read as {VERSION}"
            )
        for key in KEYS:
            if key in params:
                text, default = _unalias(key, params[key]), usual(**_choices(values))[key]
                values[key], problem = read(field_of(cls, key), text, default)
                if problem:
                    problems.append(f"{key}: {problem}")
        draft = usual(**_choices(values)) | values
        for key, reason, mended in conflicts(_Draft(**draft)):
            problems.append(f"{key}: {reason}; {field_of(cls, key).format(mended)} is used")
            draft[key] = mended
        return cls(**draft, problems=tuple(problems))

    def to_params(self) -> dict[str, str]:
        """Every setting as text, defaults included, with the version of the link format as `v`."""
        settings = {key: field_of(type(self), key).format(getattr(self, key)) for key in KEYS}
        return settings | {"v": str(VERSION)}

    def replace(self, **changes: Any) -> Self:
        """A copy with some settings changed; what is usual for the data or the optimizer changes along with them."""
        follow: dict[str, Any] = {}
        if "data" in changes and self.loss == default_loss(self.data):
            follow["loss"] = ""
        if "data" in changes and self.samples == DATASETS[self.data].samples:
            follow["samples"] = None
        if "optimizer" in changes:
            own = hyper(self.optimizer)
            follow |= {key: None for key in HYPER if getattr(self, key) == own[key]}
        return dataclasses.replace(self, problems=(), **(follow | changes))


class _Draft:
    """Settings that have not yet been checked against each other."""

    def __init__(self, **settings: Any):
        self.__dict__.update(settings)


def default_loss(data: str) -> str:
    """The usual loss for a data set."""
    spec = DATASETS[data]
    if spec.task == "regression":
        return "squared_error"
    return "binary_cross_entropy" if spec.n_classes == 2 else "softmax_cross_entropy"


def usual(data: str, optimizer: str) -> dict[str, Any]:
    """Every other setting as it is where nothing is said of it, beside a data set and an optimizer."""
    return DEFAULTS | hyper(optimizer) | {"loss": default_loss(data), "samples": DATASETS[data].samples}


def losses_for(task: str) -> tuple[str, ...]:
    """The losses that suit a task, "classification" or "regression"."""
    return REGRESSION_LOSSES if task == "regression" else tuple(LOSSES)


def conflicts(settings: Any) -> list[tuple[str, str, Any]]:
    """Settings that are each valid but not together: `(key, reason, the value that would do)`."""
    found: list[tuple[str, str, Any]] = []
    if settings.data != "csv" and settings.loss not in losses_for(DATASETS[settings.data].task):
        usual = default_loss(settings.data)
        found.append(("loss", f"does not suit the data set {settings.data}, whose target is a number", usual))
    loss = found[0][2] if found else settings.loss
    if loss in LOGIT_LOSSES and settings.out != "linear":
        found.append(("out", f"must be linear, because {loss} works on logits", "linear"))
    if len(settings.act) not in (1, len(settings.arch)):
        found.append(
            (
                "act",
                f"must name one activation, or one for each of {len(settings.arch)} hidden layers",
                settings.act[:1],
            )
        )
    spec = DATASETS[settings.data]
    if spec.draw and settings.samples > spec.max_samples:
        found.append(("samples", f"must be at most {spec.max_samples} of {settings.data}", spec.max_samples))
    if settings.patience and not settings.test:
        found.append(("patience", "must be 0 where nothing is held back to test on", 0))
    if settings.step_size_min > settings.step_size_max:
        most = settings.step_size_max
        found.append(("step_size_min", f"must be at most the largest step size, {most:g}", most))
    return found


def setting(key: str) -> Field:
    """Range, options and help of one setting."""
    return field_of(Experiment, key)


def _choices(settings: Mapping[str, Any]) -> dict[str, str]:
    return {key: settings.get(key, DEFAULTS[key]) for key in ("data", "optimizer")}


def _unalias(key: str, text: Any) -> Any:
    names = ALIASES.get(key)
    return "-".join(names.get(part, part) for part in text.split("-")) if names and isinstance(text, str) else text


KEYS: tuple[str, ...] = tuple(f.name for f in dataclasses.fields(Experiment) if "field" in f.metadata)
DEFAULTS: dict[str, Any] = {f.name: f.default for f in dataclasses.fields(Experiment) if "field" in f.metadata}
DEFAULTS |= HYPER | {"samples": DATASETS[DEFAULTS["data"]].samples}
