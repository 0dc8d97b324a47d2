"""A race and a sweep: every path as if alone, theory's limits on both sides, what leaves the map says when."""

import numpy as np
import pytest

from engine import Experiment
from engine.descent import (
    NEVER,
    Sweep,
    descend,
    race_of_recordings,
    race_on_surface,
    spread_rates,
    sweep_on_surface,
    with_minimum,
)
from engine.expressions import parse
from engine.landscape.stability import rate_at_limit
from engine.landscape.trajectories import closely, loss_surface
from engine.optimizers import OPTIMIZERS
from engine.schedules import learning_rates, schedule_factors
from engine.surfaces import SURFACES, distance, largest_curvature, mesh, quadratic_valley
from engine.training import training

ROSENBROCK = SURFACES["rosenbrock"]
LIMITED = ("sgd", "momentum", "nesterov")
KAPPA = 12.0


def every(lr=1e-3, names=OPTIMIZERS):
    return {name: OPTIMIZERS[name](lr=lr) for name in names}


# As if alone


@pytest.mark.parametrize("noise", [0.0, 0.3])
def test_every_path_is_bitwise_that_of_a_separate_descent(noise):
    found = race_on_surface(ROSENBROCK, ROSENBROCK.start, every(), 40, noise=noise)
    for i, (name, optimizer) in enumerate(every().items()):
        alone = descend(ROSENBROCK, ROSENBROCK.start, optimizer, 40, noise=noise)
        assert np.array_equal(found.path[:, i], alone.params, equal_nan=True), name
        assert np.array_equal(found.loss[:, i], alone.loss, equal_nan=True), name
        assert np.array_equal(found.negative_gradient[:, i], -alone.gradient, equal_nan=True), name
        assert np.array_equal(found.update[:-1, i], np.diff(alone.params, axis=0), equal_nan=True), name


def test_the_last_arrow_is_the_step_that_would_come_next():
    short, longer = (race_on_surface(ROSENBROCK, (0, 0), every(1e-4), steps) for steps in (10, 11))
    assert np.array_equal(short.update[-1], longer.path[11] - longer.path[10])


def test_a_schedule_multiplies_the_own_rate_of_each():
    optimizers = {"sgd": OPTIMIZERS["sgd"](lr=1e-3), "adam": OPTIMIZERS["adam"](lr=0.1)}
    found = race_on_surface(ROSENBROCK, (0, 0), optimizers, 50, schedule="cosine", warmup=5)
    for i, optimizer in enumerate(optimizers.values()):
        rates = learning_rates("cosine", optimizer.lr, 50, warmup=5)
        alone = descend(ROSENBROCK, (0, 0), optimizer, 50, learning_rates=rates)
        assert np.allclose(found.path[:, i], alone.params, rtol=1e-10)


def test_a_schedule_that_waits_for_losses_is_refused():
    with pytest.raises(ValueError, match="plateau"):
        schedule_factors("plateau", 10, 0)


def test_a_sweep_is_separate_descents_in_one_call():
    rates, names = spread_rates(), ("sgd", "adam", "lion", "newton")
    found = sweep_on_surface(ROSENBROCK, (0, 0), every(names=names), 60, tolerance=1e-2)
    assert found.rates.shape == (32,)
    for name, final, reached in zip(names, found.final, found.reached, strict=True):
        for j in (0, 11, 25, 31):
            alone = descend(ROSENBROCK, (0, 0), OPTIMIZERS[name](lr=rates[j]), 60)
            assert np.array_equal(final[j], alone.loss[-1], equal_nan=True)
            within = np.flatnonzero(alone.loss <= 1e-2)
            assert reached[j] == (within[0] if len(within) else NEVER)


# Theory


@pytest.mark.parametrize("angle", [0.0, 0.7])
@pytest.mark.parametrize("name", LIMITED)
def test_below_its_limit_a_method_settles_and_above_it_leaves(name, angle):
    valley = quadratic_valley(KAPPA, angle)
    limit = rate_at_limit(OPTIMIZERS[name](), KAPPA)
    assert OPTIMIZERS[name]().stability_limit(limit) == pytest.approx(KAPPA)
    for factor, stays in ((0.98, True), (1.02, False)):
        found = race_on_surface(valley, valley.start, {name: OPTIMIZERS[name](lr=factor * limit)}, 2000)
        assert (found.loss[-1, 0] < 1e-6) == stays
        assert stays or found.left_at[0] > 0


