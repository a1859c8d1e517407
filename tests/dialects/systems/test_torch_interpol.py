"""The row of torch-interpol against torch-interpol."""

import numpy as np
import pytest
from support.dialects import compare
from support.tensors import on_arrays, shown

pytest.importorskip("torch", reason="torch-interpol is built on PyTorch")
interpol = pytest.importorskip("interpol", reason="its row is compared with torch-interpol")


def masks(given):
    """Nearest of images is broken unless it extrapolates."""
    return given["extrapolate"] != 1 and given["input"].ndim == 4


def named(case):
    if case.mode == "nearest" and masks(case.given):
        return "mask"
    strict = case.mode == "bilinear" and case.given["extrapolate"] == 1 and case.kind != "huge"
    return "integers" if case.kind in ("nan", "inf", "huge") and not strict else None


def test_grid_pull():
    forward, backward = on_arrays(interpol.grid_pull, "input", "grid")

    def real(**given):
        if given["interpolation"] in ("nearest", 0) and masks(given):
            return np.full((*given["input"].shape[:2], *given["grid"].shape[1:-1]), np.nan)
        return forward(**given)

    def real_vjp(d_out, **given):
        if given["interpolation"] in ("nearest", 0) and masks(given):
            return np.full(given["input"].shape, np.nan), np.zeros(given["grid"].shape)
        return backward(d_out, **given)

    print(compare("torch_interpol", "grid_pull", real, real_vjp, named=named))


def test_differences():
    assert shown("torch_interpol", "grid_pull") == ["0.0", "True"]
