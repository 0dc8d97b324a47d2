"""Optimizers against PyTorch step by step, against their papers, and held to their promises about arrays."""

import dataclasses
import inspect
import math

import numpy as np
import pytest

from engine.optimizers import OPTIMIZERS

KEYS = ["sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adadelta", "adam", "amsgrad", "adamw", "adamax"]
KEYS += ["nadam", "radam", "rprop", "lion", "lbfgs", "newton"]
TORCH_PAIRS = {
    "betas": ("beta1", "beta2"),
    "etas": ("etaminus", "etaplus"),
    "step_sizes": ("step_size_min", "step_size_max"),
}
ORACLES = {
    "sgd": ("SGD", {}),
    "momentum": ("SGD", {}),
    "nesterov": ("SGD", {"nesterov": True}),
    "adagrad": ("Adagrad", {}),
    "rmsprop": ("RMSprop", {}),
    "adadelta": ("Adadelta", {}),
    "adam": ("Adam", {}),
    "amsgrad": ("Adam", {"amsgrad": True}),
    "adamw": ("AdamW", {}),
    "adamax": ("Adamax", {}),
    "nadam": ("NAdam", {}),
    "radam": ("RAdam", {}),
    "rprop": ("Rprop", {}),
}
VARIANTS = [  # beside every optimizer with its defaults
    ("sgd", {"lr": 0.05, "decay": 0.1}),
    ("momentum", {"lr": 0.01, "momentum": 0.7, "dampening": 0.3, "decay": 0.01}),
    ("momentum", {"momentum": 0.5, "dampening": 1.0}),
    ("momentum", {"lr": 0.01, "momentum": 0.0, "dampening": 0.5}),  # torch: without momentum nothing is damped
    ("momentum", {"lr": 0.01, "momentum": 0.0, "dampening": 1.0, "decay": 0.1}),
    ("momentum", {"lr": 0.01, "momentum": 0.8, "nesterov": True, "decay": 0.1}),
    ("nesterov", {"lr": 0.01, "momentum": 0.95, "decay": 0.01}),
    ("adagrad", {"lr": 0.1, "lr_decay": 0.05, "initial_accumulator_value": 0.1, "eps": 1e-6, "decay": 0.1}),
    ("rmsprop", {"centered": True}),
    ("rmsprop", {"momentum": 0.9}),
    ("rmsprop", {"lr": 0.001, "alpha": 0.9, "momentum": 0.8, "centered": True, "decay": 0.01}),
    ("adadelta", {"lr": 0.5, "rho": 0.8, "eps": 1e-4, "decay": 0.1}),
    ("adam", {"lr": 0.1, "beta1": 0.5, "beta2": 0.9, "eps": 1e-4, "decay": 0.1}),
    ("adam", {"beta1": 0.0}),
    ("amsgrad", {"beta2": 0.9, "decay": 0.1}),
    ("adamw", {"lr": 0.01, "decay": 0.5}),
    ("adamw", {"decay": 0.0}),
    ("adamax", {"lr": 0.05, "beta1": 0.8, "beta2": 0.95, "decay": 0.1, "eps": 1e-5}),
    ("nadam", {"lr": 0.01, "beta1": 0.8, "beta2": 0.99, "momentum_decay": 0.05, "decay": 0.1}),
    ("radam", {"lr": 0.01, "beta1": 0.5, "beta2": 0.9, "eps": 1e-5, "decay": 0.1}),
    ("radam", {"beta2": 0.5}),  # ρ∞ = 3: never rectified
    ("rprop", {"lr": 0.1, "etaminus": 0.3, "etaplus": 1.7, "step_size_min": 1e-3, "step_size_max": 0.5}),
]


def curvature(optimizer, params):
    """For Newton, a Hessian that is different for every run and not definite."""
    if not optimizer.needs_hessian:
        return {}
    row = np.cos(params)
    return {"hessian": row[..., None] * row[..., None, :] - 0.3 * np.eye(params.shape[-1], dtype=params.dtype)}


def step(optimizer, params, gradient, state, **options):
    """One update."""
    return optimizer.update(params, gradient, state, **options, **curvature(optimizer, params))


def gradients(seed, shape):
    """Gradients of magnitude 1e-8 to 1e4, one in twenty of them zero."""
    rng = np.random.default_rng(seed)
    values = rng.choice([-1.0, 1.0], shape) * 10 ** rng.uniform(-8, 4, shape)
    values[rng.random(shape) < 0.05] = 0
    return values


