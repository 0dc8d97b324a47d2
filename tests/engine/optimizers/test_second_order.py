"""L-BFGS against PyTorch in closed loop; Newton against linear algebra, at saddles and on flats."""

import re

import numpy as np
import pytest

from engine.optimizers import OPTIMIZERS

RNG = np.random.default_rng(20)
BASIS = np.linalg.qr(RNG.standard_normal((8, 8)))[0]
QUADRATIC = BASIS @ np.diag(np.geomspace(0.1, 10, 8)) @ BASIS.T  # condition number 100


def quadratic(x, array):
    """½ xᵀAx, for NumPy and for torch."""
    return 0.5 * (x * (array(QUADRATIC) @ x)).sum()


def rosenbrock(x, _):
    return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2


def waves(x, _):
    """Hills and valleys: here a pair often measures negative curvature, and must not be kept."""
    return ((x * x) * 0.05 + 1.5 * (2 * x).cos()).sum()


@pytest.mark.parametrize(
    ("function", "start", "options"),
    [
        (quadratic, np.linspace(-1, 2, 8), {}),
        (quadratic, np.linspace(-1, 2, 8), {"lr": 0.3, "history_size": 2}),
        (rosenbrock, np.array([-1.2, 1.0]), {}),
        (rosenbrock, np.array([-1.2, 1.0]), {"lr": 0.5, "history_size": 3}),
        (waves, np.linspace(-1.4, 1.9, 6), {"lr": 0.4}),
        (waves, np.linspace(-1.4, 1.9, 6), {"lr": 0.7, "history_size": 2}),
    ],
)
def test_lbfgs_is_torchs_with_one_iteration_a_step(function, start, options):
    torch = pytest.importorskip("torch")
    tensor = torch.nn.Parameter(torch.tensor(start))
    oracle = torch.optim.LBFGS([tensor], **{"lr": 1.0, **options}, max_iter=1, tolerance_grad=0, tolerance_change=0)

    def closure():
        oracle.zero_grad()
        loss = function(tensor, torch.tensor)
        loss.backward()
        return loss

    optimizer = OPTIMIZERS["lbfgs"](**options)
    x, state = start, optimizer.init(start)
    for _ in range(12):
        oracle.step(closure)  # evaluates the gradient at the point it leaves
        x, state = optimizer.update(x, tensor.grad.numpy().copy(), state)
        np.testing.assert_allclose(x, tensor.detach().numpy(), rtol=1e-9, atol=1e-11)
        x = tensor.detach().numpy().copy()  # rounding grows along the path: start each step from the same point


def test_lbfgs_rejects_hills_as_measurements():
    """On -½x² every pair has ys < 0: none is kept, and it goes on downhill along -g, γ = 1."""
    optimizer = OPTIMIZERS["lbfgs"](lr=0.1)
    x = np.array([1.0, -2.0])
    state = optimizer.init(x)
    for _ in range(5):
        x, state = optimizer.update(x, -x, state)
    assert state.pairs == ()
    first = 1 + 0.1 / 3  # ‖g‖₁ = 3
    np.testing.assert_allclose(x, np.array([1.0, -2.0]) * first * 1.1**4, rtol=1e-14)


def test_lbfgs_keeps_no_more_pairs_than_it_may():
    optimizer = OPTIMIZERS["lbfgs"](history_size=3, lr=0.1)
    x = np.ones(8)
    state = optimizer.init(x)
    for _ in range(9):
        x, state = optimizer.update(x, QUADRATIC @ x, state)
    assert len(state.pairs) == 3


def test_lbfgs_runs_that_keep_different_pairs_stay_a_loop():
    """Some runs climb over hills while others sit in valleys, so their memories differ."""

    def slope(x):
        return 0.1 * x - 3 * np.sin(2 * x)

    optimizer = OPTIMIZERS["lbfgs"](lr=0.4, history_size=3)
    start = np.random.default_rng(21).uniform(-3, 3, (12, 2))
    together, state = start, optimizer.init(start)
    alone, states = list(start), [optimizer.init(run) for run in start]
    disagreed = 0
    for _ in range(25):
        together, state = optimizer.update(together, slope(together), state)
        for i in range(12):
            alone[i], states[i] = optimizer.update(alone[i], slope(alone[i]), states[i])
        assert np.array_equal(together, alone)
        disagreed += len({len(single.pairs) for single in states}) > 1
    assert disagreed >= 3


