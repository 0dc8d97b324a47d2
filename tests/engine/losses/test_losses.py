"""Every loss against PyTorch's, its own gradient, and what is known about its value."""

import math

import numpy as np
import pytest

from engine.losses import LOSSES, encode_targets, softmax, with_options

REGRESSION = ("squared_error", "mse", "mae", "huber", "log_cosh")
DISTRIBUTION = ("softmax_cross_entropy", "kl")
ONE_HOT = (*DISTRIBUTION, "multi_margin")
KEYS = [*REGRESSION, "binary_cross_entropy", "softmax_cross_entropy", "hinge", "multi_margin", "kl", "focal"]
SOFT = (*REGRESSION, "binary_cross_entropy", *DISTRIBUTION, "focal")


def problem(name, k, n=40, *, soft=False, size=3.0, seed=0):
    """Outputs z and targets y [k, n] of the kind that the loss is for."""
    rng = np.random.default_rng(seed)
    z = rng.normal(0, size, (k, n))
    if name in REGRESSION:
        return z, rng.normal(0, 1, (k, n))
    if name in DISTRIBUTION and soft:
        return z, rng.dirichlet(np.ones(k), n).T
    if soft:
        return z, rng.uniform(0, 1, (k, n))
    if k == 1 and name in ONE_HOT:
        return z, np.ones((1, n))  # the only distribution over one class
    if k == 1:
        return z, rng.integers(0, 2, (1, n)).astype(float)
    return z, np.eye(k)[:, rng.integers(0, k, n)]


@pytest.fixture
def torch_loss():
    torch = pytest.importorskip("torch")
    f = torch.nn.functional

    def focal(z, y, gamma=2.0):  # torchvision.ops.sigmoid_focal_loss without alpha
        p = torch.sigmoid(z)
        missed = 1 - (p * y + (1 - p) * (1 - y))
        return (f.binary_cross_entropy_with_logits(z, y, reduction="none") * missed**gamma).mean()

    named = {
        "squared_error": lambda z, y: ((z - y) ** 2).sum() / (2 * z.shape[1]),
        "mse": f.mse_loss,
        "mae": f.l1_loss,
        "huber": f.huber_loss,
        "log_cosh": lambda z, y: (torch.logaddexp(z - y, y - z) - math.log(2)).mean(),
        "binary_cross_entropy": f.binary_cross_entropy_with_logits,
        "softmax_cross_entropy": lambda z, y, **options: f.cross_entropy(z.T, y.T, **options),
        "hinge": lambda z, y: torch.relu(1 - (2 * y - 1) * z).mean(),
        "multi_margin": lambda z, y: f.multi_margin_loss(z.T, y.argmax(dim=0)),
        "kl": lambda z, y: f.kl_div(f.log_softmax(z.T, dim=1), y.T, reduction="batchmean"),
        "focal": focal,
    }

    def value_and_gradient(name, z, y, **options):
        z = torch.tensor(z, requires_grad=True)
        loss = named[name](z, torch.tensor(y), **options)
        loss.backward()
        return loss.item(), z.grad.numpy()

    return value_and_gradient