def arrays_of(state):
    """All arrays in a state, those of L-BFGS's pairs included."""
    if isinstance(state, np.ndarray):
        return [state]
    return [array for part in state for array in arrays_of(part)] if isinstance(state, tuple) else []


def follow(optimizer, params, slopes, **options):
    """The iterates under prescribed gradients, [steps, ..., P]."""
    state, path = optimizer.init(params), []
    for slope in slopes:
        params, state = step(optimizer, params, slope, state, **options)
        path.append(params)
    return np.array(path)


def torch_options(optimizer):
    """All hyper-parameters under torch's names: pairs put together, and `decay` in full."""
    options = dataclasses.asdict(optimizer)
    options["weight_decay"] = options.pop("decay", 0.0)
    for pair, parts in TORCH_PAIRS.items():
        if parts[0] in options:
            options[pair] = tuple(options.pop(part) for part in parts)
    return options


def test_the_registry_holds_the_sixteen_in_order():
    assert list(OPTIMIZERS) == KEYS
    for optimizer in OPTIMIZERS.values():
        assert optimizer.title
        assert optimizer().init(np.zeros(3)).t == 0


@pytest.fixture
def torch():
    """PyTorch in float64 (NAdam's mu_product takes the default type)."""
    torch = pytest.importorskip("torch")
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield torch
    torch.set_default_dtype(before)


@pytest.mark.parametrize(
    ("key", "options"), [*((key, {}) for key in ORACLES), *VARIANTS], ids=lambda value: str(value)[:60]
)
def test_open_loop_agrees_with_torch(torch, key, options):
    """The gradients do not depend on the parameters: nothing is chaotic, and 500 steps can be compared."""
    optimizer = OPTIMIZERS[key](**options)
    name, switches = ORACLES[key]
    start, slopes = np.random.default_rng(1).standard_normal(40), gradients(2, (500, 40))
    tensor = torch.nn.Parameter(torch.tensor(start))
    settings = torch_options(optimizer)
    if key == "rprop":
        del settings["weight_decay"]
    oracle, expected = getattr(torch.optim, name)([tensor], **settings, **switches), []
    for slope in slopes:
        tensor.grad = torch.tensor(slope)
        oracle.step()
        expected.append(tensor.detach().numpy().copy())
    error = np.abs(follow(optimizer, start, slopes) - expected)
    assert (error <= 1e-12 * np.abs(expected).max(0)).all()


@pytest.mark.parametrize("key", ORACLES)
def test_defaults_are_those_of_torch(torch, key):
    """Except μ of the momentum methods, which in torch is 0: plain descent."""
    name, _ = ORACLES[key]
    theirs = inspect.signature(getattr(torch.optim, name)).parameters
    for option, ours in torch_options(OPTIMIZERS[key]()).items():
        if option == "momentum" and name == "SGD":
            assert ours == 0.9
        elif option in theirs:
            assert ours == theirs[option].default, option
        else:
            assert (key, option) == ("rprop", "weight_decay")


def test_momentum_that_looks_ahead_is_nesterovs():
    slopes, start = gradients(3, (50, 5)), np.random.default_rng(4).standard_normal(5)
    nesterov = follow(OPTIMIZERS["nesterov"](lr=0.01, momentum=0.8), start, slopes)
    looking = OPTIMIZERS["momentum"](lr=0.01, momentum=0.8, nesterov=True)
    assert np.array_equal(follow(looking, start, slopes), nesterov)


@pytest.mark.parametrize("dampening", [0.5, np.array([[0.0], [0.5]])], ids=["one run", "a race"])
def test_what_looks_ahead_is_not_damped_here_or_in_torch(torch, dampening):
    with pytest.raises(ValueError, match="dampening must be 0 with nesterov"):
        OPTIMIZERS["momentum"](nesterov=True, dampening=dampening)
    with pytest.raises(ValueError, match="zero dampening"):
        torch.optim.SGD([torch.zeros(1)], momentum=0.9, nesterov=True, dampening=0.5)


