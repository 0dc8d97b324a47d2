"""Training: from an experiment to a recording of every loss, norm and key frame of the run.

`train` makes one run, `race` several side by side. One function makes a step for both, and for whoever repeats a run.
"""

from engine.training.batches import batches
from engine.training.builders import OwnData, begins_alike, load, network_of, optimizer_of, targets, transform_of
from engine.training.recording import Event, Recording
from engine.training.training import race, train

__all__ = [
    "Event",
    "OwnData",
    "Recording",
    "batches",
    "begins_alike",
    "load",
    "network_of",
    "optimizer_of",
    "race",
    "targets",
    "train",
    "transform_of",
]
