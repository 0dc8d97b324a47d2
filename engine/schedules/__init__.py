"""Learning-rate schedules: closed forms of the step, and the one that waits for the loss to stall."""

from engine.schedules.closed_form import SCHEDULES, learning_rates, schedule_factors
from engine.schedules.plateau import Plateau

__all__ = ["SCHEDULES", "Plateau", "learning_rates", "schedule_factors"]
