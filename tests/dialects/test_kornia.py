"""The row of kornia against kornia."""

import numpy as np
import pytest
from support.dialects import compare
from support.tensors import on_arrays, shown

pytest.importorskip("torch", reason="kornia is built on PyTorch")
kornia = pytest.importorskip("kornia", reason="the row of kornia is compared with kornia")
transform = kornia.geometry.transform


def sides(case):
    """At ties and at texels the rounding of a matrix decides on the side."""
    at_tie = case.kind == "ties" and case.mode == "nearest"
    return "rounded" if at_tie or (case.kind == "single" and case.mode == "bilinear") else None


@pytest.mark.parametrize("name", ["warp_affine", "warp_perspective"])
def test_warps(name):
    real, real_vjp = on_arrays(getattr(transform, name), "src", "M")
    print(compare("kornia", name, real, real_vjp, named=sides, slack=256.0))
    print(compare("kornia", name, real, kinds=("single",)))


@pytest.mark.parametrize("name", ["warp_affine", "warp_perspective"])
def test_fill(name):
    import torch

    def filled(fill_value, **given):
        return getattr(transform, name)(fill_value=torch.tensor([fill_value]), **given)

    def named(case):
        return "zeros" if case.padding == "zeros" else sides(case)

    real = on_arrays(filled, "src", "M")
    print(compare("kornia", name, *real, named=named, slack=256.0, fill_value=1.5))


def test_remap():
    def named(case):
        return "one" if case.kind == "single" and not case.align else None

    real = on_arrays(transform.remap, "image", "map_x", "map_y")
    print(compare("kornia", "remap", *real, named=named))


def test_differences():
    for name in ("warp_affine", "warp_perspective"):
        off, ignored = map(float, shown("kornia", name))
        assert 0 < abs(off) < 1e-5
        assert ignored == 0.0
    assert np.float64(shown("kornia", "remap")[0]) == 1.0