def assert_agrees(loss, z, y, expected):
    value, gradient = loss.value_and_gradient(z, y)
    np.testing.assert_allclose(value, expected[0], rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(gradient, expected[1], rtol=1e-13, atol=1e-15)


def test_registry_holds_every_loss_under_its_name():
    assert list(LOSSES) == KEYS
    assert [loss.name for loss in LOSSES.values()] == KEYS


@pytest.mark.parametrize("k", [1, 3])
@pytest.mark.parametrize("name", KEYS)
def test_value_and_gradient_are_pytorchs(name, k, torch_loss):
    z, y = problem(name, k)
    assert_agrees(LOSSES[name], z, y, torch_loss(name, z, y))


@pytest.mark.parametrize("name", SOFT)
def test_value_and_gradient_are_pytorchs_for_soft_targets(name, torch_loss):
    z, y = problem(name, 4, soft=True)
    assert_agrees(LOSSES[name], z, y, torch_loss(name, z, y))


@pytest.mark.parametrize("k", [1, 3])
@pytest.mark.parametrize("name", KEYS)
def test_value_and_gradient_are_pytorchs_at_huge_outputs(name, k, torch_loss):
    z, y = problem(name, k)
    z = np.where(np.arange(z.shape[1]) % 2, 1500, 30) * np.sign(z)
    assert_agrees(LOSSES[name], z, y, torch_loss(name, z, y))


@pytest.mark.parametrize("name", KEYS)
def test_kinks_are_taken_as_pytorch_takes_them(name, torch_loss):
    z, y = problem(name, 1, n=6)
    y = np.round(y)
    z = y - [[0, -1, 1, 0, -1, 1]] if name in REGRESSION else np.array([[0, 1, -1, 0.0, -0.0, -1]])
    assert_agrees(LOSSES[name], z, y, torch_loss(name, z, y))


@pytest.mark.parametrize(
    ("name", "options"),
    [
        *(("softmax_cross_entropy", {"label_smoothing": s}) for s in (0.1, 0.5)),
        *(("huber", {"delta": d}) for d in (0.3, 4.0)),
        *(("focal", {"gamma": g}) for g in (0.5, 1.0, 5.0)),
    ],
)
@pytest.mark.parametrize("size", [3.0, 500.0])
def test_options_are_pytorchs(name, options, size, torch_loss):
    z, y = problem(name, 3, size=size)
    ours = {key.replace("label_", ""): value for key, value in options.items()}
    if name == "focal" and options["gamma"] < 1:
        z = np.clip(z, -15, 15)  # where 1 - p_y is rounded to 0, autograd of its root is nan
    assert_agrees(with_options(name, **ours), z, y, torch_loss(name, z, y, **options))


def test_focal_without_focus_is_binary_cross_entropy():
    z, y = problem("focal", 3, size=300)
    assert_agrees(with_options("focal", gamma=0), z, y, LOSSES["binary_cross_entropy"].value_and_gradient(z, y))


@pytest.mark.parametrize("gamma", [0.0, 0.5, 1.0, 2.0])
def test_focal_is_finite_where_a_probability_underflows(gamma):
    y = np.array([[1.0, 0.0, 1.0, 0.0]])
    value, gradient = with_options("focal", gamma=gamma).value_and_gradient(
        np.array([[1500.0, -1500.0, -1500.0, 1500.0]]), y
    )
    assert value == 750
    np.testing.assert_allclose(gradient, [[0, 0, -0.25, 0.25]], rtol=1e-15)


@pytest.mark.parametrize("k", [1, 3])
@pytest.mark.parametrize("name", KEYS)
def test_gradient_is_the_complex_step_of_the_value(name, k):
    z, y = problem(name, k, n=7)
    steps = 1e-30j * np.eye(z.size).reshape(-1, *z.shape)
    numeric = (LOSSES[name].value(z + steps, y).imag / 1e-30).reshape(z.shape)
    np.testing.assert_allclose(LOSSES[name].gradient(z, y), numeric, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(LOSSES[name].gradient(z + 1e-30j, y).real, numeric, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("dtype", ["f4", "f8", "c16"])
@pytest.mark.parametrize("name", KEYS)
def test_all_ways_to_ask_give_the_same_numbers(name, dtype):
    z, y = problem(name, 3)
    z, y = z.astype(dtype), y.astype(dtype)
    out = np.full_like(z, 7)
    value, gradient = LOSSES[name].value_and_gradient(z, y, out=out)
    assert gradient is out
    assert value == LOSSES[name].value(z, y) == LOSSES[name].value_and_gradient(z, y)[0]
    np.testing.assert_array_equal(gradient, LOSSES[name].gradient(z, y))
    again = np.full_like(z, 7)
    assert LOSSES[name].gradient(z, y, out=again) is again
    np.testing.assert_array_equal(gradient, again)
    step = LOSSES[name].bind(z, again)
    for _ in range(2):  # nothing is left behind
        assert step(y) == value
        np.testing.assert_array_equal(gradient, again)


@pytest.mark.parametrize("name", KEYS)
def test_inputs_are_left_alone(name):
    z, y = problem(name, 3)
    LOSSES[name].value_and_gradient(z, y)
    np.testing.assert_array_equal(z, problem(name, 3)[0])
    np.testing.assert_array_equal(y, problem(name, 3)[1])


@pytest.mark.parametrize("target", ["f4", "f8", "i8"])
@pytest.mark.parametrize("name", KEYS)
def test_float32_stays_float32_whatever_the_targets_are(name, target):
    z, y = problem(name, 3)
    y = np.round(y).astype(target)
    for runs in ((), (2,)):
        wide = np.broadcast_to(z, (*runs, *z.shape))
        value, gradient = LOSSES[name].value_and_gradient(wide.astype("f4"), y)
        assert value.dtype == gradient.dtype == LOSSES[name].value(wide.astype("f4"), y).dtype == np.float32
        expected = LOSSES[name].value_and_gradient(wide, y.astype(float))
        np.testing.assert_allclose(value, expected[0], rtol=1e-5)
        np.testing.assert_allclose(gradient, expected[1], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("k", [1, 10])
@pytest.mark.parametrize("name", KEYS)
def test_run_axes_give_what_a_loop_gives_bit_for_bit(name, k, dtype):
    z, y = (np.stack([problem(name, k, 333, seed=s)[i] for s in range(6)]).astype(dtype) for i in (0, 1))
    z, y = z.reshape(2, 3, k, 333), y.reshape(2, 3, k, 333)
    for targets in (y[0, 0], y):
        value, gradient = LOSSES[name].value_and_gradient(z, targets)
        assert value.shape == (2, 3)
        np.testing.assert_array_equal(value, LOSSES[name].value(z, targets))
        for run in np.ndindex(2, 3):
            alone = LOSSES[name].value_and_gradient(z[run].copy(), targets if targets.ndim == 2 else targets[run])
            assert alone[0] == value[run]
            np.testing.assert_array_equal(alone[1], gradient[run])


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("k", [1, 3])
@pytest.mark.parametrize("name", KEYS)
def test_nothing_overflows(name, k, dtype):
    _, y = problem(name, k, 401)
    z = np.linspace(-1000, 1000, 401 * k, dtype=dtype).reshape(k, 401)
    with np.errstate(all="raise", under="ignore"):
        value, gradient = LOSSES[name].value_and_gradient(z, y.astype(dtype))
    assert np.isfinite(value)
    assert np.isfinite(gradient).all()


@pytest.mark.parametrize("runs", [(), (2,)])
@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("name", KEYS)
def test_no_finite_output_warns(name, dtype, runs):
    _, y = problem(name, 3, 8)
    z = np.full((*runs, 3, 8), np.finfo(dtype).max, dtype)
    z[..., ::2] *= -1
    with np.errstate(all="raise", under="ignore"):
        assert LOSSES[name].value_and_gradient(z, y.astype(dtype))[0].shape == runs
        assert LOSSES[name].value(z, y.astype(dtype)).shape == runs


@pytest.mark.parametrize(
    ("name", "z", "y", "exact"),
    [
        ("binary_cross_entropy", 40.0, 1.0, math.exp(-40)),  # ln(1 + e^-z) = e^-z as z grows
        ("binary_cross_entropy", -40.0, 0.0, math.exp(-40)),
        ("binary_cross_entropy", 40.0, 0.0, 40.0),
        ("log_cosh", 1e-8, 0.0, 0.5e-16),  # ln cosh d = d²/2 as d shrinks
        ("log_cosh", 0.0, 1e3, 1e3 - math.log(2)),
        ("focal", 40.0, 1.0, math.exp(-120)),
    ],
)
def test_small_and_large_losses_are_relatively_exact(name, z, y, exact):
    assert LOSSES[name].value(np.array([[z]]), np.array([[y]])) == pytest.approx(exact, rel=1e-13, abs=0)


@pytest.mark.parametrize("classes", [2, 5, 10])
def test_no_opinion_costs_the_logarithm_of_the_number_of_classes(classes):
    y = np.eye(classes)
    for name in DISTRIBUTION:
        assert LOSSES[name].value(np.zeros((classes, classes)), y) == pytest.approx(math.log(classes), rel=1e-15)
    assert LOSSES["binary_cross_entropy"].value(np.zeros((1, 3)), np.ones((1, 3))) == pytest.approx(
        math.log(2), rel=1e-15
    )


def test_divergence_is_zero_only_from_a_distribution_to_itself():
    y = np.random.default_rng(0).dirichlet(np.ones(4), 20).T
    value, gradient = LOSSES["kl"].value_and_gradient(np.log(y) + 3, y)
    assert value == pytest.approx(0, abs=1e-15)
    np.testing.assert_allclose(gradient, 0, atol=1e-16)
    assert LOSSES["kl"].value(np.log(y[::-1]), y) > 0.1


@pytest.mark.parametrize("name", DISTRIBUTION)
def test_softmax_losses_know_nothing_of_a_shift_of_all_logits(name):
    z, y = problem(name, 4)
    value, gradient = LOSSES[name].value_and_gradient(z, y)
    np.testing.assert_allclose(LOSSES[name].value(z + 1e3, y), value, rtol=1e-12)
    np.testing.assert_allclose(gradient.sum(axis=0), 0, atol=1e-16)


def test_factors_are_the_named_ones():
    z, y = np.full((2, 5), 3.0), np.zeros((2, 5))
    assert LOSSES["squared_error"].value(z, y) == 9  # 10 entries of 9 over 2·5
    assert LOSSES["mse"].value(z, y) == 9
    assert LOSSES["squared_error"].value(z[:1], y[:1]) == 4.5
    assert LOSSES["mae"].value(z, y) == 3
    assert LOSSES["huber"].value(z, y) == 2.5
    assert LOSSES["hinge"].value(z, y) == 4


def test_display_shows_probabilities_for_losses_on_logits_and_else_the_output():
    z = np.array([[[-800.0, 0.0, 2.0], [800.0, 0.0, 1.0]]])
    for name, loss in LOSSES.items():
        assert loss.probability == loss.from_logits
        if name in DISTRIBUTION:
            np.testing.assert_allclose(
                loss.display(z), [[[0, 0.5, 1 / (1 + math.exp(-1))], [1, 0.5, 1 / (1 + math.e)]]]
            )
        elif loss.probability:
            np.testing.assert_allclose(loss.display(z), 1 / (1 + np.exp(-z.clip(-700))), atol=1e-300)
        elif name == "multi_margin":  # by how much each class leads
            np.testing.assert_array_equal(loss.display(z), [[[-1600, 0, 1], [1600, 0, -1]]])
        else:
            np.testing.assert_array_equal(loss.display(z), z)
    assert {name for name, loss in LOSSES.items() if loss.probability} == {
        "binary_cross_entropy",
        "focal",
        *DISTRIBUTION,
    }


def test_softmax_columns_are_distributions():
    p = softmax(np.random.default_rng(0).normal(0, 500, (2, 5, 30)))
    assert (p >= 0).all()
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-15)


@pytest.mark.parametrize("name", KEYS)
def test_labels_of_several_outputs_are_the_largest(name):
    z = np.array([[[0.1, 9.0, -3.0], [0.3, -1.0, -2.0], [0.2, 0.0, -2.0]]])
    found = LOSSES[name].labels(z)
    assert found.dtype == np.int64
    np.testing.assert_array_equal(found, [[1, 0, 1]])


@pytest.mark.parametrize("name", [name for name in KEYS if name not in ONE_HOT])
def test_label_of_one_output_is_the_likelier_class(name):
    threshold = 0.5 if name in REGRESSION else 0.0
    found = LOSSES[name].labels(threshold + np.array([[-1.0, 0.0, 1e-9, 1.0]]))
    assert found.dtype == np.int64
    np.testing.assert_array_equal(found, [0, 0, 1, 1])


@pytest.mark.parametrize("name", KEYS)
def test_targets_of_two_classes_are_one_row_unless_distributions_are_compared(name):
    y = encode_targets(name, np.array([0, 1, 1]), 2)
    assert y.dtype == np.float64
    np.testing.assert_array_equal(y, [[1, 0, 0], [0, 1, 1]] if name in ONE_HOT else [[0, 1, 1]])


@pytest.mark.parametrize("name", KEYS)
def test_targets_of_more_classes_are_one_hot_and_labels_find_them_again(name):
    labels = np.array([3, 0, 1, 1])
    y = encode_targets(name, labels, 4)
    np.testing.assert_array_equal(y, np.eye(4)[:, labels])
    np.testing.assert_array_equal(LOSSES[name].labels(y), labels)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: with_options("absolute"), "name='absolute'"),
        (lambda: with_options("mse", delta=1.0), "delta=1.0 is not an option of mse"),
        (lambda: with_options("huber", gamma=1.0), "which takes delta"),
        (lambda: with_options("huber", delta=0), "delta=0"),
        (lambda: with_options("huber", delta=math.nan), "delta=nan"),
        (lambda: with_options("focal", gamma=-1), "gamma=-1"),
        (lambda: with_options("softmax_cross_entropy", smoothing=1), r"smoothing=1 must be in \[0, 0.99\]"),
        (lambda: encode_targets("absolute", np.array([0]), 2), "name='absolute'"),
        (lambda: encode_targets("mse", np.array([0]), 1), "n_classes=1"),
        (lambda: encode_targets("mse", np.array([0, 3]), 3), r"labels=0\.\.3 must lie in 0\.\.2"),
        (lambda: encode_targets("mse", np.array([-1, 0]), 3), r"labels=-1\.\.0"),
    ],
)
def test_errors_name_the_argument_and_its_value(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_without_options_a_loss_is_the_registered_one():
    assert all(with_options(name) is loss for name, loss in LOSSES.items())


def test_margins_are_the_lead_over_the_best_of_the_others():
    z = np.array([[3.0, 1.0], [1.0, 1.0], [-2.0, 0.5]])
    np.testing.assert_array_equal(LOSSES["multi_margin"].display(z), [[2, 0], [-2, 0], [-5, -0.5]])


@pytest.mark.parametrize("name", ["squared_error", "mse"])
def test_a_sum_over_the_samples_is_torchs(name):
    torch = pytest.importorskip("torch")
    z, y = problem(name, 3)
    loss, gradient = with_options(name, summed=True).value_and_gradient(z, y)
    half = 0.5 if name == "squared_error" else 1
    assert loss == pytest.approx(half * torch.nn.MSELoss(reduction="sum")(torch.tensor(z), torch.tensor(y)).item())
    np.testing.assert_allclose(gradient, 2 * half * (z - y), rtol=1e-14)
    assert with_options(name, summed=False).value(z, y) == LOSSES[name].value(z, y)
    with pytest.raises(ValueError, match="summed must be True or False"):
        with_options(name, summed=0.5)
