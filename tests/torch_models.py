"""Networks of the engine built again in torch, to compare with."""

from engine.network.convolution import Convolution, Flatten, MaxPool
from engine.network.layers import Dense


def torch_like(network, params, act):
    """The same layers in torch, with the same parameters."""
    import torch

    view = network.layout.view
    modules = []
    for layer in network.layers:
        if isinstance(layer, Convolution):
            module = torch.nn.Conv2d(layer.shape[0], layer.n_out, layer.size, dtype=torch.float64)
            names = f"K{layer.number}", f"b{layer.number}"
        elif isinstance(layer, Dense):
            module = torch.nn.Linear(layer.n_in, layer.n_out, dtype=torch.float64)
            names = f"W{layer.number}", f"b{layer.number}"
        else:
            pool = torch.nn.MaxPool2d(layer.size) if isinstance(layer, MaxPool) else None
            modules.append(pool or (torch.nn.Flatten() if isinstance(layer, Flatten) else act))
            continue
        module.weight.data, module.bias.data = (torch.tensor(view(params, name).copy()) for name in names)
        modules.append(module)
    return torch.nn.Sequential(*modules)
