"""The surface of a run: heights are the loss itself, trajectories are its key frames, and what is lost is said."""

import numpy as np
import pytest

from engine import Experiment, train
from engine.landscape import Trajectory, objective_of
from engine.landscape.trajectories import KINDS, closely, followed, loss_line, loss_surface, same_space
from engine.training import targets


@pytest.fixture(scope="module")
def run():
    return train(Experiment(steps=60, arch=(4, 3)))


def direct(recording, params):
    """The objective at one point, on the whole training part."""
    chosen = recording.data.train
    y = targets(recording.experiment, recording.data)[:, chosen]
    return recording.network.loss(params, recording.data.x[:, chosen], y)


def trajectory(loss, projected_loss):
    steps = np.arange(len(loss))
    return Trajectory(
        steps, np.zeros((len(loss), 2)), np.array(loss), np.array(projected_loss), steps * 0.0, 1.0, len(loss)
    )


@pytest.mark.parametrize("kind", KINDS)
def test_every_node_is_a_direct_call_of_the_loss(run, kind):
    plane, grid, _ = loss_surface(kind, [run], resolution=25, pair=(3, 8))
    for row, column in ((0, 0), (24, 24), (7, 18), (13, 2)):
        params = plane.at([grid.alpha[column], grid.beta[row]])
        assert grid.loss[row, column] == pytest.approx(direct(run, params), rel=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_the_trajectory_is_every_key_frame_projected_with_its_own_loss(run, kind):
    surface = loss_surface(kind, [run], resolution=25, pair=(3, 8))
    found = surface.trajectories[0]
    np.testing.assert_array_equal(found.steps, run.frames)
    np.testing.assert_allclose(found.coordinates, surface.plane.project(run.params))
    assert found.loss[[0, 17, -1]] == pytest.approx([direct(run, run.params[k]) for k in (0, 17, -1)])
    assert found.projected_loss[17] == pytest.approx(direct(run, surface.plane.at(found.coordinates[17])))
    assert found.coordinates[-1] == pytest.approx([0, 0], abs=1e-12)
    assert found.gap[-1] == 0
    low, high = np.array([surface.grid.alpha[[0, -1]], surface.grid.beta[[0, -1]]]).T
    assert ((low <= found.coordinates) & (found.coordinates <= high)).all()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "settings", [{"biases": "none"}, {"biases": "frozen", "bias": 0.5}, {"norm": "batch"}], ids=str
)
def test_only_what_is_trained_changes_in_a_plane(kind, settings):
    """However few directions are curved: of two weights behind each other one is, and the other could be anything."""
    run = train(Experiment(data="line", arch=(1,), act=("linear",), optimizer="sgd", lr=0.01, steps=30, **settings))
    fixed = np.ptp(run.path, axis=0) == 0
    assert fixed.any()
    first, second = np.flatnonzero(~fixed)[:2]
    surface = loss_surface(kind, [run], resolution=25, pair=(first, second))
    assert not surface.plane.directions[:, fixed].any()
    np.testing.assert_array_equal(surface.plane.centre, run.path[-1])


def test_a_single_weight_has_a_line_and_no_plane():
    run = train(Experiment(data="line", arch=(), biases="none", optimizer="sgd", lr=0.01, steps=30))
    assert np.isfinite(loss_line([run]).line.loss).all()
    for kind in ("pca", "hessian"):
        with pytest.raises(ValueError, match="A single parameter is trained"):
            loss_surface(kind, [run])
    with pytest.raises(ValueError, match="at least two weights"):
        loss_surface("random", [run])


def test_full_batch_without_penalties_the_objective_is_the_recorded_loss(run):
    assert objective_of(run).loss(run.params) == pytest.approx(run.loss[run.frames])


def test_penalties_belong_to_the_objective_and_dropout_does_not():
    run = train(Experiment(steps=5, arch=(4,), l2=0.5, dropout=0.5))
    objective = objective_of(run)
    weights = [run.network.layout.view(run.params[-1], name) for name in ("W1", "W2")]
    penalty = 0.25 * sum((part**2).sum() for part in weights)
    assert objective.loss(run.params[-1]) == pytest.approx(run.train_loss[-1] + penalty)


