"""Digits enlarged, against torch's bilinear interpolation."""

import numpy as np
import pytest

from engine.datasets import load
from engine.vision import enlarged


@pytest.mark.parametrize("side", [8, 11, 28])
def test_enlarged_digits_equal_torchs_interpolation(side):
    torch = pytest.importorskip("torch")
    digits = load("digits", samples=20, test=0.25)
    images = torch.tensor(digits.x.T.reshape(-1, 1, 8, 8).copy())
    expected = torch.nn.functional.interpolate(images, size=(side, side), mode="bilinear", align_corners=False)
    data = enlarged(digits, side)
    assert data.image == (side, side)
    assert data.x.T.reshape(-1, 1, side, side) == pytest.approx(expected.numpy(), abs=1e-14)
    assert data.points == pytest.approx(16 * data.x, abs=1e-12)
    assert len(data.input_names) == len(data.feature_names) == side**2
    assert np.array_equal(data.test, digits.test)
    assert np.array_equal(data.expand(data.points), data.x)


def test_what_is_no_image_or_is_larger_is_refused():
    with pytest.raises(ValueError, match="no images"):
        enlarged(load("circle"))
    with pytest.raises(ValueError, match="8 x 8 pixels cannot be enlarged to 7 x 7"):
        enlarged(load("digits", samples=4), 7)
