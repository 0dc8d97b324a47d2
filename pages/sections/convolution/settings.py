"""The settings of the Convolution page: images, the network block by block, and what is looked at.

Convolutional networks want images, layers and smaller steps of their own, so these are not the sidebar's. Optimizer,
schedule, penalties, initialisation, seed and the share of test images are.
"""

from typing import Any

from engine.activations import ACTIVATIONS
from engine.experiment import OF_DATA
from engine.experiment import SETTINGS as OF_RUNS
from engine.experiment.options import BESIDE
from engine.experiment.settings import Choice, Real, Text, Whole, Widths, keyed, titled
from pages.common.link.controls import ADDRESS
from pages.common.link.page_settings import AT, COVER
from pages.common.runs.pin import PIN
from pages.common.sidebar.acting import Acting, all_but

VIEWS = {"network": "Network", "cell": "One cell", "input": "Gradient by the input"}
SMALL = "8k3p-16k3p"
#: Settings of a run that the page has in its own way.
OWN = ("arch", "act", "out", "loss", "weights", "batch", "steps", "lr", *BESIDE["loss"])
MOST_BLOCKS, MOST_DRAWN = 200, 800  #: characters


def _ships(page):
    return page.cvdata != "file"


def _sees(view):
    return lambda page: page.cvview == view


def _scores(page):
    return page.cvview == "input" and page.cvlook != "fool"


def _climbs(page):
    return page.cvview == "input" and page.cvlook == "climb"


SETTINGS = keyed(
    cvview=Choice(
        "network",
        "Look at",
        "The network while it learns, filters and maps; one cell of a map, its sum and what it sees; or the gradient "
        "by the image, and descent on it.",
        VIEWS,
        control="segments",
    ),
    cvdata=Choice(
        "28x28",
        "Images",
        "Handwritten digits of 8x8 pixels, the same enlarged to 28x28, or the images of your file in the sidebar.",
        {"8x8": "8×8", "28x28": "28×28", "file": "Your file"},
        control="segments",
    ),
    cvmost=Whole(
        1797, "How many", "At most so many digits are used, drawn at random.", 20, 1797, step=100, when=_ships
    ),
    cvblocks=Text(
        SMALL,
        "Blocks",
        "From the image on, such as 8k3p-16k3: 8 filters with kernels of 3 x 3 pixels and a pool, then 16 without one.",
        MOST_BLOCKS,
    ),
    cvdense=Widths((32,), "Dense layers", "Units of the dense layers behind the blocks: 64, or 64-32.", 1, 512, 4),
    cvact=Choice("relu", "Activation", "Activation of all blocks and dense layers.", titled(ACTIVATIONS)),
    cvepochs=Whole(3, "Epochs", "Passes over the training images.", 1, 100, step=1),
    cvbatch=Whole(64, "Batch", "Images for each step.", 1, OF_RUNS["batch"].high, step=16),
    cvlr=Real(
        0.01,
        "Learning rate",
        "That of this page: images want smaller steps than the points in the sidebar.",
        OF_RUNS["lr"].low,
        OF_RUNS["lr"].high,
        step=0.001,
    ),
    cvshow=Choice(
        "weight",
        "Filters show",
        "The kernels, the gradient by them, or what the last step added to them.",
        {"weight": "Weights", "gradient": "Gradients", "update": "Updates"},
        control="segments",
        when=_sees("network"),
    ),
    cvimage=Whole(1, "Image", "The number of the image that is sent through.", 1, 100_000, step=1),
    cvcell=Text(
        "",
        "Cell",
        "Map, row and column in a convolution (c1) or a pool (p1), counted from 1: what a click on a map chooses. "
        "Where nothing is written it is the strongest of the first map.",
        20,
        when=_sees("cell"),
    ),
    cvlook=Choice(
        "saliency",
        "Gradient by the image",
        "The pixels that the answer hangs on; the image changed until it is the purest of a class; or the smallest "
        "step that changes the answer.",
        {"saliency": "Saliency", "climb": "Climb", "fool": "Fool it"},
        control="segments",
        when=_sees("input"),
    ),
    cvclass=Whole(
        0, "Class", "The class whose score is looked at, or climbed; the first one is 0.", 0, 49, step=1, when=_scores
    ),
    cvfrom=Choice(
        "grey",
        "Climb from",
        "Begin at an image without ink, or at the one that is chosen.",
        {"grey": "Empty image", "image": "This image"},
        when=_climbs,
    ),
    cvrate=Real(0.1, "Rate", "What the gradient is multiplied with in each step.", 0.001, 10, step=0.05, when=_climbs),
    cvdecay=Real(
        0.1,
        "Decay",
        "How strongly ink is drawn back to none: without it the image grows for ever.",
        0,
        5,
        step=0.05,
        when=_climbs,
    ),
    cvdrawn=Text("", "Drawn image", "The digit that was drawn by hand.", MOST_DRAWN, control=ADDRESS),
    pin=PIN,
    at=AT,
    cover=COVER,
)


def acting(page: Any) -> Acting:
    """The settings of a run that act on the page: how it starts and trains, and its data where they are a file's."""
    of_data = () if page.cvdata == "file" else set(OF_DATA) - {"seed", "dseed", "test", "folds", "fold"}
    return all_but({*OWN, *of_data}, "Images, layers, batches and learning rate are the page's own.")
