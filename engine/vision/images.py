"""Images made larger, so that small digits are as large as those that convolutional networks are made for.

Bilinear interpolation: the centre of pixel i of s lies at (i + 1/2) n/s - 1/2 between the n pixels there are, and the
value is that on the straight line between its two neighbours, first along the columns, then along the rows. Beyond the
outermost centres it is that of the pixel at the edge (PyTorch's `interpolate`, `align_corners=False`).
"""

from dataclasses import replace

import numpy as np

from engine.datasets import Dataset


def enlarged(data: Dataset, side: int = 28) -> Dataset:
    """The same images with `side` x `side` pixels; as they are if they have so many already.

    Raises ValueError for data that are no images, or whose images are larger.
    """
    if data.image is None:
        raise ValueError(f"The data {data.name!r} are no images.")
    if max(data.image) > side:
        raise ValueError(f"Images of {data.image[0]} x {data.image[1]} pixels cannot be enlarged to {side} x {side}.")
    if data.image == (side, side):
        return data
    rows, columns = (interpolation(length, side) for length in data.image)
    images = rows @ data.points.T.reshape(-1, *data.image) @ columns.T
    points = images.reshape(len(images), -1).T
    names = tuple(f"pixel {row},{column}" for row, column in np.ndindex(side, side))
    return replace(
        data, points=points, x=data.expand(points), input_names=names, feature_names=names, image=(side, side)
    )


def interpolation(n: int, size: int) -> np.ndarray:
    """The matrix `[size, n]` that makes `size` values of n on a line."""
    places = np.clip((np.arange(size) + 0.5) * n / size - 0.5, 0, n - 1)
    return np.maximum(1 - np.abs(places[:, None] - np.arange(n)), 0)
