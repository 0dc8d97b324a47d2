import numpy as np
import pytest

from engine.curvature import (
    EPSILON,
    batch_sharpness,
    complex_step,
    hessian,
    hessian_vector,
    lanczos,
    sharpness,
    top_eigenvectors,
)


def symmetric(eigenvalues, seed=0):
    """A symmetric matrix with the given spectrum, and its eigenvectors as columns."""
    q = np.linalg.qr(np.random.default_rng(seed).normal(size=(len(eigenvalues),) * 2))[0]
    return (q * eigenvalues) @ q.T, q


def linear(matrix):
    """V -> matrix v for v [..., P], row by row, so that a run axis cannot change the result."""
    return lambda v: (matrix * v[..., None, :]).sum(-1)


def rosenbrock(p):
    x, y = p[..., 0], p[..., 1]
    return np.stack([-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)], axis=-1)


def rosenbrock_hessian(x, y):
    return np.array([[2 - 400 * y + 1200 * x * x, -400 * x], [-400 * x, 200.0]])


# --- Hessian-vector products and the whole Hessian


def test_hessian_vector_is_exact_on_a_quadratic_for_any_length_of_v():
    matrix, _ = symmetric(np.linspace(-2, 5, 7))
    rng = np.random.default_rng(1)
    params, v = rng.normal(size=(3, 7)), rng.normal(size=(3, 7)) * np.array([[1e-6], [1.0], [1e6]])
    product = hessian_vector(linear(matrix), params, v, eps=1e-6)
    assert product == pytest.approx(v @ matrix, rel=1e-8, abs=1e-8 * np.abs(v).max(1, keepdims=True).min())
    assert (hessian_vector(linear(matrix), params, np.zeros(7)) == 0).all()


@pytest.mark.parametrize(("x", "y"), [(-1.2, 1.0), (1.0, 1.0), (0.3, -0.7)])
def test_curvature_of_rosenbrock(x, y):
    exact = rosenbrock_hessian(x, y)
    params, v = np.array([x, y]), np.array([0.6, -0.8])
    assert hessian_vector(rosenbrock, params, v) == pytest.approx(exact @ v, rel=1e-6)
    assert hessian(rosenbrock, params) == pytest.approx(exact, rel=1e-6, abs=1e-5)
    assert sharpness(rosenbrock, params) == pytest.approx(np.linalg.eigvalsh(exact)[-1], rel=1e-6)


@pytest.mark.parametrize(("eps", "digits"), [(1e-6, 9), (EPSILON, 8)])
def test_hessian_of_logistic_regression_matches_its_closed_form(eps, digits):
    rng = np.random.default_rng(2)
    x, y, params = rng.normal(size=(5, 40)), rng.integers(0, 2, 40), rng.normal(size=(2, 3, 5))

    def chance(p):
        return 1 / (1 + np.exp(-(p @ x)))

    matrix = hessian(lambda p: (chance(p) - y) @ x.T / 40, params, eps)
    s = chance(params) * (1 - chance(params))
    assert matrix.shape == (2, 3, 5, 5)
    assert matrix == pytest.approx(np.einsum("in,abn,jn->abij", x, s, x) / 40, abs=10.0**-digits)
    assert (matrix == matrix.mT).all()


def test_hessian_and_sharpness_of_a_network_match_torch():
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(3)
    x, y, params = rng.normal(size=(2, 20)), rng.normal(size=(1, 20)), rng.normal(size=(2, 33))

    def split(p):
        return p[:16].reshape(8, 2), p[16:24].reshape(8, 1), p[24:32].reshape(1, 8), p[32]

    def gradient(p):
        w, b, v, c = (np.stack(part) for part in zip(*map(split, p.reshape(-1, 33)), strict=True))
        a = np.tanh(w @ x + b)
        e = (v @ a + c[:, None, None] - y) / 20
        d = v.mT @ e * (1 - a * a)
        parts = d @ x.T, d.sum(-1), e @ a.mT, e.sum(-1)
        return np.concatenate([part.reshape(len(w), -1) for part in parts], axis=-1).reshape(p.shape)

    def loss(p):
        w, b, v, c = split(p)
        return ((v @ torch.tanh(w @ torch.tensor(x) + b) + c - torch.tensor(y)) ** 2).sum() / 40

    exact = [torch.autograd.functional.hessian(loss, torch.tensor(p)).numpy() for p in params]
    assert hessian(gradient, params) == pytest.approx(np.array(exact), abs=1e-8)
    assert sharpness(gradient, params) == pytest.approx(np.linalg.eigvalsh(exact)[:, -1], rel=1e-8)


