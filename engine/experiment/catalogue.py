"""The settings of an experiment: the table of all there is to set, and what is usual beside what.

The settings of the data stand in `of_data`; what optimizers, losses and schedules declare themselves is taken over from
there. Everything else about a run is declared here, once, in the order of the link.
"""

from collections.abc import Set
from typing import Any

from engine.activations import ACTIVATIONS
from engine.datasets import DATASETS
from engine.experiment.ignored import idle
from engine.experiment.listed import Listed, Start
from engine.experiment.of_data import DATA, SEEDS, share
from engine.experiment.options import BESIDE, BUG_NAMES, NORMS, RATES, RESIDUALS, hyper
from engine.experiment.settings import Choice, Real, Setting, Several, Whole, Widths, keyed, quoted, titled
from engine.initializers import INITIALIZERS
from engine.losses import LOSSES
from engine.optimizers import OPTIMIZERS
from engine.schedules import SCHEDULES

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
_NO_BIASES = "the units have no biases"


def _ends_free(values: Any) -> bool:
    return values.loss not in (USUAL, *LOGIT_LOSSES)


def _has_biases(values: Any) -> bool:
    return values.biases != "none"


def _may_be_images(values: Any) -> bool:
    return values.data in ("digits", "csv")


def _is_wrong(values: Any) -> bool:
    return values.bug != "none"


def _is_clipped(values: Any) -> bool:
    return values.clip > 0


_ACTIVATIONS = titled(ACTIVATIONS)
_BATCHES = {"full": "All"} | {number: number for number in ("1", "8", "16", "32", "64", "128")}
SETTINGS: dict[str, Setting] = DATA | keyed(
    arch=Widths((8, 8), "Hidden layers", "Units in each hidden layer, input to output: 8-8.", 1, 512, 100),
    act=Several(
        ("tanh",),
        "Activation",
        "Activation of all hidden layers, or one for each: tanh-relu.",
        _ACTIVATIONS,
        words={"leaky": "leaky_relu"},
        control="choice",
    ),
    out=Choice(
        "linear",
        "Output activation",
        "Activation of the output (losses on logits need linear).",
        _ACTIVATIONS,
        when=_ends_free,
    ),
    init=Choice(
        "xavier",
        "Initialisation",
        "How the weights are drawn before the first step; PyTorch's default draws the biases too.",
        titled(INITIALIZERS),
    ),
    scale=Real(
        1.0, "Weight scale", "Factor on the initial weights (normal: their standard deviation).", 0, 100, step=0.1
    ),
    bias=Real(
        0.0,
        "Initial bias",
        "Initial value of every bias of a hidden layer, or the mean.",
        -100,
        100,
        step=0.1,
        when=_has_biases,
        otherwise=_NO_BIASES,
    ),
    bias_spread=Real(
        0.0,
        "Bias spread",
        "Standard deviation of the initial biases of all layers about their value, drawn at random; 0 draws none.",
        0,
        100,
        step=0.1,
        when=_has_biases,
        otherwise=_NO_BIASES,
    ),
    biases=Choice(
        "trained",
        "Biases",
        "Train the biases, keep them as they start (frozen), or have none: units without a bias.",
        {"trained": "Trained", "frozen": "Frozen", "none": "None"},
    ),
    weights=Listed(
        (),
        "Given weights",
        "Weights and biases to start from in place of drawn ones: W1[1,2]:0.5 is that of unit 1 for input 2, b2:0 are "
        "all biases of layer 2, and W1:0.1,0.2,0.3,0.4 a whole layer, unit by unit.",
        Start,
        "weights such as W1[1,2]:0.5,b2:0,0.1",
        most=60,
        most_numbers=2000,
    ),
    bug=Choice(
        "none",
        "Wrong backward pass",
        "A mistake made on purpose, to see what training looks like with it; none is the right one.",
        BUG_NAMES,
        when=_is_wrong,
    ),
    norm=Choice("none", "Normalisation", "Normalise each hidden layer before its activation.", NORMS),
    residual=Choice(
        "none",
        "Residual",
        "Add the layer's input to its output where the widths agree.",
        RESIDUALS,
    ),
    dropout=share(0.0, "Dropout", "Share of the hidden units silenced at random in each training step.", 0.95),
    loss=Choice(
        USUAL, "Loss", "What descent makes small.", {USUAL: "The usual one"} | titled(LOSSES), words=LOSS_WORDS
    ),
    **BESIDE["loss"],
    l1=Real(0.0, "L1 penalty", "L1 penalty: adds λ·Σ|w| over the weights to the loss.", 0, 10, step=0.001),
    l2=Real(0.0, "L2 penalty", "L2 penalty: adds λ/2·Σw² over the weights to the loss.", 0, 10, step=0.001),
    optimizer=Choice("adam", "Optimizer", "The rule that turns a gradient into an update.", titled(OPTIMIZERS)),
    lr=RATES["adam"],
    **BESIDE["optimizer"],
    schedule=Choice("constant", "Schedule", "How the learning rate changes over the run.", titled(SCHEDULES)),
    **BESIDE["schedule"],
    warmup=Whole(
        0, "Warm-up steps", "Steps over which the learning rate first rises from near zero.", 0, 20_000, step=10
    ),
    clip=Real(0.0, "Clip gradient at", "Largest gradient let through; 0 for no clipping.", 0, 1e6, step=0.5),
    clip_by=Choice(
        "norm",
        "Clip by",
        "Clip the whole gradient's norm, or each entry.",
        {"norm": "Its length (norm)", "value": "Each entry (value)"},
        when=_is_clipped,
        otherwise="nothing is clipped",
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
        words={"full": 0},
        names=_BATCHES,
        control="open",
    ),
    steps=Whole(300, "Steps", "Updates of the parameters.", 1, 20_000, step=100),
    input_noise=Real(
        0.0,
        "Input noise",
        "Standard deviation of the noise added anew to the inputs in each step (augmentation); tests have none.",
        0,
        10,
        step=0.05,
    ),
    shift=Whole(
        0,
        "Shift images by up to",
        "Pixels by which each image is moved at random in each step (augmentation); tests are on the images as they "
        "are.",
        0,
        8,
        step=1,
        when=_may_be_images,
        otherwise="it is for images",
    ),
    patience=Whole(
        0, "Patience", "Stop early after so many steps without a better test loss; 0 never stops.", 0, 20_000, step=10
    ),
)
SETTINGS |= SEEDS
KEYS: tuple[str, ...] = tuple(SETTINGS)
DEFAULTS: dict[str, Any] = {key: setting.default for key, setting in SETTINGS.items()}

