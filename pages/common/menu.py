"""The pages there are, in the order of the menu."""

from typing import NamedTuple


class Entry(NamedTuple):
    """One page; `name` is the file's stem, and also its path in the address."""

    name: str
    title: str
    icon: str
    help: str


HOME = "train"  #: what opens at `/`

#: In the order of the menu.
PAGES = (
    Entry(
        "lessons",
        "Lessons",
        ":material/school:",
        "A way in: one question each, answered by a run that you watch.",
    ),
    Entry(
        "train",
        "Train",
        ":material/play_circle:",
        "Watch a network learn: its boundary, its loss, its weights and its gradients, step by step.",
    ),
    Entry(
        "layers",
        "Layers",
        ":material/bar_chart:",
        "Every layer's gradients, updates and activations, what ails which layer, and two runs side by side.",
    ),
    Entry(
        "backprop",
        "Backprop",
        ":material/network_node:",
        "One update, number by number: forward, loss, backward, optimizer, new weights.",
    ),
    Entry(
        "loss_surface",
        "Loss surface",
        ":material/landscape:",
        "The ground that descent walks on, the path down it, and how sharp it is for the learning rate.",
    ),
    Entry(
        "optimizers",
        "Optimizers",
        ":material/flag:",
        "A fair race of optimizers on test functions, your own formula or the network: who gets down, and how.",
    ),
    Entry(
        "depth",
        "Depth",
        ":material/layers:",
        "Why gradients vanish and explode in deep networks, measured beside theory, and what repairs them.",
    ),
    Entry(
        "convolution",
        "Convolution",
        ":material/grid_view:",
        "What the filters of a convolutional network learn, what they make of an image, and how to fool them.",
    ),
    Entry(
        "study",
        "Study",
        ":material/query_stats:",
        "Many runs at once: which settings matter, how much is luck, and how good the answers are.",
    ),
)