def test_a_window_by_hand_is_the_window(run):
    window = ((-1.0, 3.0), (-2.0, 2.0))
    grid = loss_surface("pca", [run], resolution=41, window=window).grid
    assert grid.alpha[[0, -1]] == pytest.approx([-1, 3])
    assert grid.beta[[0, -1]] == pytest.approx([-2, 2])


def test_the_line_ends_where_the_run_does(run):
    cut = loss_line([run])
    a = cut.line.a
    for place, k in ((0.0, 0), (1.0, -1)):
        node = int(np.abs(a - place).argmin())
        assert a[node] == pytest.approx(place, abs=1e-12)
        assert cut.line.loss[node] == pytest.approx(direct(run, run.params[k]))
    found = cut.trajectories[0]
    assert found.coordinates[[0, -1], 0] == pytest.approx([0, 1], abs=1e-12)
    along = run.params[-1] - run.params[0]
    nearest = run.params[0] + found.coordinates[20] * along
    assert along @ (run.params[20] - nearest) == pytest.approx(0, abs=1e-9)
    off, away = (np.linalg.norm(run.params[20] - other) for other in (nearest, run.params[-1]))
    assert found.residual[20] == pytest.approx(off / away)


def test_several_runs_lie_on_one_plane(run):
    other = train(run.experiment.replace(optimizer="sgd", lr=0.5))
    surface = loss_surface("pca", [run, other], resolution=25)
    for one, found in zip((run, other), surface.trajectories, strict=True):
        np.testing.assert_allclose(found.coordinates, surface.plane.project(one.params))
    assert surface.trajectories[1].coordinates[0] == pytest.approx(surface.trajectories[0].coordinates[0])
    assert same_space(run, other)
    assert not same_space(run, train(Experiment(steps=2, arch=(5, 3))))


@pytest.fixture(scope="module")
def normalised():
    """Two runs with batch norm, whose running averages move much further than their weights, and what descends."""
    base = Experiment(steps=100, arch=(4, 3), norm="batch", scale=5.0)
    runs = [train(base), train(base.replace(optimizer="sgd", lr=0.1))]
    kinds = runs[0].network.layout.kinds
    return runs, runs[0].network.layout.mask(*(kind for kind in kinds.values() if "running" not in kind))


def test_the_components_of_a_batch_normalised_run_are_those_of_what_descends_alone(normalised):
    runs, descends = normalised
    away = runs[0].params[:, descends] - runs[0].params[-1, descends]
    _, singular, rows = np.linalg.svd(away, full_matrices=False)
    surface = loss_surface("pca", runs[:1], resolution=15)
    found, directions = surface.trajectories[0], surface.plane.directions
    assert directions[:, ~descends] == pytest.approx(0, abs=1e-12)
    assert np.abs(np.vecdot(directions[:, descends], rows[:2])) == pytest.approx([1, 1])
    assert surface.plane.explained == pytest.approx(singular[:2] ** 2 / (singular**2).sum())
    assert found.explained == pytest.approx(surface.plane.explained.sum())
    assert np.abs(found.coordinates) == pytest.approx(np.abs(away @ rows[:2].T), abs=1e-9)
    off = np.linalg.norm(away - away @ rows[:2].T @ rows[:2], axis=1)
    assert found.residual[:-1] == pytest.approx(off[:-1] / np.linalg.norm(away[:-1], axis=1))


@pytest.mark.parametrize("kind", KINDS)
def test_distances_from_any_plane_are_those_of_what_descends(normalised, kind):
    runs, descends = normalised
    surface = loss_surface(kind, runs, resolution=15)
    directions = np.linalg.qr(surface.plane.directions[:, descends].T)[0]
    for run, found in zip(runs, surface.trajectories, strict=True):
        away = run.params[:, descends] - runs[0].params[-1, descends]
        inside, whole = (np.square(each).sum() for each in (away @ directions, away))
        assert found.explained == pytest.approx(inside / whole)
        assert found.loss == pytest.approx(direct(run, run.params))


