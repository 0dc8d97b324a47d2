"""A digit drawn by hand: from ink on 28 x 28 cells to an image such as the network was trained on.

People draw where they like and as large as they like. The images of the data are not so: those of MNIST were brought
into a box of 20 x 20 pixels and moved until their centre of mass was the middle of 28 x 28; the small digits fill
32 x 32 cells, of which four by four each are counted as one pixel of 8 x 8 (LeCun et al. 1998; Alpaydin & Kaynak 1998).
What is drawn is made the same way, else the network would be asked about something that it has never seen.

In a link the ink is 784 hexadecimal digits, packed: some hundred characters.
"""

import base64
import zlib

import numpy as np

from engine.vision.images import interpolation

CELLS, DARK = 28, 15  #: cells to each side, and the most ink that one holds
BOX = 20 / 28  #: of the side of an image, what a digit of MNIST takes
FINE = 4  #: cells to each side that a pixel of the small digits counts


def written(digits: str) -> str:
    """The ink of the component, a hexadecimal digit for each cell, as the link holds it; nothing for no ink."""
    if not digits.strip("0"):
        return ""
    return base64.urlsafe_b64encode(zlib.compress(bytes.fromhex(digits), 9)).decode().rstrip("=")


def read(text: str) -> str:
    """The ink of a link as the component takes it; raises ValueError where the text is none."""
    try:
        unpacked = zlib.decompressobj()
        packed = unpacked.decompress(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), CELLS**2)
    except (ValueError, zlib.error) as problem:  # letters beyond ASCII, no base64, or nothing packed
        raise ValueError("The drawn image of the link cannot be read; draw it again.") from problem
    if len(packed) != CELLS**2 // 2 or not any(packed):
        raise ValueError("The drawn image of the link cannot be read; draw it again.")
    return packed.hex()


def ink(digits: str) -> np.ndarray:
    """How much ink each cell holds, 0 to 1, `[28, 28]`."""
    return np.array([int(digit, 16) for digit in digits]).reshape(CELLS, CELLS) / DARK


def as_small_digits(drawn: np.ndarray, side: int = 8) -> np.ndarray:
    """Ink `[h, w]` as an image of the small digits `[side, side]`: it fills the image, its shape kept."""
    fine = _fitted(drawn, side * FINE)
    high, wide = fine.shape
    whole = np.zeros((side * FINE, side * FINE))
    top, left = (side * FINE - high) // 2, (side * FINE - wide) // 2
    whole[top : top + high, left : left + wide] = fine
    return whole.reshape(side, FINE, side, FINE).mean(axis=(1, 3))


def as_mnist(drawn: np.ndarray, side: int = 28) -> np.ndarray:
    """Ink `[h, w]` as an image of MNIST `[side, side]`: in the box, its centre of mass in the middle."""
    small = _fitted(drawn, max(1, round(BOX * side)))
    centre = [(small.sum(axis=1 - axis) * np.arange(size)).sum() / small.sum() for axis, size in enumerate(small.shape)]
    top, left = (
        int(np.clip(round((side - 1) / 2 - middle), 0, side - size))
        for middle, size in zip(centre, small.shape, strict=True)
    )
    image = np.zeros((side, side))
    image[top : top + small.shape[0], left : left + small.shape[1]] = small
    return image


def _fitted(drawn: np.ndarray, side: int) -> np.ndarray:
    """What is inked, its longer side brought to `side`."""
    rows, columns = (np.flatnonzero(drawn.any(axis=axis)) for axis in (1, 0))
    cut = drawn[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    high, wide = (max(1, round(size * side / max(cut.shape))) for size in cut.shape)
    return _sized(cut.shape[0], high) @ cut @ _sized(cut.shape[1], wide).T


def _sized(n: int, size: int) -> np.ndarray:
    """The matrix `[size, n]` that brings n cells to another number: between them, or fewer with all of their ink."""
    if size >= n:
        return interpolation(n, size)
    ends = np.arange(size + 1) * n / size
    covered = np.minimum(ends[1:, None], np.arange(1, n + 1)) - np.maximum(ends[:-1, None], np.arange(n))
    return np.maximum(covered, 0) * size / n
