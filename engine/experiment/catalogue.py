"""The settings of an experiment: the table of all there is to set, what is usual beside what, and what clashes.

What optimizers, losses and schedules declare themselves is taken over from there. Everything else about a run is
declared here, once, in the order of the link.
"""

from collections.abc import Callable, Iterator, Set
from typing import Any

from engine.activations import ACTIVATIONS
from engine.datasets import DATASETS, FEATURES
from engine.datasets.given import Point, Row, alike
from engine.experiment.ignored import holdout, idle
from engine.experiment.listed import Listed, Start
from engine.experiment.options import BESIDE, BUGS, RATES, hyper
from engine.experiment.settings import AUTO, Choice, Real, Setting, Several, Truth, Whole, Widths, keyed, quoted
from engine.initializers import INITIALIZERS
from engine.losses import LOSSES
from engine.optimizers import OPTIMIZERS
from engine.optimizers.hyperparameters import hyper_parameters
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


def _share(default: float, label: str, meaning: str, high: float, **more: Any) -> Real:
    return Real(default, label, meaning, 0, high, step=0.05, control="slider", **more)


_NO_BIASES = "the units have no biases"
_UNDRAWN = "it is for points that are drawn, and those of {values.data} are not"
_GIVEN = "the rows of {values.data} are given, and all of them trained on"


def _is_drawn(values: Any) -> bool:
    return DATASETS[values.data].draw is not None


def _has_coordinates(values: Any) -> bool:
    return bool(DATASETS[values.data].domain)


def _is_sampled(values: Any) -> bool:
    return DATASETS[values.data].give is None


def _is_scaled(values: Any) -> bool:
    return DATASETS[values.data].scaled


def _is(name: str) -> Callable[[Any], bool]:
    return lambda values: values.data == name


def _is_table(values: Any) -> bool:
    return values.data == "csv"


def _is_folded(values: Any) -> bool:
    return values.folds > 0 and _is_sampled(values)


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


MOST_FOLDS = 20
_SAMPLES, _ACTIVATIONS = DATASETS["circle"].samples, tuple(ACTIVATIONS)
_BATCHES = ("full", "1", "8", "16", "32", "64", "128")
SETTINGS: dict[str, Setting] = keyed(
    data=Choice(
        "circle", "Data set", "What the network learns: a classic set, digits, or your own table.", tuple(DATASETS)
    ),
    samples=Whole(
        _SAMPLES,
        "Points",
        "Number of points drawn (digits and CSV: the most that are used).",
        4,
        100_000,
        step=50,
        when=_is_sampled,
        otherwise=_GIVEN,
    ),
    points=Listed(
        tuple(map(Point.read, ("a-3_-2", "a-2_1.5", "b2_-1.5", "b3_2"))),
        "Points drawn",
        "Points of your own: a1.5_-2b0_3 are one of the first class at (1.5, -2) and one of the second at (0, 3).",
        Point,
        "points such as a1.5_-2b0_3",
        60,
        120,
        "",
        r"[,;\s]*(?=[a-cA-C])",
        when=_is("drawn"),
        otherwise="it is for points of one's own",
    ),
    rows=Listed(
        (Row((1.0, 2.0), (3.0, 4.0)),),
        "Rows",
        "Rows of your own: inputs, a colon, targets, as in 1,2:3,4;0,1:5,6.",
        Row,
        "rows such as 1,2:3,4;0,1:5,6",
        60,
        1000,
        ";",
        r"\s*;\s*",
        when=_is("rows"),
        otherwise="it is for rows of one's own",
    ),
    noise=_share(
        0.1,
        "Noise",
        "Spread of the points around the pattern, relative to its size.",
        1,
        when=_is_drawn,
        otherwise=_UNDRAWN,
    ),
    test=_share(
        0.25,
        "Test part",
        "Share of the points held back to test on; 0 trains on all of them.",
        0.9,
        when=_is_sampled,
        otherwise=_GIVEN,
    ),
    folds=Whole(
        0,
        "Folds",
        "Parts of the data for cross-validation, of which one is held back; 0 holds back the test part instead.",
        0,
        MOST_FOLDS,
        when=_is_sampled,
        otherwise=_GIVEN,
    ),
    fold=Whole(
        1,
        "Fold",
        "Which of the folds is held back to test on.",
        1,
        MOST_FOLDS,
        when=_is_folded,
        otherwise="there are no folds",
    ),
    features=Several(
        ("x1", "x2"),
        "Inputs",
        "Inputs made from the coordinates x1 and x2.",
        tuple(FEATURES),
        when=_has_coordinates,
        otherwise="it is for points with coordinates, and those of {values.data} have none",
    ),
    missing=Choice(
        "drop",
        "Empty cells",
        "What is done with rows of a table that have an empty cell: drop them, or fill the cells.",
        ("drop", "fill"),
        when=_is_table,
        otherwise="it is for a table of one's own",
    ),
    standardise=Truth(
        True,
        "Standardise",
        "Bring the inputs to a usual scale: tables and rows to mean 0 and deviation 1 over the part that is trained "
        "on, pixels to 0..1, points to half their coordinates. Off: raw numbers.",
        when=_is_scaled,
        otherwise="{values.data} has the scale of its formula",
    ),
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
        tuple(INITIALIZERS),
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
        ("trained", "frozen", "none"),
    ),
    weights=Listed(
        (),
        "Given weights",
        "Weights and biases to start from in place of drawn ones: W1[1,2]:0.5 is that of unit 1 for input 2, b2:0 are "
        "all biases of layer 2, and W1:0.1,0.2,0.3,0.4 a whole layer, unit by unit.",
        Start,
        "weights such as W1[1,2]:0.5,b2:0,0.1",
        60,
        2000,
    ),
    bug=Choice(
        "none",
        "Wrong backward pass",
        "A mistake made on purpose, to see what training looks like with it; none is the right one.",
        ("none", *BUGS),
        when=_is_wrong,
    ),
    norm=Choice(
        "none", "Normalisation", "Normalise each hidden layer before its activation.", ("none", "batch", "layer")
    ),
    residual=Choice(
        "none",
        "Residual",
        "Add the layer's input to its output where the widths agree.",
        ("none", "plain", "scaled", "gated"),
    ),
    dropout=_share(0.0, "Dropout", "Share of the hidden units silenced at random in each training step.", 0.95),
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
        options=_BATCHES,
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
    seed=Whole(0, "Seed", "Seed of everything random: points, split, weights, batches.", 0, 2**31 - 1, step=1),
    dseed=Whole(
        None,
        "Data seed",
        "Seed of points and split alone, to have new weights on the same data; empty: the seed.",
        0,
        2**31 - 1,
        step=1,
        words=AUTO,
        when=_is_sampled,
        otherwise=_GIVEN,
    ),
)
KEYS: tuple[str, ...] = tuple(SETTINGS)
DEFAULTS: dict[str, Any] = {key: setting.default for key, setting in SETTINGS.items()}

