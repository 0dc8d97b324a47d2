"""The pages there are, in the order of the menu, and the keys of the address that are theirs."""

from typing import NamedTuple


class Entry(NamedTuple):
    """One page: the file's stem (also its path in the address), and the keys it adds to the link."""

    name: str
    title: str
    icon: str
    help: str
    keys: tuple[str, ...] = ()


#: In the order of the menu; the first one is also what opens at `/`.
PAGES = (
    Entry(
        "train",
        "Train",
        ":material/play_circle:",
        "Watch a network learn: its boundary, its loss, its weights and its gradients, step by step.",
        keys=("edges", "at"),
    ),
    Entry(
        "layers",
        "Layers",
        ":material/bar_chart:",
        "Every layer's gradients, updates and activations, what ails which layer, and two runs side by side.",
        keys=("look", "layer", "pin", "at"),
    ),
    Entry(
        "backprop",
        "Backprop",
        ":material/network_node:",
        "One update, number by number: forward, loss, backward, optimizer, new weights.",
        keys=("example", "step", "sample", "weight", "path", "typed"),
    ),
    Entry(
        "loss_surface",
        "Loss surface",
        ":material/landscape:",
        "The ground that descent walks on, the path down it, and how sharp it is for the learning rate.",
        keys=("plane", "pseed", "wa", "wb", "height", "res", "window", "alo", "ahi", "blo", "bhi", "race", "pin", "at"),
    ),
    Entry(
        "optimizers",
        "Optimizers",
        ":material/flag:",
        "A fair race of optimizers on test functions, your own formula or the network: who gets down, and how.",
        keys=(
            *("track", "racers", "fair", "rate", "kap", "ang", "fxy", "half", "sx", "sy"),
            *("rsteps", "tol", "gnoise", "rsched", "rwarm", "arrows", "rlog", "hy", "at"),
        ),
    ),
    Entry(
        "depth",
        "Depth",
        ":material/layers:",
        "Why gradients vanish and explode in deep networks, measured beside theory, and what repairs them.",
        keys=(
            "depth",
            "width",
            "phi",
            "draw",
            "sw2",
            "sb2",
            "b0",
            "dnorm",
            "dres",
            "dclip",
            "dinput",
            "fix",
            "dview",
            "dtask",
            "radius",
        ),
    ),
)


PAGE_KEYS = tuple(dict.fromkeys(key for page in PAGES for key in page.keys))  # pages may share one
