"""Networks on one flat vector of parameters: layers that compute forward and pull gradients back."""
