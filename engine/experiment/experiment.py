"""Everything that defines a run, in one frozen description.

An `Experiment` says which data, which network, which loss and which optimizer; `engine.train` turns it into a
`Recording`. Two equal experiments give bitwise equal recordings. The description is also the document: it writes
itself as the parameters of a link (`to_params`, full and explicit, so that a later change of a default cannot change
an old link) and reads itself back (`from_params`, which never raises: what it cannot take it lists in `problems`).
What it takes and cannot use, a momentum beside plain descent, it lists in `ignored`.
`SETTINGS` is the table of all there is to set; what optimizers, losses and schedules declare themselves is taken over.
"""

import dataclasses
from collections.abc import Mapping, Set
from types import SimpleNamespace
from typing import Any, Self

from engine.activations import ACTIVATIONS
from engine.datasets import DATASETS, FEATURES, Dataset
from engine.experiment.ignored import idle
from engine.experiment.options import BESIDE, OPTIONS, RATES, hyper
from engine.experiment.settings import Choice, Real, Rejected, Setting, Several, Whole, Widths, in_code, keyed, quoted
from engine.initializers import INITIALIZERS
from engine.losses import LOSSES
from engine.optimizers import OPTIMIZERS
from engine.optimizers.hyperparameters import hyper_parameters
from engine.schedules import SCHEDULES

VERSION = 1  #: of the link format
USUAL = "auto"  #: the loss that is usual for the data, of a table that is not known yet
REGRESSION_LOSSES = tuple(name for name, loss in LOSSES.items() if loss.for_numbers)
LOGIT_LOSSES = tuple(name for name, loss in LOSSES.items() if loss.from_logits)
LOSS_WORDS = {
    "bce": "binary_cross_entropy",
    "softmax": "softmax_cross_entropy",
    "cross_entropy": "softmax_cross_entropy",
    "squared": "squared_error",
    "logcosh": "log_cosh",
}


def _is_drawn(values: Any) -> bool:
    return bool(DATASETS[values.data].domain)


_NAMES = tuple(ACTIVATIONS)
SETTINGS: dict[str, Setting] = keyed(
    data=Choice(
        "circle", "Data set", "What the network learns: a classic set, digits, or your own table.", tuple(DATASETS)
    ),
    samples=Whole(
        DATASETS["circle"].samples,
        "Points",
        "Number of points drawn (digits and CSV: the most that are used).",
        4,
        100_000,
        step=50,
    ),
    noise=Real(
        0.1,
        "Noise",
        "Spread of the points around the pattern, relative to its size.",
        0,
        1,
        step=0.05,
        control="slider",
        when=_is_drawn,
    ),
    test=Real(
        0.25,
        "Test part",
        "Share of the points held back to test on; 0 trains on all of them.",
        0,
        0.9,
        step=0.05,
        control="slider",
    ),
    features=Several(
        ("x1", "x2"), "Inputs", "Inputs made from the coordinates x1 and x2.", tuple(FEATURES), when=_is_drawn
    ),
    arch=Widths((8, 8), "Hidden layers", "Units in each hidden layer, input to output: 8-8.", 1, 512, 100),
    act=Several(
        ("tanh",),
        "Activation",
        "Activation of all hidden layers, or one for each: tanh-relu.",
        _NAMES,
        words={"leaky": "leaky_relu"},
        control="choice",
    ),
    out=Choice(
        "linear",
        "Output activation",
        "Activation of the output (losses on logits need linear).",
        _NAMES,
        when=lambda values: values.loss not in (USUAL, *LOGIT_LOSSES),
    ),
    init=Choice("xavier", "Initialisation", "How the weights are drawn before the first step.", tuple(INITIALIZERS)),
    scale=Real(
        1.0, "Weight scale", "Factor on the initial weights (normal: their standard deviation).", 0, 100, step=0.1
    ),
    bias=Real(0.0, "Initial bias", "Initial value of every bias of a hidden layer.", -100, 100, step=0.1),
    norm=Choice(
        "none", "Normalisation", "Normalise each hidden layer before its activation.", ("none", "batch", "layer")
    ),
    residual=Choice(
        "none",
        "Residual",
        "Add the layer's input to its output where the widths agree.",
        ("none", "plain", "scaled", "gated"),
    ),
    dropout=Real(
        0.0,
        "Dropout",
        "Share of the hidden units silenced at random in each training step.",
        0,
        0.95,
        step=0.05,
        control="slider",
    ),
    loss=Choice(USUAL, "Loss", "What descent makes small.", (USUAL, *LOSSES), words=LOSS_WORDS),
    **BESIDE["loss"],
    l1=Real(0.0, "L1 penalty", "L1 penalty: adds λ·Σ|w| over the weights to the loss.", 0, 10, step=0.001),
    l2=Real(0.0, "L2 penalty", "L2 penalty: adds λ/2·Σw² over the weights to the loss.", 0, 10, step=0.001),
    optimizer=Choice("adam", "Optimizer", "The rule that turns a gradient into an update.", tuple(OPTIMIZERS)),
    lr=RATES["adam"],
    **BESIDE["optimizer"],
    schedule=Choice("constant", "Schedule", "How the learning rate changes over the run.", tuple(SCHEDULES)),
    **BESIDE["schedule"],
    warmup=Whole(
        0, "Warm-up steps", "Steps over which the learning rate first rises from near zero.", 0, 20_000, step=10
    ),
    clip=Real(0.0, "Clip gradient at", "Largest gradient let through; 0 for no clipping.", 0, 1e6, step=0.5),
    clip_by=Choice(
        "norm",
        "Clip by",
        "Clip the whole gradient's norm, or each entry.",
        ("norm", "value"),
        when=lambda values: values.clip > 0,
    ),
    gradient_noise=Real(
        0.0,
        "Gradient noise η",
        "Variance η of the noise added to the gradient, fading as (1+t)^-0.55.",
        0,
        10,
        step=0.01,
    ),
    batch=Whole(
        0,
        "Batch",
        "Training samples for each step; 0 takes all of them.",
        0,
        5000,
        step=1,
        words={"full": 0},
        options=("full", "1", "8", "16", "32", "64", "128"),
        control="open",
    ),
    steps=Whole(300, "Steps", "Updates of the parameters.", 1, 20_000, step=100),
    patience=Whole(
        0, "Patience", "Stop early after so many steps without a better test loss; 0 never stops.", 0, 20_000, step=10
    ),
    seed=Whole(0, "Seed", "Seed of everything random: points, split, weights, batches.", 0, 2**31 - 1, step=1),
)
KEYS: tuple[str, ...] = tuple(SETTINGS)
DEFAULTS: dict[str, Any] = {key: setting.default for key, setting in SETTINGS.items()}

