"""Whole runs: against PyTorch step by step, against themselves, and when things go wrong."""

import tracemalloc

import numpy as np
import pytest

from engine import Experiment, TooMuchWork, race, train
from engine.optimizers import OPTIMIZERS
from engine.schedules import SCHEDULES
from engine.training import batches, begins_alike, load, targets
from engine.training.batches import epoch_of, joined

SMALL = Experiment(steps=40, samples=60)


def torch_run(recording, optimizer):
    """The run of `recording` again, full batch, in torch: parameters after every step, `[T + 1, P]`."""
    import torch

    network, data = recording.network, recording.data
    layout = network.layout
    x = torch.tensor(data.x[:, data.train])
    y = torch.tensor(targets(recording.experiment, data)[:, data.train])
    named = {
        name: torch.tensor(layout.view(recording.params[0], name).copy(), requires_grad=True) for name in layout.names
    }
    steps = optimizer(torch, list(named.values()))
    path = []
    for _ in range(recording.steps + 1):
        flat = np.empty(network.size)
        for name, value in named.items():
            layout.view(flat, name)[...] = value.detach().numpy()
        path.append(flat)
        a = x
        for number in range(1, len(network.sizes)):
            z = named[f"W{number}"] @ a + named[f"b{number}"][:, None]
            a = torch.tanh(z)
        loss = torch.nn.functional.binary_cross_entropy_with_logits(z, y)
        for value in named.values():
            value.grad = None
        loss.backward()
        steps.step()
    return np.array(path)


@pytest.mark.parametrize(
    ("settings", "optimizer"),
    [
        ({"optimizer": "sgd", "lr": 0.5}, lambda torch, p: torch.optim.SGD(p, lr=0.5)),
        ({"optimizer": "momentum", "lr": 0.1}, lambda torch, p: torch.optim.SGD(p, lr=0.1, momentum=0.9)),
        (
            {"optimizer": "nesterov", "lr": 0.1},
            lambda torch, p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True),
        ),
        ({"optimizer": "adagrad", "lr": 0.1}, lambda torch, p: torch.optim.Adagrad(p, lr=0.1)),
        ({"optimizer": "adam", "lr": 0.03}, lambda torch, p: torch.optim.Adam(p, lr=0.03)),
        (
            {"optimizer": "adamw", "lr": 0.03, "decay": 0.1},
            lambda torch, p: torch.optim.AdamW(p, lr=0.03, weight_decay=0.1),
        ),
    ],
)
def test_a_whole_run_equals_torch_step_by_step(settings, optimizer):
    pytest.importorskip("torch")
    recording = train(SMALL.replace(**settings), frames=41)
    assert recording.params == pytest.approx(torch_run(recording, optimizer), rel=1e-9, abs=1e-11)


def test_equal_experiments_give_equal_recordings():
    one, two = train(SMALL.replace(batch=7, dropout=0.2)), train(SMALL.replace(batch=7, dropout=0.2))
    assert np.array_equal(one.params, two.params)
    assert not np.array_equal(one.params, train(SMALL.replace(batch=7, dropout=0.2, seed=1)).params)


def test_steps_fit_together():
    """θ_{t+1} = θ_t + u_t, and for gradient descent u_t = -lr g_t; norms are those of the recorded vectors."""
    recording = train(SMALL.replace(optimizer="sgd", lr=0.1), frames=41)
    layout = recording.network.layout
    assert recording.params[1:] == pytest.approx(recording.params[:-1] + recording.updates[:-1], rel=1e-12, abs=1e-16)
    assert recording.updates == pytest.approx(-0.1 * recording.gradients, rel=1e-9, abs=1e-15)
    for column, name in enumerate(recording.parts):
        expected = [np.linalg.norm(layout.view(gradient, name)) for gradient in recording.gradients]
        assert recording.gradient_norm[:, column] == pytest.approx(expected, rel=1e-12)


def test_loss_and_gradient_of_each_step_are_the_engines():
    recording = train(SMALL.replace(l2=0.01), frames=41)
    data = recording.data
    x, y = data.x[:, data.train], targets(recording.experiment, data)[:, data.train]
    loss, gradient = recording.network.loss_and_gradient(recording.params, x, y)
    assert np.array_equal(recording.loss, loss)
    assert np.array_equal(recording.gradients, gradient)


def test_key_frames_are_part_of_the_whole_history():
    few, all_steps = train(SMALL, frames=6), train(SMALL, frames=41)
    assert few.frames[0] == 0
    assert few.frames[-1] == few.steps == 40
    assert np.array_equal(few.params, all_steps.params[few.frames])


