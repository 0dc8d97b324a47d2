"""Feature maps and cells of one image, against torch and against what they say themselves."""

import numpy as np
import pytest

from engine.vision import blocks_of, cell_sum, convolutional, feature_maps, filters, pool_route, receptive_field

CONVOLUTION, ACTIVATION, POOL, SECOND = 1, 2, 3, 4


def test_feature_maps_are_the_outputs_of_torchs_modules(case):
    import torch

    signal = torch.tensor(case.x[None])
    maps = feature_maps(case.network, case.params, case.x)
    assert maps[0].values == pytest.approx(case.x, abs=0)
    for found, module in zip(maps[1:], case.model, strict=True):
        signal = module(signal)
        assert found.values.squeeze() == pytest.approx(signal.detach().numpy().squeeze(), rel=1e-12, abs=1e-14)
    kinds = ["input", "convolution", "activation", "pool", "convolution", "activation", "flat", "dense", "activation"]
    assert [found.kind for found in maps] == [*kinds, "dense"]
    assert [found.name for found in maps][1:4] == ["Convolution 1", "tanh 1", "Pool 1"]


def test_maps_of_many_parameters_at_once_are_those_of_each(case):
    many = np.stack([case.params, 2 * case.params, -case.params])
    found = feature_maps(case.network, many, case.x)
    for k, params in enumerate(many):
        for together, alone in zip(found[1:], feature_maps(case.network, params, case.x)[1:], strict=True):
            assert np.array_equal(together.values[k], alone.values)


def test_filters_of_any_vector_are_torchs_kernels(case):
    found = filters(case.network, np.stack([case.params, 2 * case.params]))
    for name, module in (("K1", case.model[0]), ("K2", case.model[3])):
        assert np.array_equal(found[name][0], module.weight.detach().numpy())
        assert np.array_equal(found[name][1], 2 * found[name][0])


@pytest.mark.parametrize(("layer", "row", "col"), [(1, 0, 9), (3, 4, 0), (4, 0, 0), (5, 0, 0), (7, 0, 0)])
def test_a_receptive_field_holds_the_pixels_with_a_gradient(case, layer, row, col):
    """In a linear, average-pooled twin every pixel that can matter does: where torch's gradient is not zero."""
    import torch

    twin = []
    for module in case.model:
        pool = isinstance(module, torch.nn.MaxPool2d)
        twin.append(torch.nn.AvgPool2d(2) if pool else torch.nn.Identity() if "Tanh" in str(module) else module)
    image = torch.tensor(case.x[None], requires_grad=True)
    signal = torch.nn.Sequential(*twin[:layer])(image)
    (signal[0, 0, row, col] if signal.ndim == 4 else signal[0, 0]).backward()
    rows, columns = np.nonzero(image.grad[0].abs().sum(0).numpy())
    field = receptive_field(case.network, layer, row, col)
    assert (field.rows, field.columns) == ((rows.min(), rows.max() + 1), (columns.min(), columns.max() + 1))


def test_a_pool_sends_the_right_gradient_whatever_the_training_does(case):
    buggy = convolutional(case.network.experiment.replace(bug="derivative"), case.x.shape, blocks_of("4k3p-5k5"), 3)
    right, wrong = (pool_route(each, case.params, case.x, 1, POOL) for each in (case.network, buggy))
    assert np.array_equal(right.back, wrong.back)


@pytest.mark.parametrize("layer", [SECOND, SECOND + 1])
def test_a_cell_is_the_sum_that_is_written_out(case, layer):
    maps = feature_maps(case.network, case.params, case.x)
    cell = cell_sum(case.network, case.params, case.x, layer, 3, 1, 0)
    patch = maps[POOL].values[:, slice(*cell.rows), slice(*cell.columns)]
    assert np.array_equal(cell.patch, patch)
    assert np.array_equal(cell.products, cell.patch * cell.kernel)
    assert cell.products.sum() + cell.bias == pytest.approx(cell.z, rel=1e-12)
    assert cell.z == maps[SECOND].values[3, 1, 0]
    assert cell.activation == maps[SECOND + 1].values[3, 1, 0]


def test_a_pool_sends_its_gradient_where_torch_does(case):
    import torch

    before = case.model[:2](torch.tensor(case.x[None])).detach().requires_grad_()
    pooled, where = torch.nn.functional.max_pool2d(before, 2, return_indices=True)
    pooled.retain_grad()
    torch.nn.functional.cross_entropy(case.model[3:](pooled), torch.tensor([2])).backward()
    route = pool_route(case.network, case.params, case.x, 2, POOL)
    assert np.array_equal(route.rows * before.shape[-1] + route.columns, where[0].numpy())
    assert route.values == pytest.approx(pooled[0].detach().numpy(), rel=1e-13)
    assert route.delta == pytest.approx(pooled.grad[0].numpy(), rel=1e-10, abs=1e-15)
    assert route.back == pytest.approx(before.grad[0].numpy(), rel=1e-10, abs=1e-15)


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda n, p, x: cell_sum(n, p, x, POOL, 0, 0, 0), "no convolution"),
        (lambda n, p, x: cell_sum(n, p, x, CONVOLUTION, 4, 0, 0), "channel=4 must be from 0 to 3"),
        (lambda n, p, x: cell_sum(n, p, x, CONVOLUTION, 0, 13, 0), "must be a cell of 13 x 12"),
        (lambda n, p, x: pool_route(n, p, x, 0, CONVOLUTION), "no pool"),
        (lambda n, _p, _x: receptive_field(n, 99, 0, 0), "layer=99 must be from 0 to 9"),
        (lambda n, p, x: feature_maps(n, p, x[:1]), "210 numbers; the network reads 420"),
    ],
)
def test_what_is_not_there_is_named(case, ask, words):
    with pytest.raises(ValueError, match=words):
        ask(case.network, case.params, case.x)
