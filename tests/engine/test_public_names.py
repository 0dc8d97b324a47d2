"""The public names of the engine are stable: notebooks, lessons and checks use them."""

from importlib import import_module

import pytest

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
}


@pytest.mark.parametrize(("module", "name"), [(m, n) for m, names in PUBLIC.items() for n in names.split()])
def test_a_public_name_is_where_notebooks_look_for_it(module, name):
    assert hasattr(import_module(module), name)


@pytest.mark.parametrize("module", [m for m in PUBLIC if hasattr(import_module(m), "__path__")])
def test_what_a_room_hands_on_it_has(module):
    room = import_module(module)
    assert set(getattr(room, "__all__", ())) <= set(vars(room))
