"""Networks on one flat vector of parameters: layers that compute forward and pull gradients back.

`Network` answers for any vector, or for many at once, what comes out, how wrong it is, and which way is downhill.
"""

from engine.network.network import Network
from engine.network.parameters import Layout
from engine.network.workspace import Workspace

__all__ = ["Layout", "Network", "Workspace"]