def newton_step(x, gradient, hessian, **options):
    optimizer = OPTIMIZERS["newton"](**options)
    return optimizer.update(x, gradient, optimizer.init(x), hessian=hessian)[0]


@pytest.mark.parametrize("condition", [1, 1e3, 1e6])
def test_newton_solves_a_quadratic_in_one_step(condition):
    hessian = BASIS @ np.diag(np.geomspace(1, condition, 8)) @ BASIS.T
    x, minimum = np.linspace(-1, 2, 8), np.linspace(3, 1, 8)
    moved = newton_step(x, hessian @ (x - minimum), hessian)
    np.testing.assert_allclose(moved, minimum, rtol=1e-14 * condition + 1e-13)


@pytest.mark.parametrize("damping", [0.01, 1.0, 100.0])
def test_damping_adds_to_the_curvature(damping):
    """Where H is positive definite, (H+λI) d = -g."""
    x, slope = np.zeros(8), np.linspace(-1, 2, 8)
    expected = -0.7 * np.linalg.solve(QUADRATIC + damping * np.eye(8), slope)
    np.testing.assert_allclose(newton_step(x, slope, QUADRATIC, lr=0.7, damping=damping), expected, rtol=1e-12)


def test_newton_takes_torchs_hessian():
    torch = pytest.importorskip("torch")
    x = torch.tensor([-1.2, 1.0], dtype=torch.float64)
    slope = torch.autograd.functional.jacobian(lambda point: rosenbrock(point, None), x)
    hessian = torch.autograd.functional.hessian(lambda point: rosenbrock(point, None), x)
    expected = (x - torch.linalg.solve(hessian, slope)).numpy()  # H is positive definite there
    np.testing.assert_allclose(newton_step(x.numpy(), slope.numpy(), hessian.numpy()), expected, rtol=1e-12)


def test_newton_leaves_a_saddle_downhill():
    """On x² - y² plain Newton jumps onto the saddle; with |H| it lands on x = 0 too, but doubles y."""
    np.testing.assert_allclose(
        newton_step(np.array([1.0, 0.1]), np.array([2.0, -0.2]), np.diag([2.0, -2.0])), [0, 0.2], atol=1e-15
    )


def test_newton_leaves_flat_directions_alone():
    """A zero eigenvalue, or one of rounding: nothing says how far to go."""
    flat = np.array([[1.0, 1.0], [1.0, 1.0]])
    np.testing.assert_allclose(newton_step(np.zeros(2), np.array([3.0, 1.0]), flat), [-1, -1], rtol=1e-14)
    assert np.array_equal(newton_step(np.ones(2), np.ones(2), np.zeros((2, 2))), np.ones(2))


def test_a_hessian_that_is_not_finite_ends_its_run_only():
    hessian = np.stack([np.diag([1.0, 2.0]), np.full((2, 2), np.nan), np.full((2, 2), np.inf)])
    moved = newton_step(np.ones((3, 2)), np.ones((3, 2)), hessian)
    np.testing.assert_allclose(moved[0], [0, 0.5])
    assert np.isnan(moved[1:]).all()


def test_a_float64_hessian_leaves_float32_parameters_float32():
    x = np.ones(2, np.float32)
    assert newton_step(x, x, np.diag([2.0, 4.0])).dtype == np.float32


def test_newton_asks_for_its_hessian():
    optimizer = OPTIMIZERS["newton"]()
    assert optimizer.needs_hessian
    with pytest.raises(TypeError, match=re.escape("'hessian'")):
        optimizer.update(np.ones(2), np.ones(2), optimizer.init(np.ones(2)))