WILD = {"data": "parabola", "loss": "squared_error", "act": ("linear",), "optimizer": "sgd", "lr": 50, "batch": 7}


@pytest.mark.parametrize("changes", [{}, {"batch": 7, "clip": 0.1}, WILD], ids=["plain", "clipped", "diverging"])
@pytest.mark.parametrize("frames", [6, 41])
def test_a_run_does_not_depend_on_how_much_of_it_is_digested_at_once(monkeypatch, frames, changes):
    whole = train(SMALL.replace(**changes), frames=frames)
    monkeypatch.setattr("engine.training.loop.CHUNK_BYTES", 1)  # a digest after every step
    single = train(SMALL.replace(**changes), frames=frames)
    assert single.event == whole.event
    assert (whole.event is not None) == (changes is WILD)
    for name, values in vars(whole).items():
        if isinstance(values, np.ndarray):
            assert np.array_equal(getattr(single, name), values, equal_nan=True), name


def test_a_recording_keeps_to_its_frames_and_is_read_only():
    recording = train(SMALL.replace(steps=500))
    assert len(recording.frames) == 120
    with pytest.raises(ValueError, match="read-only"):
        recording.params[0] = 0


def test_an_epoch_visits_every_sample_once():
    experiment = SMALL.replace(batch=8)
    x = np.arange(20.0)[None]
    stream = batches(experiment, x, x, np.float64)
    for _ in range(2):
        epoch = [next(stream)[0][0] for _ in range(3)]
        assert [len(part) for part in epoch] == [8, 8, 4]
        assert sorted(np.concatenate(epoch)) == x[0].tolist()


def test_large_data_are_dealt_as_small_ones_are_and_never_copied_whole():
    """Images of 64 x 64 pixels, as rows in float32: the same order as of their numbers alone, batch by batch."""
    n, size = 2200, 64
    images = np.random.default_rng(0).random((n, 4096), dtype=np.float32)
    experiment, numbers = Experiment(batch=size), np.arange(n, dtype=float)[None]
    order = batches(experiment, numbers, numbers, np.dtype(float))
    tracemalloc.start()
    stream = batches(experiment, images.T, numbers, np.dtype(np.float32))
    for _ in range(40):
        x, y = next(stream)
        chosen = next(order)[0][0].astype(int)
        assert np.array_equal(y[0], chosen)
        assert np.array_equal(x, images[chosen].T)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < images.nbytes


@pytest.mark.parametrize(
    ("n", "size", "epoch"),
    [(66, 13, [13] * 4 + [14]), (66, 11, [11] * 6), (67, 13, [13] * 5 + [2]), (5, 2, [2, 3]), (3, 2, [3])],
)
def test_batch_normalisation_meets_no_batch_of_one_sample(n, size, epoch):
    """PyTorch refuses one in training; here it joins the batch before, and every sample is still seen once."""
    import torch

    experiment = SMALL.replace(norm="batch", batch=size)
    x, normalise = np.arange(float(n))[None], torch.nn.BatchNorm1d(1)
    stream = batches(experiment, x, x, np.float64)
    for _ in range(2):
        dealt = [next(stream)[1][0] for _ in epoch]
        assert [len(part) for part in dealt] == epoch
        assert sorted(np.concatenate(dealt)) == x[0].tolist()
        for part in dealt:
            normalise(torch.tensor(part[:, None], dtype=torch.float32))
    assert epoch_of(experiment, n).count == len(epoch)
    assert bool(joined(experiment, n)) == (epoch[-1] > size)
    with pytest.raises(ValueError, match="more than 1 value"):
        normalise(torch.ones(1, 1))


def test_a_last_batch_of_one_sample_stays_without_batch_normalisation():
    for changes in ({}, {"norm": "layer"}, {"norm": "batch", "arch": ()}):
        experiment = SMALL.replace(batch=13, **changes)
        assert epoch_of(experiment, 66) == (6, 13, 1)
        assert not joined(experiment, 66)


def test_one_sample_left_over_does_not_spoil_a_batch_normalised_run():
    """Its running averages took a variance of 0 from it: a test loss of .657, and of .082 in batches of 11."""
    recordings = [train(Experiment(norm="batch", samples=88, batch=batch)) for batch in (11, 13)]
    assert [float(recording.test_loss[-1]) for recording in recordings] == pytest.approx([0.08, 0.08], abs=0.05)