#: What follows from the data and the optimizer, unless it is said.
FOLLOWING = ("samples", "standardise", "loss", *BESIDE["optimizer"])


def usual_loss(task: str, classes: int | None) -> str:
    """The usual loss for a task, "classification" or "regression", with so many classes."""
    if task == "regression":
        return "squared_error"
    return "binary_cross_entropy" if classes == 2 else "softmax_cross_entropy"


def default_loss(data: str) -> str:
    """The usual loss for a data set; `USUAL` where only the data say how many classes, as the columns of a table."""
    spec = DATASETS[data]
    open_ = spec.task == "classification" and spec.n_classes is None
    return USUAL if open_ else usual_loss(spec.task, spec.n_classes)


def usual(data: str, optimizer: str) -> dict[str, Any]:
    """Every other setting as it is where nothing is said of it, beside a data set and an optimizer."""
    spec = DATASETS[data]
    of_data = {"samples": spec.samples, "standardise": spec.standardised, "loss": default_loss(data)}
    return DEFAULTS | hyper(optimizer) | of_data


def losses_for(task: str) -> tuple[str, ...]:
    """The losses that suit a task, "classification" or "regression"."""
    return REGRESSION_LOSSES if task == "regression" else tuple(LOSSES)


def unused(values: Any, given: Set[str]) -> dict[str, str]:
    """A sentence on each of the `given` settings that cannot act beside the others and asks for something, by its key.

    A share of nothing asks for nothing, nor does a default; but a momentum of .9 does, though that is the usual one.
    """
    found = {}
    for key, what_becomes in idle(values, SETTINGS).items():
        value = getattr(values, key)
        asks = value != DEFAULTS[key] if key not in FOLLOWING or isinstance(value, bool) else value
        if key in given and asks:
            found[key] = f"{key}: {quoted(SETTINGS[key].format(value))} {what_becomes}"
    return found