def test_racers_without_momentum_are_plain_descent_whatever_the_dampening_beside_them():
    slopes, start = gradients(3, (50, 5)), np.random.default_rng(4).standard_normal(5)
    settings = {"lr": 0.01, "dampening": np.array([[0.3], [0.7], [0.0]])}
    racers = OPTIMIZERS["momentum"](momentum=np.array([[0.0], [0.9], [0.5]]), **settings)
    path = follow(racers, np.stack([start] * 3), slopes[:, None].repeat(3, axis=1))
    assert np.array_equal(path[:, 0], follow(OPTIMIZERS["sgd"](lr=0.01), start, slopes))
    alone = OPTIMIZERS["momentum"](lr=0.01, momentum=0.9, dampening=0.7)
    assert np.array_equal(path[:, 1], follow(alone, start, slopes))


def test_lion_is_algorithm_2_of_chen_et_al():
    """Written out in Python numbers, parameter by parameter, in the order of the paper: c, then x, then m."""
    lr, beta1, beta2, decay = 0.01, 0.9, 0.99, 0.3
    slopes, start = gradients(3, (200, 5)), np.random.default_rng(4).standard_normal(5)
    expected = []
    for j in range(5):
        x, m, path = start[j].item(), 0.0, []
        for g in slopes[:, j].tolist():
            c = beta1 * m + (1 - beta1) * g
            x = x - lr * ((c > 0) - (c < 0) + decay * x)
            m = beta2 * m + (1 - beta2) * g
            path.append(x)
        expected.append(path)
    optimizer = OPTIMIZERS["lion"](lr=lr, beta1=beta1, beta2=beta2, decay=decay)
    np.testing.assert_allclose(follow(optimizer, start, slopes), np.transpose(expected), rtol=1e-13, atol=1e-15)


