"""Loss surfaces of networks: planes through parameter space, the loss on them, and the paths that cross them."""