@pytest.mark.parametrize("name", LIMITED)
def test_in_a_sweep_what_stays_is_what_theory_lets_stay(name):
    valley = quadratic_valley(KAPPA)
    limit = rate_at_limit(OPTIMIZERS[name](), KAPPA)
    rates = limit * np.geomspace(0.5, 2.0, 32)
    found = sweep_on_surface(valley, valley.start, every(names=[name]), 3000, tolerance=1e-9, rates=rates)
    assert np.array_equal(found.stayed[0], rates < limit)


def test_the_fastest_rate_of_gradient_descent_is_two_over_one_plus_kappa():
    valley = quadratic_valley(KAPPA)
    best = 2 / (1 + KAPPA)
    rates = best * np.geomspace(0.5, 1.15, 41)
    found = sweep_on_surface(valley, (1.0, 1.0), every(names=["sgd"]), 400, tolerance=1e-12, rates=rates)
    assert rates[found.best[0]] == pytest.approx(best, rel=0.03)


def test_rotation_changes_nothing_for_gradient_descent_and_much_for_adam():
    names = (*LIMITED, "adam")
    straight, turned = quadratic_valley(KAPPA), quadratic_valley(KAPPA, 0.6)
    one, other = (race_on_surface(s, s.start, every(0.02, names), 100) for s in (straight, turned))
    c, s = np.cos(0.6), np.sin(0.6)
    back = other.path @ np.array([[c, -s], [s, c]])
    assert np.allclose(back[:, :3], one.path[:, :3], rtol=0, atol=1e-12)
    assert np.allclose(other.loss[:, :3], one.loss[:, :3], rtol=1e-9, atol=1e-15)
    assert np.abs(back[:, 3] - one.path[:, 3]).max() > 0.05


@pytest.mark.parametrize("name", ["rosenbrock", "goldstein_price", "six_hump_camel", "quadratic_valley"])
def test_the_largest_curvature_is_the_largest_eigenvalue(name):
    surface = SURFACES[name]
    xy = mesh(surface.domain, 7)
    expected = np.linalg.eigvalsh(surface.hessian(xy))[..., -1]
    assert np.allclose(largest_curvature(surface, xy), expected, rtol=1e-12)


# What is seen


def test_a_path_that_leaves_the_map_says_at_which_step():
    valley, rate = quadratic_valley(KAPPA), 2.5 / KAPPA
    found = race_on_surface(valley, (0.0, 0.1), {"sgd": OPTIMIZERS["sgd"](lr=rate)}, 100)
    expected = int(np.ceil(np.log(2 / 0.1) / np.log(abs(1 - rate * KAPPA))))  # |v| = 0.1 |1 - ηκ|ᵏ > 2
    assert found.left_at[0] == expected
    assert found.diverged_at[0] == NEVER
    assert np.isfinite(found.path).all()  # it is followed outside, not clamped
    assert np.abs(found.path[-1]).max() > 1e10


def test_a_path_that_stops_being_finite_says_so_and_leaves_the_others_alone():
    found = race_on_surface(ROSENBROCK, ROSENBROCK.start, every(0.5, ["sgd", "adam"]), 60)
    assert 0 < found.left_at[0] < found.diverged_at[0] < 12
    assert np.isnan(found.loss[found.diverged_at[0] + 1 :, 0]).all()
    assert found.diverged_at[1] == NEVER
    assert np.isfinite(found.loss[:, 1]).all()


@pytest.mark.parametrize(
    ("text", "minimum"),
    [("(x+2*y-4)**2 + (2*x+y-5)**2", (2, 1)), ("0.26*(x**2+y**2) - 0.48*x*y", (0, 0)), ("(x-1)**2+exp(y)-y", (1, 0))],
)
def test_the_minimum_of_a_formula_is_found(text, minimum):
    surface = with_minimum(parse(text))
    assert np.allclose(surface.minima, [minimum], atol=1e-6)
    assert surface.minimum == pytest.approx(float(surface.value(np.array(minimum, float))), abs=1e-9)