def test_the_line_from_start_to_end_is_that_of_what_descends(normalised):
    runs, descends = normalised
    found = loss_line(runs[:1]).trajectories[0]
    path = runs[0].params[:, descends]
    along = (path[-1] - path[0]) / np.linalg.norm(path[-1] - path[0])
    away = path - path[-1]
    assert found.explained == pytest.approx(np.square(away @ along).sum() / np.square(away).sum())


def test_a_random_walk_is_taken_in_as_many_dimensions_as_descend(normalised):
    runs, descends = normalised
    assert loss_surface("random", runs, resolution=15).trajectories[0].by_chance == pytest.approx(2 / descends.sum())


def test_a_run_that_leaves_is_followed_until_then():
    assert followed(np.array([1.0, 0.5, 11.0, 0.4])) == 4
    assert followed(np.array([1.0, 0.5, 11.0, np.inf])) == 2
    assert followed(np.array([1.0, 1e9, np.nan])) == 1
    gone = train(Experiment(data="sine", optimizer="sgd", lr=50.0))
    surface = loss_surface("pca", [gone], resolution=25)
    assert surface.plane.kind == "hessian"
    np.testing.assert_array_equal(surface.plane.centre, gone.params[0])
    with pytest.raises(ValueError, match="no line"):
        loss_line([gone])


def test_a_gap_misleads_beyond_a_fifth_of_the_loss_unless_it_is_a_trifle():
    found = trajectory([1.0, 0.5, 0.001, 0.1], [0.7, 0.45, 0.002, 0.1])
    assert found.misleads.tolist() == [True, False, False, False]
    assert found.worst == 0
    assert trajectory([1.0, 0.5], [np.nan, 0.5]).misleads.tolist() == [True, False]


def test_a_large_network_is_judged_on_fewer_samples_and_a_huge_one_refused(monkeypatch):
    large = train(Experiment(arch=(300, 30), steps=1, samples=2000, batch=10))
    objective = objective_of(large)
    assert 64 <= objective.x.shape[1] < objective.total == 1500
    assert objective.x.shape[1] * large.network.size * 101**2 <= 2e10
    monkeypatch.setenv("DESCENT_LAB_SECONDS", "1")
    huge = train(Experiment(arch=(400, 400), steps=1))
    with pytest.raises(ValueError, match="reduce the resolution"):
        loss_surface("pca", [huge], resolution=101)


@pytest.mark.parametrize(
    ("kind", "more", "says"),
    [
        ("weights", {"pair": (2, 2)}, "two different"),
        ("tilted", {}, "must be one of pca, random, weights, hessian"),
        ("pca", {"window": ((1.0, 1.0), (0.0, 1.0))}, "window"),
    ],
)
def test_what_spans_no_plane_is_refused_in_a_sentence(run, kind, more, says):
    with pytest.raises(ValueError, match=says):
        loss_surface(kind, [run], resolution=25, **more)


def test_random_directions_need_two_weights():
    with pytest.raises(ValueError, match="two weights"):
        loss_surface("random", [train(Experiment(data="line", arch=(), steps=3))])


@pytest.mark.parametrize("drawn", [lambda runs: loss_surface("pca", runs), loss_line])
def test_more_key_frames_of_a_run_lie_in_the_same_picture_and_leave_the_others_where_they_were(drawn):
    few, every = (train(Experiment(steps=60, arch=(4, 3)), frames=frames) for frames in (7, 61))
    picture, whole = drawn([few]), drawn([every])
    before, found = picture.trajectories[0], closely(picture, [every])[0]
    kept = np.isin(found.steps, before.steps)
    assert found.steps.tolist() == list(range(61))
    for name in ("steps", "coordinates", "loss", "projected_loss", "residual"):
        np.testing.assert_array_equal(getattr(found, name)[kept], getattr(before, name))
    if drawn is loss_line:
        np.testing.assert_allclose(found.coordinates, whole.trajectories[0].coordinates, atol=1e-12)
    else:
        np.testing.assert_allclose(found.coordinates, picture.plane.project(every.path))
    assert found.loss[23] == pytest.approx(direct(every, every.params[23]), rel=1e-9)
    assert found.followed == len(found.steps)
