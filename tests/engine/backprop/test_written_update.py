"""The written rules are what the optimizers do."""

import numpy as np
import pytest

from engine.backprop import write_out
from engine.optimizers import OPTIMIZERS
from engine.optimizers.equations import PLACE, Term

CASES = [(name, {}) for name in OPTIMIZERS if name != "newton"]
CASES += [(name, {"decay": 0.1}) for name, kind in OPTIMIZERS.items() if hasattr(kind, "decay")]
CASES += [("momentum", {"dampening": 0.3}), ("rmsprop", {"momentum": 0.8}), ("rmsprop", {"centered": True})]
CASES += [("momentum", {"nesterov": True}), ("momentum", {"momentum": 0.0, "dampening": 0.3})]
CASES += [("adagrad", {"lr_decay": 0.1, "initial_accumulator_value": 0.5}), ("nadam", {"momentum_decay": 0.1})]
CASES += [("rprop", {"etaminus": 0.3, "etaplus": 1.5, "step_size_min": 0.02, "step_size_max": 0.06})]


@pytest.mark.parametrize(("name", "options"), CASES, ids=str)
def test_the_last_line_is_the_update(name, options):
    """Gradients of magnitude 1e-6 to 1e2, one always zero; 12 steps, so that RAdam changes its rule on the way."""
    rng = np.random.default_rng(1)
    optimizer = OPTIMIZERS[name](lr=0.05, **options)
    params = rng.normal(size=7)
    state = optimizer.init(params)
    for _ in range(12):
        gradient = rng.normal(size=7) * 10.0 ** rng.integers(-6, 3, 7)
        gradient[2] = 0
        following, after = optimizer.update(params, gradient, state, lr=0.04)
        written = write_out(optimizer, params, gradient, state, 0.04, following - params)
        assert params + written.lines[-1].value == pytest.approx(following, rel=1e-13, abs=1e-14)
        fields = {"m": "m", "v": "v", "b": "velocity", "G": "squares", "M": "v_max"}
        for line in written.lines:  # what is remembered is what is written down
            if line.name in fields and hasattr(after, fields[line.name]):
                assert line.value == pytest.approx(getattr(after, fields[line.name]), rel=1e-13, abs=1e-300)
        params, state = following, after


@pytest.mark.parametrize(("name", "options"), CASES, ids=str)
def test_every_place_of_a_formula_has_a_symbol_and_a_number(name, options):
    optimizer, params = OPTIMIZERS[name](**options), np.ones(2)
    written = write_out(optimizer, params, params, optimizer.init(params), 0.1, params)
    for line in written.lines:
        assert set(PLACE.findall(line.formula)) <= set(written.symbols) & set(written.values)
        assert not PLACE.search(written.filled(line))


def in_symbols(optimizer, steps=0):
    """The right sides of all lines, as they are written after so many steps."""
    place = np.zeros(1)
    state = optimizer.init(place)
    for _ in range(steps):
        _, state = optimizer.update(place, place, state)
    written = write_out(optimizer, place, place, state, 1.0, place)
    return [written.filled(line) for line in written.lines]


def test_an_update_is_written_with_the_symbols_of_its_paper():
    assert in_symbols(OPTIMIZERS["sgd"]()) == [r"-\eta \cdot g"]
    assert in_symbols(OPTIMIZERS["sgd"](decay=0.1))[0] == r"g + \lambda \cdot \theta"
    assert in_symbols(OPTIMIZERS["adam"]())[-1] == r"-\eta\,\frac{\hat m}{\sqrt{\hat v}+\varepsilon}"
    assert r"\sqrt{1-\beta_2^{t}}" in in_symbols(OPTIMIZERS["radam"](), 10)[-1]
    assert all(r"\eta" in in_symbols(kind())[-1] for name, kind in OPTIMIZERS.items() if name != "rprop")


def test_a_function_that_has_no_way_to_be_written_is_refused():
    with pytest.raises(TypeError):
        np.exp(Term("x", 1.0))


def test_adam_of_the_first_step_by_hand():
    """m = .1 g and v = .001 g², both corrections bring them back to g and g², so the step is η."""
    optimizer = OPTIMIZERS["adam"](eps=0.0)
    params, gradient = np.array([1.0, 2.0]), np.array([0.5, -4.0])
    written = write_out(optimizer, params, gradient, optimizer.init(params), 0.01, params)
    values = {line.name: line.value for line in written.lines}
    assert values["m"] == pytest.approx(0.1 * gradient)
    assert values["v"] == pytest.approx(0.001 * gradient**2)
    assert values["mh"] == pytest.approx(gradient)
    assert values["vh"] == pytest.approx(gradient**2)
    assert values["u"] == pytest.approx([-0.01, 0.01])
    assert written.filled(written.lines[2]) == r"\frac{m}{1-\beta_1^{t}}"
