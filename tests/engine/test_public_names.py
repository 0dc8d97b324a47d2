"""The public names of the engine are stable: notebooks, lessons and checks use them."""

from importlib import import_module

import numpy as np
import pytest

from engine import Experiment, train
from engine.descent import descend
from engine.diagnostics import diagnose
from engine.landscape import weight_plane
from engine.lessons import LESSONS
from engine.network import Network
from engine.optimizers import OPTIMIZERS
from engine.surfaces import SURFACES

PUBLIC = {
    "engine": "Experiment train race",
    "engine.network": "Network",
    "engine.optimizers": "OPTIMIZERS",
    "engine.descent": "descend Descent",
    "engine.surfaces": "SURFACES quadratic_valley",
    "engine.expressions": "parse ExpressionError",
    "engine.landscape": "Plane pca_plane random_plane weight_plane evaluate fidelity",
    "engine.curvature": "sharpness",
    "engine.mean_field": "fixed_point susceptibility critical_weight_variance",
    "engine.losses": "LOSSES",
    "engine.activations": "ACTIVATIONS",
    "engine.initializers": "INITIALIZERS",
    "engine.schedules": "SCHEDULES",
    "engine.datasets": "DATASETS",
    "engine.diagnostics": "diagnose",
    "engine.lessons": "LESSONS CHAPTERS",
    "engine.study": "grid random folds run",
    "engine.vision": "Block LESSON_BLOCKS blocks_of blocks_text convolutional enlarged feature_maps filters "
    "receptive_field cell_sum pool_route saliency climb fooling_step mistakes",
}
EXPERIMENT = Experiment(samples=20, steps=2, arch=(2,))
NETWORK = Network(EXPERIMENT, 2, 1)
OBJECTS = {  # what notebooks hold in their hands, and the names they use of it
    "experiment": (EXPERIMENT, "from_params to_params replace"),
    "network": (NETWORK, "size layout initial forward loss loss_and_gradient"),
    "optimizer": (OPTIMIZERS["adam"](), "init update"),
    "descent": (descend(SURFACES["booth"], (1, 1), OPTIMIZERS["sgd"](), 1), "params loss gradient diverged_at"),
    "surface": (SURFACES["booth"], "value gradient hessian domain minima start formula"),
    "plane": (weight_plane(np.ones(3), 0, 1), "project at"),
    "finding": (diagnose(train(EXPERIMENT))[0], "layer word severity measure remedy"),
    "lesson": (LESSONS["vanishing"], "title chapter page params question choices answer watch why claims"),
    "claim": (LESSONS["vanishing"].claims[0], "measure expected tolerance source holds"),
}


@pytest.mark.parametrize(("module", "name"), [(m, n) for m, names in PUBLIC.items() for n in names.split()])
def test_a_public_name_is_where_notebooks_look_for_it(module, name):
    assert hasattr(import_module(module), name)


@pytest.mark.parametrize(("kind", "name"), [(kind, n) for kind, (_, names) in OBJECTS.items() for n in names.split()])
def test_a_public_object_has_the_names_that_notebooks_use(kind, name):
    assert hasattr(OBJECTS[kind][0], name)


@pytest.mark.parametrize("module", [m for m in PUBLIC if hasattr(import_module(m), "__path__")])
def test_what_a_room_hands_on_it_has(module):
    room = import_module(module)
    assert set(getattr(room, "__all__", ())) <= set(vars(room))
