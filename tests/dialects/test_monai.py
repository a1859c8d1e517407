"""The row of MONAI against MONAI."""

import pytest
from support.dialects import compare
from support.tensors import on_arrays, shown

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
    print(compare("monai", "AffineTransform", real, real_vjp, named=sides, slack=256.0))
    print(compare("monai", "AffineTransform", real, kinds=("single",)))


def test_warp():
    from monai.networks.blocks import Warp

    def warped(image, ddf, **options):
        return Warp(**options)(image, ddf)

    print(compare("monai", "Warp", *on_arrays(warped, "image", "ddf")))


def test_differences():
    (off,) = map(float, shown("monai", "AffineTransform"))
    assert 0 < abs(off) < 1e-5
