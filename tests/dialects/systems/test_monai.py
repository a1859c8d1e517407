"""The row of MONAI against MONAI."""

import numpy as np
import pytest
from support.dialects import compare
from support.tensors import on_arrays, shown

from npstn import dialects

pytest.importorskip("torch", reason="MONAI is built on PyTorch")
pytest.importorskip("monai", reason="the row of MONAI is compared with MONAI")


def test_affine_transform():
    from monai.networks.layers import AffineTransform

    def transformed(src, theta, spatial_size=None, **options):
        return AffineTransform(**options)(src, theta, spatial_size)

    def sides(case):
        at_tie = case.kind == "ties" and case.mode == "nearest"
        return "rounded" if at_tie or (case.kind == "single" and case.mode == "bilinear") else None

    real, real_vjp = on_arrays(transformed, "src", "theta")
    print(compare("monai", "AffineTransform", real, real_vjp, named=sides))
    print(compare("monai", "AffineTransform", real, kinds=("single",)))


def test_warp():
    from monai.networks.blocks import Warp

    def warped(image, ddf, **options):
        return Warp(**options)(image, ddf)

    print(compare("monai", "Warp", *on_arrays(warped, "image", "ddf")))


def test_differences():
    assert shown("monai", "AffineTransform") == ["1.0"]
    x = np.arange(6.0, dtype=np.float32).reshape(1, 1, 1, 6)
    theta = np.array([[[1.0, 0, 0], [0, 1, 0.5]]], np.float32)
    ours = dialects.monai.AffineTransform(x, theta, mode="nearest")
    assert ours[0, 0, 0, 1] == 2.0
