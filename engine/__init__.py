"""The Descent Lab engine: small networks, their gradients and their descent, in NumPy alone.

`train(Experiment())` is the whole way through: an `Experiment` goes in, a `Recording` comes out.
"""

from engine.experiment import Experiment
from engine.training import Event, Recording, race, train
from engine.work import TooMuchWork

__all__ = ["Event", "Experiment", "Recording", "TooMuchWork", "race", "train"]