def test_a_plateau_is_watched_for_in_the_epochs_that_there_are():
    rates = train(Experiment(norm="batch", samples=88, batch=13, schedule="plateau", plateau=0, threshold=0.99)).lr
    changes = np.flatnonzero(np.diff(rates)) + 1
    assert len(changes)
    assert not (changes % 5).any()


def test_the_default_experiment_learns():
    recording = train(Experiment())
    assert recording.event is None
    assert recording.train_accuracy[-1] > 0.97
    assert recording.test_accuracy[-1] > 0.9
    assert recording.train_loss[-1] < 0.2 * recording.train_loss[0]


def test_digits_are_learnt():
    experiment = Experiment(
        data="digits", samples=1797, arch=(32,), act=("relu",), init="he", lr=0.01, batch=64, steps=440
    )
    assert train(experiment).test_accuracy[-1] > 0.94


@pytest.mark.parametrize("optimizer", sorted(OPTIMIZERS))
def test_every_optimizer_makes_the_loss_smaller(optimizer):
    lr = {"adadelta": 1.0, "sgd": 0.3}.get(optimizer, 0.03)
    recording = train(Experiment(samples=40, arch=(3,), steps=100, optimizer=optimizer, lr=lr))
    assert recording.train_loss[-1] < 0.99 * recording.train_loss[0]


def test_a_race_equals_single_runs_bitwise():
    racers = [SMALL.replace(lr=lr, optimizer=name) for name in ("adam", "momentum") for lr in (0.01, 0.1)]
    racers += [
        SMALL.replace(optimizer="rmsprop", lr=0.01, schedule="cosine"),
        SMALL.replace(optimizer="adam", beta1=0.5),
    ]
    for experiment, recording in zip(racers, race(racers), strict=True):
        alone = train(experiment)
        assert recording.experiment == experiment
        for name in (
            "loss",
            "lr",
            "params",
            "gradients",
            "updates",
            "gradient_norm",
            "update_norm",
            "weight_norm",
            "gradient_cosine",
        ):
            assert np.array_equal(getattr(recording, name), getattr(alone, name), equal_nan=True), name


def test_racers_must_share_data_and_network():
    with pytest.raises(ValueError, match="must agree in a race"):
        race([SMALL, SMALL.replace(arch=(3,))])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_running_average_that_leaves_the_range_of_the_numbers_ends_the_run_too(dtype):
    """The weights are far from the end of the range when the variance of what they put out has passed it."""
    recording = train(Experiment(lr=1e3, optimizer="lbfgs", steps=60, norm="batch"), dtype=dtype)
    assert recording.event.what == "variance1"
    assert recording.event.step == recording.steps + 1
    assert np.isfinite(recording.params).all()


def test_divergence_is_an_event_and_the_run_ends_before_it():
    experiment = Experiment(data="parabola", loss="squared_error", act=("relu",), optimizer="sgd", lr=50, steps=200)
    recording = train(experiment)
    event = recording.event
    assert event.kind == "diverged"
    assert event.step == recording.steps + 1 < 200
    assert event.layer == 3
    assert str(event.step) in event.sentence
    assert np.isfinite(recording.loss).all()
    assert np.isfinite(recording.params).all()
    assert recording.frames[-1] == recording.steps


def test_one_diverging_racer_does_not_touch_the_others():
    base = Experiment(data="parabola", loss="squared_error", act=("relu",), optimizer="sgd", steps=100)
    wild, calm = race([base.replace(lr=50), base.replace(lr=0.001)])
    assert wild.event.kind == "diverged"
    assert calm.event is None
    assert np.array_equal(calm.params, train(base.replace(lr=0.001)).params)


def test_initial_weights_that_overflow_are_an_event_of_step_0():
    """A ReLU layer of width n multiplies the signal by about σ√(n/2): 800 here, past 10^38.5 near layer 13."""
    experiment = Experiment(arch=(128,) * 20, act=("relu",), init="normal", scale=100, steps=2, samples=20)
    recording = train(experiment, dtype=np.float32)
    assert recording.event.step == recording.steps == 0
    assert recording.event.what == "activation"
    assert recording.event.layer == pytest.approx(38.5 / np.log10(100 * np.sqrt(128 / 2)), abs=1.5)


def test_early_stopping_waits_for_its_patience():
    recording = train(Experiment(samples=30, noise=0.8, test=0.5, arch=(32, 32), steps=2000, patience=50))
    assert recording.event.kind == "stopped"
    assert recording.steps == recording.event.step < 2000
    full = train(recording.experiment.replace(patience=0, steps=recording.steps), frames=recording.steps + 1)
    assert int(np.argmin(full.test_loss)) == recording.steps - 50


