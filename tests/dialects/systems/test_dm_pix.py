"""The rows of dm_pix against dm_pix."""

import pytest
from support.dialects import GRADIENT_KINDS, KINDS, compare, every

from npstn.conformance._adapters.jax_arrays import on_arrays

pytest.importorskip("jax", reason="the real thing runs on it")
dm_pix = pytest.importorskip("dm_pix", reason="the real thing is not installed")


def test_flat_nd_linear_interpolate():
    def named(case):
        return "large weights" if case.kind == "huge" else None

    real, real_vjp = on_arrays(dm_pix.flat_nd_linear_interpolate)
    print(compare("dm_pix", "flat_nd_linear_interpolate", real, real_vjp, named=named))


def test_flat_nd_linear_interpolate_constant():
    name = "flat_nd_linear_interpolate_constant"
    kinds = tuple(kind for kind in KINDS if kind not in ("nan", "inf"))
    print(compare("dm_pix", name, *on_arrays(getattr(dm_pix, name)), cval=1.5, kinds=kinds))
    # A compiled product with False is a choice; else NaN times 0 is NaN outside too.
    real, _ = on_arrays(getattr(dm_pix, name), compiled=True)
    print(compare("dm_pix", name, real, cval=1.5, kinds=("nan", "inf")))


def test_affine_transform():
    def named(case):
        if case.mode == "nearest" and case.padding == "constant":
            return "half a texel"
        if case.padding in ("mirror", "reflect", "wrap") and case.kind in (
            "lattice",
            "kinks",
            "single",
        ):
            return "slopes"
        return None

    real, real_vjp = on_arrays(dm_pix.affine_transform)
    kinds = (*GRADIENT_KINDS, "ties")
    print(compare("dm_pix", "affine_transform", real, real_vjp, named=named, kinds=kinds))


@pytest.mark.parametrize(("at", "value"), [(0, "[0.]"), (1, "[5. 1. 6. 2.]"), (2, "[0. 0. 1.]")])
def test_differences(at, value, capsys):
    exec(every("dm_pix")[at].shown_by, {})
    assert capsys.readouterr().out.strip() == value