@pytest.mark.parametrize("size", [0.0, 1e-8, 1.0, 1e3, 1e9, 1e50, 1e107, 1e150])
def test_curvature_does_not_depend_on_how_large_the_parameters_are(size):
    """On a quadratic H is the same everywhere: a step of a fixed length would be none where parameters are huge."""
    matrix, _ = symmetric(np.array([3.28886, 1.0, 0.5, -2.0]))
    params = size * np.random.default_rng(9).normal(size=(3, 4))
    v = np.random.default_rng(10).normal(size=4)
    assert sharpness(linear(matrix), params) == pytest.approx(np.full(3, 3.28886), rel=1e-6)
    assert hessian_vector(linear(matrix), params, v) == pytest.approx(np.stack([matrix @ v] * 3), rel=1e-6, abs=1e-6)
    assert hessian(linear(matrix), params) == pytest.approx(np.stack([matrix] * 3), rel=1e-6, abs=1e-6)
    assert complex_step(linear(matrix), params, v) == pytest.approx(np.stack([matrix @ v] * 3), rel=1e-14)


def test_the_complex_step_is_exact():
    params, v = np.array([-1.2, 1.0]), np.array([3.0, -4.0])
    assert complex_step(rosenbrock, params, v) == pytest.approx(rosenbrock_hessian(*params) @ v, rel=1e-15)


@pytest.mark.parametrize("distance", [0.0, 1e-12, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5])
def test_no_distance_to_a_kink_is_taken_for_curvature(distance):
    """A difference across the kink of max(z, 0) would add 1/(2s), a million, to a curvature of 1."""

    def gradient(p):
        return p + np.where(p.real > distance, 1.0, 0.0)

    assert sharpness(gradient, np.array([[0.0, -1.0], [2 * distance, 0.5]])) == pytest.approx([1, 1], rel=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_sharpness_of_a_relu_network_is_that_of_torch_right_beside_its_kinks(seed):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(2, 20)), rng.normal(size=(1, 20))
    w, b, v = rng.normal(size=(6, 2)), rng.normal(size=(6, 1)), rng.normal(size=(1, 6))
    b[:, 0] = 10.0 ** -rng.uniform(7, 11, 6) - (w * x[:, :6].T).sum(-1)  # each unit has a sample at its kink

    def gradient(p):
        p = p.reshape(-1, 24)
        w, b, v = p[:, :12].reshape(-1, 6, 2), p[:, 12:18, None], p[:, None, 18:]
        z = w @ x + b
        on = z.real > 0
        e = (v @ (z * on) - y) / 20
        d = v.mT @ e * on
        return np.concatenate([part.reshape(len(p), -1) for part in (d @ x.T, d.sum(-1), e @ (z * on).mT)], axis=-1)

    def loss(p):
        a = torch.relu(p[:12].reshape(6, 2) @ torch.tensor(x) + p[12:18, None])
        return ((p[None, 18:] @ a - torch.tensor(y)) ** 2).sum() / 40

    params = np.concatenate([w.ravel(), b.ravel(), v.ravel()])
    exact = torch.autograd.functional.hessian(loss, torch.tensor(params)).numpy()
    found = sharpness(lambda p: gradient(p).reshape(p.shape), params)
    assert found == pytest.approx(np.linalg.eigvalsh(exact)[-1], rel=1e-6)


# --- Lanczos


def test_as_many_steps_as_parameters_give_the_whole_spectrum():
    matrix, _ = symmetric(np.random.default_rng(4).normal(size=30))
    found = lanczos(linear(matrix), (30,), 99)
    assert found.values == pytest.approx(np.linalg.eigvalsh(matrix)[::-1], abs=1e-12)
    assert found.vectors @ matrix == pytest.approx(found.values[:, None] * found.vectors, abs=1e-10)


@pytest.mark.parametrize("spectrum", [[3.0] * 6, [0.0] * 6, [5.0, 0, 0, 0, 0, 0], [2.0, 2, 2, -1, -1, 7]])
def test_repeated_eigenvalues_are_all_found(spectrum):
    matrix, _ = symmetric(np.array(spectrum))
    found = lanczos(linear(matrix), (6,), 6)
    assert found.values == pytest.approx(sorted(spectrum, reverse=True), abs=1e-12)
    assert found.vectors @ found.vectors.T == pytest.approx(np.eye(6), abs=1e-12)


def test_the_basis_stays_orthogonal_where_plain_lanczos_loses_it():
    matrix, q = symmetric(np.concatenate([[1000.0, 900.0], np.linspace(0, 1, 298)]))
    found = lanczos(lambda v: matrix @ v, (300,), 60)
    assert found.vectors @ found.vectors.T == pytest.approx(np.eye(60), abs=1e-12)
    assert (found.values > 500).sum() == 2  # plain Lanczos finds copies of both
    assert np.abs(found.vectors[:2] @ q[:, :2]) == pytest.approx(np.eye(2), abs=1e-9)