#: What follows from the data and the optimizer, unless it is said.
FOLLOWING = ("samples", "loss", *BESIDE["optimizer"])

_Values = dataclasses.make_dataclass(
    "_Values",
    [(key, Any, None if key in FOLLOWING else default) for key, default in DEFAULTS.items()],
    frozen=True,
    kw_only=True,
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Experiment(_Values):
    """One run, fully described by the settings of `SETTINGS`, each an argument and an attribute.

    `loss` left out means the usual loss for the data: binary cross-entropy for two classes, softmax cross-entropy for
    more, squared error for regression; of a table that is still to come it is "auto", until `on` has met the table.
    `samples` left out are 200 of the sets that are drawn, and all of digits and tables. A hyper-parameter left out is
    the optimizer's own: PyTorch's default. Raises `ValueError` naming the argument, the value and what is allowed.

    `problems` are sentences on what a link said and was not taken, or not used.
    """

    problems: tuple[str, ...] = dataclasses.field(default=(), compare=False, repr=False)
    _given: frozenset[str] = dataclasses.field(default=frozenset(), compare=False, repr=False, init=False)

    def __post_init__(self):
        for key in ("data", "optimizer"):
            self._set(key, getattr(self, key), SETTINGS[key])
        declared, expected = SETTINGS | OPTIONS["optimizer"][self.optimizer], usual(self.data, self.optimizer)
        left_out = {key for key in FOLLOWING if isinstance(getattr(self, key), str | None) and not getattr(self, key)}
        for key in KEYS:
            self._set(key, expected[key] if key in left_out else getattr(self, key), declared[key])
        for key, reason, _ in conflicts(self):
            raise ValueError(f"{key}={getattr(self, key)!r} {reason}")
        object.__setattr__(self, "_given", frozenset(KEYS) - left_out)

    def _set(self, key: str, value: Any, setting: Setting) -> None:
        try:
            object.__setattr__(self, key, setting.check(value))
        except Rejected as problem:
            raise ValueError(f"{key}={in_code(value)} {problem}") from None

    @property
    def ignored(self) -> tuple[str, ...]:
        """A sentence on each setting that was given and cannot act beside the others."""
        return tuple(unused(self, self._given).values())

    @property
    def activations(self) -> tuple[str, ...]:
        """The activation of every hidden layer, in order."""
        return self.act * len(self.arch) if len(self.act) == 1 else self.act

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> Self:
        """The experiment that a link describes; never raises.

        Unknown names, empty, malformed and out-of-range values fall back to the nearest valid value (the default where
        there is none near), and each is one sentence in `problems`. So is each that cannot act beside the others,
        unless the link is a full one, with `v`, which names them all.
        """
        problems = [f"{quoted(key)} is not a setting; it was ignored" for key in params if key not in (*KEYS, "v")]
        if "v" in params and quoted(params["v"]) != quoted(VERSION):
            problems.append(f"v: {quoted(params['v'])} is not a known version of the link; it was read as {VERSION}")
        chosen = {key: SETTINGS[key].read(params.get(key, DEFAULTS[key]))[0] for key in ("data", "optimizer")}
        expected, declared = usual(**chosen) | chosen, SETTINGS | OPTIONS["optimizer"][chosen["optimizer"]]
        values, mended = dict(expected), set()
        for key in KEYS:
            if key in params:
                values[key], problem = declared[key].read(params[key], values[key])
                if problem:
                    problems.append(f"{key}: {problem}")
                    mended.add(key)
        for key, reason, value in conflicts(SimpleNamespace(**values)):
            problems.append(f"{key}: {reason}; {SETTINGS[key].format(value)} is used")
            values[key] = value
            mended.add(key)
        said = {key for key in KEYS if values[key] != expected[key] or (key in params and "v" not in params)}
        if "v" not in params:
            problems += unused(SimpleNamespace(**values), said - mended).values()
        return cls(**chosen | {key: values[key] for key in said}, problems=tuple(problems))

    def to_params(self) -> dict[str, str]:
        """Every setting as text, defaults included, with the version of the link format as `v`."""
        return {key: setting.format(getattr(self, key)) for key, setting in SETTINGS.items()} | {"v": str(VERSION)}

    def replace(self, **changes: Any) -> Self:
        """A copy with some settings changed; what is usual for the data or the optimizer changes along with them."""
        before = usual(self.data, self.optimizer)
        follow = {key: None for key in FOLLOWING if getattr(self, key) == before[key]}
        return dataclasses.replace(self, problems=(), **(follow | changes))

    def on(self, data: Dataset) -> Self:
        """The same experiment where its data are known: a loss that was left to them is the usual one for them."""
        classes = None if data.labels is None else len(data.class_names)
        return self if self.loss != USUAL else self.replace(loss=usual_loss(data.task, classes))


def usual_loss(task: str, classes: int | None) -> str:
    """The usual loss for a task, "classification" or "regression", with so many classes."""
    if task == "regression":
        return "squared_error"
    return "binary_cross_entropy" if classes == 2 else "softmax_cross_entropy"


def default_loss(data: str) -> str:
    """The usual loss for a data set; `USUAL` for a table, of which only its columns say what is to be learned."""
    spec = DATASETS[data]
    return USUAL if spec.n_inputs is None else usual_loss(spec.task, spec.n_classes)


def usual(data: str, optimizer: str) -> dict[str, Any]:
    """Every other setting as it is where nothing is said of it, beside a data set and an optimizer."""
    return DEFAULTS | hyper(optimizer) | {"samples": DATASETS[data].samples, "loss": default_loss(data)}


def losses_for(task: str) -> tuple[str, ...]:
    """The losses that suit a task, "classification" or "regression"."""
    return REGRESSION_LOSSES if task == "regression" else tuple(LOSSES)


def unused(values: Any, given: Set[str]) -> dict[str, str]:
    """A sentence on each of the `given` settings that cannot act beside the others and asks for something, by its key.

    A share of nothing asks for nothing, nor does a default; but a momentum of .9 does, though that is the usual one.
    """
    found = {}
    for key, what_becomes in idle(values).items():
        value = getattr(values, key)
        if key in given and (value if key in FOLLOWING else value != DEFAULTS[key]):
            found[key] = f"{key}: {quoted(SETTINGS[key].format(value))} {what_becomes}"
    return found


def conflicts(values: Any) -> list[tuple[str, str, Any]]:
    """Settings that are each valid but not together: `(key, reason, the value that would do)`."""
    found: list[tuple[str, str, Any]] = []
    usual = default_loss(values.data)
    loss = usual if values.loss == USUAL else values.loss
    if usual != USUAL and loss not in losses_for(DATASETS[values.data].task):
        found.append(("loss", f"does not suit the data set {values.data}, whose target is a number", usual))
        loss = usual
    if loss in LOGIT_LOSSES and values.out != "linear":
        found.append(("out", f"must be linear, because {loss} works on logits", "linear"))
    if len(values.act) not in (1, len(values.arch)):
        reason = f"must name one activation, or one for each of {len(values.arch)} hidden layers"
        found.append(("act", reason, values.act[:1]))
    spec = DATASETS[values.data]
    if spec.draw and values.samples > spec.max_samples:
        found.append(("samples", f"must be at most {spec.max_samples} of {values.data}", spec.max_samples))
    if values.patience and not values.test:
        found.append(("patience", "must be 0 where nothing is held back to test on", 0))
    found += [
        (one.key, f"must be 0 beside {one.unless}, as in PyTorch", SETTINGS[one.key].low)
        for one in hyper_parameters(OPTIMIZERS[values.optimizer])
        if one.unless and getattr(values, one.unless) and getattr(values, one.key)
    ]
    if values.step_size_min > values.step_size_max:
        most = values.step_size_max
        found.append(("step_size_min", f"must be at most the largest step size, {most:g}", most))
    return found