@pytest.mark.parametrize("data", ["circle", "sine"])
def test_with_nothing_held_back_there_is_no_test_loss(data):
    recording = train(Experiment(data=data, test=0, samples=20, steps=5))
    assert len(recording.data.train) == 20
    assert recording.test_loss is recording.test_accuracy is None
    assert not [name for name in recording.table() if "test" in name]


def test_early_stopping_needs_something_to_test_on():
    with pytest.raises(ValueError, match="patience=3 must be 0 where nothing is held back"):
        Experiment(test=0, patience=3)
    with pytest.raises(ValueError, match="patience=3 must be 0 where nothing is held back"):
        train(Experiment(patience=3), data=load(Experiment(test=0)))


def test_clipping_bounds_the_applied_gradient_only():
    recording = train(SMALL.replace(clip=0.01))
    total = np.sqrt((recording.applied_norm**2).sum(axis=1))
    before = np.sqrt((recording.gradient_norm**2).sum(axis=1))
    assert total.max() <= 0.01
    assert before.max() > 0.1


def test_zero_weights_stay_alike():
    """All weights 0: the hidden units of a layer get the same gradient for ever (symmetry is never broken)."""
    recording = train(SMALL.replace(init="zeros", bias=0.1))
    first = recording.network.layout.view(recording.params[-1], "W2")
    assert np.ptp(first, axis=0).max() == 0


def test_progress_is_reported_and_can_interrupt():
    seen = []
    train(SMALL, seen.append)
    assert seen[-1] == 1
    assert seen == sorted(seen)

    def interrupt(_share):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(SMALL, interrupt)


def test_too_much_work_is_refused_before_it_begins():
    with pytest.raises(TooMuchWork, match=r"reduce the steps \(20000\)"):
        train(Experiment(arch=(512,) * 20, steps=20_000, samples=5000))
    with pytest.raises(TooMuchWork, match="Hessian"):
        train(Experiment(arch=(64, 64), optimizer="newton"))


def test_a_loss_that_does_not_suit_the_target_is_refused():
    data = load(Experiment(data="line"))
    with pytest.raises(ValueError, match="does not suit a target that is a number"):
        train(Experiment(data="csv", loss="hinge"), data=data)


def test_batch_norm_carries_its_running_averages():
    """After many full batches the running mean is that of the last ones: prediction and training mode agree."""
    recording = train(SMALL.replace(norm="batch", lr=1e-4, steps=400))
    data, network = recording.data, recording.network
    x, y = data.x[:, data.train], targets(recording.experiment, data)[:, data.train]
    last = recording.params[-1]
    assert float(network.data_loss(last, x, y)) == pytest.approx(float(network.loss(last, x, y)), rel=0.02)


def test_the_table_has_a_row_for_each_step():
    recording = train(SMALL)
    table = recording.table()
    assert {len(column) for column in table.values()} == {41}
    assert np.array_equal(table["gradient_norm W1"], recording.gradient_norm[:, 0])
    assert np.array_equal(table["test_accuracy"][recording.frames], recording.test_accuracy)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize(
    "settings",
    [
        {"batch": 7, "dropout": 0.2, "gradient_noise": 0.01, "input_noise": 0.1},
        {"norm": "batch", "schedule": "plateau", "plateau": 1, "warmup": 3, "batch": 9},
        {"schedule": "inverse_time", "decay_rate": 0.1, "bug": "stale"},
    ],
    ids=["random", "plateau", "inverse time"],
)
def test_a_longer_run_begins_with_the_shorter_one(optimizer, settings):
    """300 more steps are a run of 300 steps more: nothing that is drawn or remembered depends on how many come."""
    short = Experiment(samples=40, arch=(4,), steps=15, optimizer=optimizer, **settings)
    one, other = (train(run, frames=32) for run in (short, short.replace(steps=31)))
    assert begins_alike(short, 31)
    assert np.array_equal(other.params[:16], one.params)
    assert np.array_equal(other.loss[:16], one.loss)
    assert np.array_equal(other.gradients[:16], one.gradients)


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_of_a_schedule_that_takes_the_whole_run_it_is_known(schedule):
    fixed = {"constant", "plateau"}
    assert begins_alike(Experiment(schedule=schedule, steps=20), 40) == (schedule in fixed)
    short = Experiment(schedule=schedule, steps=20, samples=40, optimizer="sgd", lr=0.1)
    one, other = (train(run, frames=41) for run in (short, short.replace(steps=40)))
    assert np.array_equal(one.params[:21], other.params[:21]) == (schedule in fixed)