def test_an_eigenvalue_lies_within_the_residual():
    matrix, _ = symmetric(np.random.default_rng(5).normal(size=120))
    exact = np.linalg.eigvalsh(matrix)
    found = lanczos(linear(matrix), (120,), 15)
    true_residuals = np.linalg.norm(found.vectors @ matrix - found.values[:, None] * found.vectors, axis=-1)
    assert found.residuals == pytest.approx(true_residuals, abs=1e-12)
    assert (np.abs(found.values[:, None] - exact).min(1) <= found.residuals + 1e-12).all()


# --- Sharpness


def test_sharpness_is_the_algebraically_largest_eigenvalue():
    matrix, _ = symmetric(np.array([-100.0, -3, 0, 0, 1, 2, 3]))
    assert sharpness(linear(matrix), np.ones(7)) == pytest.approx(3.0, rel=1e-6)


def test_a_kink_a_millionth_away_is_not_taken_for_curvature():
    assert sharpness(lambda p: p + np.sign(p - 1e-6), np.zeros(1)) == pytest.approx(1.0, rel=1e-6)


def test_ten_products_find_an_isolated_largest_eigenvalue():
    matrix, _ = symmetric(np.concatenate([[10.0], np.random.default_rng(6).uniform(-1, 5, 199)]))
    assert sharpness(lambda p: p @ matrix, np.zeros(200), steps=10) == pytest.approx(10.0, rel=1e-3)


def test_top_eigenvectors_are_ordered_unit_and_signed():
    matrix, q = symmetric(np.array([4.0, 1.0, -9.0, 7.0, 2.0]))
    top = top_eigenvectors(linear(matrix), np.ones(5), 3)
    assert top.values == pytest.approx([7, 4, 2], rel=1e-8)
    assert np.abs(top.vectors @ q[:, [3, 0, 4]]) == pytest.approx(np.eye(3), abs=1e-7)
    assert (np.take_along_axis(top.vectors, np.abs(top.vectors).argmax(1)[:, None], 1) > 0).all()


def test_a_run_axis_is_a_loop_to_the_bit_and_a_seed_decides():
    matrix, _ = symmetric(np.random.default_rng(7).normal(size=50))
    params = np.random.default_rng(8).normal(size=(2, 3, 50))

    def gradient(p):
        return np.sin(linear(matrix)(p))

    many = sharpness(gradient, params, steps=20)
    assert (many == [[sharpness(gradient, p, steps=20) for p in row] for row in params]).all()
    assert (many == sharpness(gradient, params, steps=20, seed=0)).all()
    assert (many != sharpness(gradient, params, steps=5, seed=1)).any()


def test_a_diverged_run_is_nan_and_leaves_the_others_alone():
    params = np.array([[0.5, 0.5], [np.nan, 1.0], [np.inf, 0.0], [1e200, 1e200]])
    values = sharpness(rosenbrock_quietly, params)
    assert values[0] == pytest.approx(np.linalg.eigvalsh(rosenbrock_hessian(0.5, 0.5))[-1], rel=1e-6)
    assert np.isnan(values[1:3]).all()


def rosenbrock_quietly(p):
    with np.errstate(all="ignore"):
        return rosenbrock(p)


# --- Batch sharpness


def test_batch_sharpness_of_least_squares_in_closed_form():
    """On a batch of samples x the Hessian is X Xᵀ/b at any parameters."""
    rng = np.random.default_rng(11)
    x, y, params = rng.normal(size=(5, 3, 8)), rng.normal(size=(5, 8)), rng.normal(size=(2, 3)) * [[1.0], [1e9]]
    gradients = [
        lambda p, x=x, y=y: ((p[..., None, :] @ x)[..., 0, :] - y) @ x.T / 8 for x, y in zip(x, y, strict=True)
    ]
    expected = []
    for p in params:
        g = [gradient(p) for gradient in gradients]
        ratios = [g[i] @ (x[i] @ x[i].T / 8) @ g[i] / (g[i] @ g[i]) for i in range(5)]
        expected.append(np.mean(ratios))
    assert batch_sharpness(gradients, params) == pytest.approx(expected, rel=1e-12)
    still = [lambda p: p * 0, *gradients]
    assert batch_sharpness(still, params) == pytest.approx(expected, rel=1e-12)
    assert np.isnan(batch_sharpness(still[:1], params)).all()


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: top_eigenvectors(rosenbrock, np.zeros(2), 3), "k must be from 1 to 2"),
        (lambda: lanczos(lambda v: v, (4,), 0), "steps"),
    ],
)
def test_errors_name_the_argument(call, says):
    with pytest.raises(ValueError, match=says):
        call()