@pytest.mark.parametrize("text", ["x + y", "x**2 - y**2", "log(x) + y**2", "sqrt(-1 - x**2)"])
def test_where_there_is_no_minimum_none_is_found(text):
    surface = parse(text)
    assert with_minimum(surface) is surface


def test_distances_are_to_the_nearest_of_several_minima():
    surface = SURFACES["himmelblau"]
    away = distance(surface.minima + 0.3, surface.minima)
    assert np.allclose(away, 0.3 * np.sqrt(2))


# A race on a network


def test_a_race_of_recordings_is_their_shadow_in_the_plane():
    base = Experiment(steps=30, samples=60, arch=(4,))
    runs = training.race([base.replace(optimizer="adam"), base.replace(optimizer="sgd", lr=1000.0)])
    surface = loss_surface("pca", runs, resolution=25)
    found = race_of_recordings(("adam", "sgd"), runs, surface)
    assert np.allclose(found.path[:, 0], surface.plane.project(runs[0].params))
    assert np.array_equal(found.loss[:, 0], runs[0].loss)
    assert np.allclose(found.gradient_norm[:, 0], np.linalg.norm(runs[0].gradient_norm, axis=1))
    assert np.allclose(found.distance[:, 0], np.linalg.norm(runs[0].params - runs[0].params[0], axis=1))
    step, down = surface.plane.directions @ runs[0].updates[7], surface.plane.directions @ -runs[0].gradients[7]
    assert np.allclose(found.update[7, 0], step)
    assert np.allclose(found.negative_gradient[7, 0], down)
    if len(runs[1].loss) < len(runs[0].loss):
        assert np.isnan(found.loss[len(runs[1].loss) :, 1]).all()


def test_more_key_frames_of_a_race_of_recordings_are_those_of_the_runs_and_leave_the_others_where_they_were():
    names, base = ("adam", "sgd", "momentum"), Experiment(data="line", steps=60, samples=60, arch=(4,))
    entered = [base.replace(optimizer="adam"), base.replace(optimizer="sgd", lr=100.0), base.replace(lr=0.3)]
    few, every = (training.race(entered, frames=frames) for frames in (7, 61))
    assert few[1].event is not None  # one of them ends early
    surface = loss_surface("pca", few, resolution=25)
    before = race_of_recordings(names, few, surface)
    found = race_of_recordings(names, every, surface._replace(trajectories=closely(surface, every)), before)
    assert found.steps.tolist() == list(range(61))
    assert np.isnan(found.path[every[1].event.step :, 1]).all()
    for name in ("path", "path_loss", "negative_gradient", "update", "distance", "curvature"):
        np.testing.assert_allclose(getattr(found, name)[before.steps], getattr(before, name), atol=1e-12, err_msg=name)
    for column, run in ((0, every[0]), (2, every[2])):
        np.testing.assert_allclose(found.path[:, column], surface.plane.project(run.params))
        np.testing.assert_allclose(found.distance[23, column], np.linalg.norm(run.params[23] - run.params[0]))
    assert np.array_equal(found.left_at, before.left_at)


def test_distances_of_batch_normalised_runs_are_those_of_what_descends():
    run = training.train(Experiment(steps=30, arch=(4,), norm="batch"))
    layout = run.network.layout
    parts = [layout.view(run.params - run.params[0], name).reshape(len(run.frames), -1) for name in layout.names]
    found = race_of_recordings(("adam",), [run], loss_surface("pca", [run], resolution=25))
    assert np.allclose(found.distance[:, 0], np.linalg.norm(np.concatenate(parts, axis=1), axis=1))


# Fairness and time


def test_the_best_rate_is_the_soonest_or_else_the_lowest_that_stays():
    final = np.array([[1.0, 0.5, 0.1, np.nan], [0.2, 0.3, 0.05, 0.0], [3.0, 2.0, 1.0, 0.5], [np.nan] * 4])
    reached = np.array([[NEVER] * 4, [9, 5, 5, 2], [NEVER] * 4, [NEVER] * 4])
    stayed = np.array([[1, 1, 1, 0], [1, 1, 1, 0], [1, 1, 0, 0], [0, 0, 0, 0]], dtype=bool)
    found = Sweep(("sgd", "adam", "lion", "nadam"), np.arange(1.0, 5), final, reached, stayed)
    assert found.best.tolist() == [2, 2, 1, 0]
