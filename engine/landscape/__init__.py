"""Loss surfaces of networks: planes through parameter space, the loss on them, and the paths that cross them.

A plane shows two of thousands of directions. `planes` chooses them (by PCA of a path, at random, by two weights or by
curvature), `evaluation` computes the loss on them and says how faithful the picture is, `random_walk` what a path
without structure would look like in it, `trajectories` follows runs over it, and `stability` compares the curvature
along the way with what the optimizer can bear.
"""

from engine.landscape.evaluation import axis_through_zero, evaluate, explained_variance, extent, fidelity, line_slice
from engine.landscape.objective import Objective, objective_of
from engine.landscape.planes import Plane, hessian_plane, pca_plane, random_plane, weight_plane
from engine.landscape.trajectories import LossLine, LossSurface, Trajectory, Window

__all__ = [
    "LossLine",
    "LossSurface",
    "Objective",
    "Plane",
    "Trajectory",
    "Window",
    "axis_through_zero",
    "evaluate",
    "explained_variance",
    "extent",
    "fidelity",
    "hessian_plane",
    "line_slice",
    "objective_of",
    "pca_plane",
    "random_plane",
    "weight_plane",
]
