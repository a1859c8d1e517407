"""The row of kornia against kornia."""

import numpy as np
import pytest
from support.dialects import KINDS, compare
from support.tensors import on_arrays, shown

from npstn import dialects

pytest.importorskip("torch", reason="kornia is built on PyTorch")
kornia = pytest.importorskip("kornia", reason="the row of kornia is compared with kornia")
transform = kornia.geometry.transform
NEAR = tuple(kind for kind in KINDS if kind != "outside")


def sides(case):
    """At ties and at texels the rounding of a matrix decides on the side."""
    at_tie = case.kind == "ties" and case.mode == "nearest"
    return "rounded" if at_tie or (case.kind == "single" and case.mode == "bilinear") else None


@pytest.mark.parametrize("name", ["warp_affine", "warp_perspective"])
def test_warps(name):
    real, real_vjp = on_arrays(getattr(transform, name), "src", "M")
    print(compare("kornia", name, real, real_vjp, named=sides, kinds=NEAR))
    print(compare("kornia", name, real, kinds=("single",)))
    # A gradient of M has its inverse on both sides: a shift of 40 pixels, once more than in out.
    print(compare("kornia", name, real, real_vjp, kinds=("outside",), slack=32.0 * 40))


@pytest.mark.parametrize("name", ["warp_affine", "warp_perspective"])
def test_fill(name):
    import torch

    def filled(fill_value, **given):
        return getattr(transform, name)(fill_value=torch.tensor([fill_value]), **given)

    def named(case):
        return "zeros" if case.padding == "zeros" else sides(case)

    real = on_arrays(filled, "src", "M")
    print(compare("kornia", name, *real, named=named, kinds=NEAR, fill_value=1.5))
    print(compare("kornia", name, real[0], named=named, kinds=("outside",), fill_value=1.5))


def test_remap():
    def named(case):
        return "one" if case.kind == "single" and not case.align else None

    real = on_arrays(transform.remap, "image", "map_x", "map_y")
    print(compare("kornia", "remap", *real, named=named))


def test_differences():
    x = np.arange(6.0, dtype=np.float32).reshape(1, 1, 1, 6)
    pushed = np.array([[1.0, 0, -0.5], [0, 1, 0], [0, 0, 1]], np.float32)
    for name, rows in (("warp_affine", 2), ("warp_perspective", 3)):
        assert shown("kornia", name) == ["1.0", "0.0"]
        ours = getattr(dialects.kornia, name)(x, pushed[None, :rows], (1, 6), mode="nearest")
        assert ours[0, 0, 0, 1] == 2.0
    assert shown("kornia", "remap") == ["1.0"]
