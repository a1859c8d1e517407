"""The row of SimpleITK against SimpleITK."""

import numpy as np
import pytest
from support.dialects import compare

sitk = pytest.importorskip("SimpleITK", reason="needs SimpleITK")

KINDS = ("random", "lattice", "kinks", "ties", "outside", "single")


def real(image1, transform, interpolator, defaultPixelValue):
    rank = image1.ndim
    m = np.asarray(transform, np.float64)
    own = sitk.AffineTransform(rank)
    own.SetMatrix(m[:, :-1].ravel().tolist())
    own.SetTranslation(m[:, -1].tolist())
    out = sitk.Resample(
        sitk.GetImageFromArray(image1), own, interpolator, defaultPixelValue=defaultPixelValue
    )
    return sitk.GetArrayFromImage(out)


def test_forward():
    print(compare("simpleitk", "Resample", real, kinds=KINDS, defaultPixelValue=2.5))
