"""The image that is sent through the network: one of the data by its number, or one drawn by hand."""

from typing import NamedTuple

import numpy as np

from engine.datasets import Dataset
from engine.training import Recording
from engine.vision.images import interpolation
from pages.common.text import share
from pages.figures import base
from pages.figures.convolution.signals import answers_at
from pages.sections.convolution.ink import as_mnist, as_small_digits, ink, read

SEEN = 200  #: images among which the brightest pixel is sought


class Image(NamedTuple):
    """An image as the network reads it, `x[d]`; its class, None where nobody has said; and what it is called.

    `key` is another one for another image.
    """

    x: np.ndarray
    label: int | None
    name: str
    key: str

    def label_in(self, recording: Recording) -> int:
        """The class, or what the trained network takes it for."""
        return self.label if self.label is not None else int(np.nan_to_num(answers_of(recording, self)[-1]).argmax())


def numbered(data: Dataset, number: int) -> Image:
    """An image of the data, counted from 1."""
    label = int(data.labels[number - 1])
    where = "test" if number - 1 in data.test else "training"
    name = f"Image {number:,} ({where}), {base.class_title(data, label)}"
    return Image(data.x[:, number - 1], label, name, str(number))


def drawn(text: str, data: Dataset, kind: str) -> Image:
    """A digit drawn by hand, from the text of the link, made as the images of the data were.

    Args:
        text: as `ink.written` gives it.
        data: what the network was trained on.
        kind: of the images: "8x8", "28x28" or "file".

    Raises:
        ValueError: if the text is no drawing.
    """
    inked = ink(read(text))
    if kind == "file":
        image = as_mnist(inked, min(data.image))
    else:
        image = as_small_digits(inked)
        enlarging = interpolation(len(image), data.image[0])
        image = enlarging @ image @ enlarging.T
    pixels = np.zeros(data.image)
    pixels[: image.shape[0], : image.shape[1]] = image
    return Image(pixels.ravel() * float(data.x[:, :SEEN].max()), None, "Your digit", text)


def answers_of(recording: Recording, image: Image) -> np.ndarray:
    """The probability of each class at every key frame, `[F, C]`."""
    return answers_at(recording, image.x)


def answer_texts(recording: Recording, answers: np.ndarray) -> list[str]:
    """What the network says at every key frame: "class 3, 0.981"."""
    data = recording.data
    return [f"{base.class_title(data, int(row.argmax()))}, {share(row.max())}" for row in np.nan_to_num(answers)]
