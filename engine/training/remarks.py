"""What a run does otherwise than one may think, as sentences: of that which only the data and the network can tell."""

from engine.datasets import Dataset
from engine.experiment import Experiment
from engine.network import Network
from engine.training.batches import joined


def remarks(experiment: Experiment, data: Dataset, network: Network) -> tuple[str, ...]:
    """Sentences on the batches, on images that are none, and on given weights that a table has no place for."""
    found = [joined(experiment, len(data.train))]
    if experiment.norm == "batch" and experiment.arch and len(data.train) == 1:
        found.append("Batch normalisation makes nothing of a single sample: no gradient gets past it.")
    if experiment.shift and experiment.data == "csv" and data.image is None:
        found.append("The rows of this table are no images, so that nothing is shifted.")
    if experiment.data in ("csv", "drawn"):  # of all others the experiment itself tells
        shapes = network.layout.shapes
        lost = [start.name for start in experiment.weights if not start.fits(shapes.get(start.part, (0,)))]
        if lost:
            found.append(f"There are no weights {', '.join(lost)} in this network, or not so many: these are drawn.")
    return tuple(filter(None, found))
