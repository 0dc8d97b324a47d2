"""The run of the page: images, network and experiment, put together from the page's settings and the sidebar's.

The page has images, layers, epochs, batch and learning rate of its own; whatever else an experiment says, from the
optimizer to the seed, is what the sidebar says.
"""

from dataclasses import replace
from typing import Any, NamedTuple

from engine.datasets import Dataset
from engine.experiment import OF_DATA, Experiment
from engine.experiment import SETTINGS as OF_RUNS
from engine.losses import outputs_for
from engine.network import Network
from engine.training import load
from engine.vision import blocks_of, convolutional, enlarged
from pages.common.runs.cache import RESULTS
from pages.common.settings import Settings
from pages.sections.convolution.settings import OWN

SIDE = 28  #: pixels of the enlarged digits
NO_FILE = (
    "There are no images yet: choose “Your own table” in the sidebar and give it a file such as mnist.npz, or take the "
    "digits here."
)
NO_IMAGES = "The file in the sidebar is a table, not images: give it one such as mnist.npz, or take the digits here."


class Composed(NamedTuple):
    """What is to be run, and what it is kept under."""

    experiment: Experiment
    data: Dataset
    network: Network
    key: tuple[Any, ...]


def composed(values: dict[str, Any], settings: Settings) -> Composed:
    """Everything that is to be run; raises ValueError with one sentence where it cannot be."""
    blocks, data = blocks_of(values["cvblocks"]), images_of(values, settings)
    per_epoch = -(-len(data.train) // values["cvbatch"])
    steps, most = values["cvepochs"] * per_epoch, OF_RUNS["steps"].high
    if steps > most:
        raise ValueError(
            f"{values['cvepochs']} epochs of {per_epoch:,} steps are more than {most:,} steps: take fewer epochs or "
            "larger batches."
        )
    own = _of_data(values) | {"batch": str(min(values["cvbatch"], len(data.train))), "steps": str(steps)}
    own |= {"arch": OF_RUNS["arch"].format(values["cvdense"]), "act": values["cvact"], "lr": str(values["cvlr"])}
    experiment = _experiment(own, settings.experiment).on(data)
    outputs = outputs_for(experiment.loss, len(data.class_names))
    network = convolutional(experiment, (1, *data.image), blocks, outputs)
    from_file = settings.fingerprint if values["cvdata"] == "file" else ""
    key = ("convolution", values["cvdata"], values["cvblocks"], *experiment.to_params().values(), from_file)
    return Composed(experiment, data, network, key)


def images_of(values: dict[str, Any], settings: Settings) -> Dataset:
    """The images that are to be learnt; raises ValueError with one sentence where there are none."""
    if values["cvdata"] == "file":
        if settings.data is None:
            raise ValueError(settings.missing or NO_FILE)
        if settings.data.image is None:
            raise ValueError(NO_IMAGES)
        return settings.data
    experiment = _experiment(_of_data(values), settings.experiment)
    key = ("images", values["cvdata"], *(getattr(experiment, key) for key in OF_DATA))
    data = RESULTS.get(key)
    if data is None:  # else made anew at every change, and held once more by every run
        data = load(experiment)
        data = enlarged(data, SIDE) if values["cvdata"] == "28x28" else data
        RESULTS.put(key, data)
    return data


def _of_data(values: dict[str, Any]) -> dict[str, str]:
    """What the page says of the data, as a link would; what belongs to the sidebar's own data means nothing here."""
    neutral = {key: OF_RUNS[key].format(OF_RUNS[key].default) for key in (*OWN, "points", "rows")}
    if values["cvdata"] == "file":
        return neutral | {"data": "csv"}
    return neutral | {"data": "digits", "samples": str(values["cvmost"]), "standardise": "1"}


def _experiment(own: dict[str, str], settings: Experiment) -> Experiment:
    """The sidebar's experiment with what the page says in place; what then no longer fits beside it is left out."""
    return replace(Experiment.from_params(settings.to_params() | own), problems=())