#: What the data depend on, but for a table itself.
OF_DATA = (
    *("data", "samples", "points", "rows", "noise", "test", "folds", "fold", "features", "missing", "standardise"),
    *("seed", "dseed"),
)

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


def conflicts(values: Any) -> list[tuple[str, str, Any]]:
    """Settings that are each valid but not together: `(key, reason, the value that would do)`."""
    found: list[tuple[str, str, Any]] = []
    expected = default_loss(values.data)
    loss = expected if values.loss == USUAL else values.loss
    if expected != USUAL and loss not in losses_for(DATASETS[values.data].task):
        found.append(("loss", f"does not suit the data set {values.data}, whose target is a number", expected))
        loss = expected
    if loss in LOGIT_LOSSES and values.out != "linear":
        found.append(("out", f"must be linear, because {loss} works on logits", "linear"))
    if len(values.act) not in (1, len(values.arch)):
        reason = f"must name one activation, or one for each of {len(values.arch)} hidden layers"
        found.append(("act", reason, values.act[:1]))
    spec = DATASETS[values.data]
    if spec.draw and values.samples > spec.max_samples:
        found.append(("samples", f"must be at most {spec.max_samples} of {values.data}", spec.max_samples))
    found += _of_folds(values)
    found += _of_rows(values)
    if values.patience and not holdout(values):
        found.append(("patience", "must be 0 where nothing is held back to test on", 0))
    if values.norm == "batch" and values.arch and values.batch == 1:
        found.append(("batch", "must be at least 2 beside batch normalisation, which leaves nothing of one sample", 2))
    found += [
        (one.key, f"must be 0 beside {one.unless}, as in PyTorch", SETTINGS[one.key].low)
        for one in hyper_parameters(OPTIMIZERS[values.optimizer])
        if one.unless and getattr(values, one.unless) and getattr(values, one.key)
    ]
    if values.step_size_min > values.step_size_max:
        most = values.step_size_max
        found.append(("step_size_min", f"must be at most the largest step size, {most:g}", most))
    return found


def _of_rows(values: Any) -> Iterator[tuple[str, str, Any]]:
    for key in ("points", "rows"):
        if SETTINGS[key].when(values) and not getattr(values, key):
            yield key, "must be at least one", DEFAULTS[key]
    if values.rows and alike(values.rows) != values.rows:
        yield "rows", "must all have as many inputs and targets as the first", alike(values.rows)


def _of_folds(values: Any) -> Iterator[tuple[str, str, Any]]:
    folds = max(values.folds, 2) if values.folds else 0
    if folds > values.samples:
        folds = values.samples
        yield "folds", f"must be at most {folds}, one for each sample", folds
    elif folds != values.folds:
        yield "folds", "must be 0, or at least 2: one fold leaves nothing to train on", folds
    if folds and values.fold > folds:
        yield "fold", f"must be from 1 to {folds}, the number of folds", folds