def test_lion_under_a_constant_gradient_is_a_geometric_series():
    """x_t = (1-ηλ)ᵗ x_0 - (1 - (1-ηλ)ᵗ) sign(g)/λ, whatever the betas."""
    lr, decay, t = 0.02, 0.5, np.arange(1, 101)[:, None]
    start, slope = np.array([0.7, -2.0, 0.1]), np.array([3.0, -1e-6, 1e4])
    shrink = (1 - lr * decay) ** t
    expected = shrink * start - (1 - shrink) * np.sign(slope) / decay
    path = follow(OPTIMIZERS["lion"](lr=lr, decay=decay), start, [slope] * 100)
    np.testing.assert_allclose(path, expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("key", ["adam", "amsgrad", "adamw", "adamax", "radam", "adagrad"])
def test_the_first_step_is_lr_whatever_the_scale_of_the_gradient(key):
    """What bias correction is for; RAdam's first step is lr·g: it does not divide yet."""
    slope = np.array([1e-6, -1.0, 1e3])
    optimizer = dataclasses.replace(OPTIMIZERS[key](lr=0.1, eps=1e-16), decay=0.0)
    moved, _ = optimizer.update(np.zeros(3), slope, optimizer.init(np.zeros(3)))
    np.testing.assert_allclose(moved, -0.1 * (slope if key == "radam" else np.sign(slope)), rtol=1e-9)


def test_theorem_1_of_reddi_et_al():
    """On f_t(x) = 4x for every third t and -x otherwise the best x in [-1, 1] is -1; Adam goes to +1."""
    end = {}
    for key in ("adam", "amsgrad"):
        optimizer = OPTIMIZERS[key](lr=0.5, beta1=0.0, beta2=1 / (1 + 4**2))
        x = np.zeros(1)
        state = optimizer.init(x)
        for t in range(1, 3001):
            slope = np.array([4.0 if t % 3 == 1 else -1.0])
            x, state = optimizer.update(x, slope, state, lr=0.5 / math.sqrt(t))
            x = np.clip(x, -1, 1)
        end[key] = x[0]
    assert end["adam"] > 0.9
    assert end["amsgrad"] < -0.9


def test_centred_rmsprop_survives_a_constant_gradient():
    """v - m² is a variance: rounding must not make it negative (torch's root gives NaN here)."""
    path = follow(OPTIMIZERS["rmsprop"](centered=True, alpha=0.5), np.zeros(50), [np.linspace(0.1, 9, 50)] * 300)
    assert np.isfinite(path).all()


@pytest.mark.parametrize("key", OPTIMIZERS)
def test_update_is_pure(key):
    """Inputs are locked, and outputs must not lean on buffers that the caller will use again."""
    optimizer = OPTIMIZERS[key](lr=0.1)
    slopes = gradients(5, (6, 2, 7)).clip(-1, 1)
    params = np.random.default_rng(6).standard_normal((2, 7))
    state = optimizer.init(params)
    for t, slope in enumerate(slopes):
        for array in (params, slope, *arrays_of(state)):
            array.flags.writeable = False
        assert state.t == t
        params_after, state_after = step(optimizer, params, slope, state)
        again, _ = step(optimizer, params, slope, state)
        assert np.array_equal(params_after, again)
        for array in arrays_of(state_after):
            assert not np.shares_memory(array, slope)
            assert not np.shares_memory(array, params)
            assert not np.shares_memory(array, params_after)
        params, state = params_after, state_after


@pytest.mark.parametrize("key", OPTIMIZERS)
def test_a_step_taken_off_in_place_gives_the_same_numbers(key):
    """As training does it."""
    optimizer = OPTIMIZERS[key](lr=0.1)
    slopes = gradients(5, (8, 7)).clip(-1, 1)
    start = np.random.default_rng(6).standard_normal(7)
    params, state = start.copy(), optimizer.init(start)
    for slope, wanted in zip(slopes, follow(optimizer, start, slopes), strict=True):
        with np.errstate(all="ignore"):
            taken, state = optimizer.step(params, slope, state, 0.1, **curvature(optimizer, params))
        params -= taken
        assert np.array_equal(params, wanted)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("key", OPTIMIZERS)
def test_a_run_axis_is_a_loop_bit_by_bit(key, dtype):
    optimizer = OPTIMIZERS[key](lr=0.1)
    slopes = gradients(7, (12, 2, 3, 33)).astype(dtype)
    start = np.random.default_rng(8).standard_normal((2, 3, 33)).astype(dtype)
    together = follow(optimizer, start, slopes)
    assert together.dtype == dtype
    for run in np.ndindex(2, 3):
        alone = follow(optimizer, start[run], slopes[(slice(None), *run)])
        assert np.array_equal(together[(slice(None), *run)], alone)
    fortran = follow(optimizer, np.asfortranarray(start), [np.asfortranarray(slope) for slope in slopes])
    assert np.array_equal(fortran, together)


@pytest.mark.parametrize("key", OPTIMIZERS)
def test_lr_replaces_the_learning_rate(key):
    """Also as a NumPy number, which must not promote float32, as an array, and as 0: no move."""
    slopes = gradients(11, (9, 5)).clip(-1, 1).astype(np.float32)
    start = np.random.default_rng(12).standard_normal(5).astype(np.float32)
    expected = follow(OPTIMIZERS[key](lr=0.03125), start, slopes)
    for lr in (0.03125, np.float64(0.03125), np.array(0.03125), np.array([0.03125])):
        path = follow(OPTIMIZERS[key](), start, slopes, lr=lr)
        assert path.dtype == np.float32
        assert np.array_equal(path, expected)
    if key != "rprop":  # whose learning rate is the first step size only
        assert np.array_equal(follow(OPTIMIZERS[key](), start, slopes, lr=0), np.tile(start, (9, 1)))


@pytest.mark.parametrize("key", OPTIMIZERS)
def test_states_keep_the_type_of_the_parameters(key):
    optimizer = OPTIMIZERS[key]()
    params = np.ones(4, np.float32)
    state = optimizer.init(params)
    for _ in range(3):
        params, state = step(optimizer, params, 0.1 * params, state)
        assert {array.dtype for array in [params, *arrays_of(state)]} == {np.dtype(np.float32)}


@pytest.mark.parametrize("size", [0.0, 1e-300, 1e-30, 1e200, 1.7e308])
@pytest.mark.parametrize("key", OPTIMIZERS)
def test_finite_gradients_of_any_size_never_warn(key, size):
    optimizer = OPTIMIZERS[key](lr=10.0)
    for dtype in (np.float64, np.float32):
        params = np.array([1.0, -2.0, 0.0], dtype)
        size = min(size, float(np.finfo(dtype).max))
        slope = np.array([size, -size, 0.0], dtype)
        extra = {"hessian": np.full((3, 3), size, dtype)} if key == "newton" else {}
        state = optimizer.init(params)
        for _ in range(3):
            params, state = optimizer.update(params, slope, state, **extra)
