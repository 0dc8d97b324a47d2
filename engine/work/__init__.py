"""Work: what a computation takes, estimated before it begins, and how much of it may start.

There is a function for each kind of work, `training_work` for runs and races, `surface_work` for loss surfaces and so
on, which count what really happens and give an `Estimate` of seconds and bytes. `estimate` holds the limits and the
sentences, `operations` the counting that all share.
"""

from engine.work.depth import (
    jacobian_work,
    phase_diagram_work,
    recurrence_work,
    signals_work,
    variance_plane_work,
)
from engine.work.estimate import (
    AT_ONCE,
    Estimate,
    Limits,
    TooMuchWork,
    duration,
    host_limits,
    in_turn,
    memory,
    require,
    together,
)
from engine.work.inspection import activity_work, evaluation_work, replay_work, trace_work
from engine.work.landscape import batch_sharpness_work, line_work, points_at_once, sharpness_work, surface_work
from engine.work.races import map_work, race_work
from engine.work.training import frame_count, training_work

__all__ = [
    "AT_ONCE",
    "Estimate",
    "Limits",
    "TooMuchWork",
    "activity_work",
    "batch_sharpness_work",
    "duration",
    "evaluation_work",
    "frame_count",
    "host_limits",
    "in_turn",
    "jacobian_work",
    "line_work",
    "map_work",
    "memory",
    "phase_diagram_work",
    "points_at_once",
    "race_work",
    "recurrence_work",
    "replay_work",
    "require",
    "sharpness_work",
    "signals_work",
    "surface_work",
    "together",
    "trace_work",
    "training_work",
    "variance_plane_work",
]
