"""The rows of dm_pix against dm_pix."""

import pytest
from support.dialects import GRADIENT_KINDS, compare

pytest.importorskip("jax", reason="the real thing runs on it")
dm_pix = pytest.importorskip("dm_pix", reason="the real thing is not installed")
from dialects.test_jax import run  # noqa: E402


def test_flat_nd_linear_interpolate():
    def named(case):
        return "large weights" if case.kind in ("huge", "inf") else None

    real, real_vjp = run(dm_pix.flat_nd_linear_interpolate)
    print(compare("dm_pix", "flat_nd_linear_interpolate", real, real_vjp, named=named))


def test_flat_nd_linear_interpolate_constant():
    def named(case):
        return "not finite" if case.kind in ("nan", "inf", "huge") else None

    name = "flat_nd_linear_interpolate_constant"
    real, real_vjp = run(getattr(dm_pix, name))
    print(compare("dm_pix", name, real, real_vjp, named=named, cval=1.5))


def test_affine_transform():
    def named(case):
        if case.mode == "nearest" and case.padding == "constant":
            return "half a texel"
        if case.padding in ("mirror", "reflect", "wrap") and case.kind in ("lattice", "kinks"):
            return "slopes"
        return None

    real, real_vjp = run(dm_pix.affine_transform)
    kinds = (*GRADIENT_KINDS, "ties")
    print(compare("dm_pix", "affine_transform", real, real_vjp, named=named, kinds=kinds))
