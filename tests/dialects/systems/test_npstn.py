"""The row of npstn against npstn."""

import pytest
from support.dialects import GRADIENT_KINDS, compare

import npstn

KINDS = (*GRADIENT_KINDS, "ties", "nan", "inf", "huge")


def real(name):
    """The function, which is told that x is a volume."""

    def call(*cotangent, **given):
        volume = given["x"].ndim == 5
        return getattr(npstn, name)(*cotangent, **given, layout="NDHWC" if volume else "NHWC")

    return call


def real_vjp(name):
    """Its vjp, whose output has a size already."""

    def call(d_out, **given):
        given.pop("out_dims", None)
        return real(f"{name}_vjp")(d_out, **given)

    return call


# At texels the module has right derivatives: its points are exact, those of the row are rounded.
OFF_TEXELS = ("random", "outside")


@pytest.mark.parametrize(
    ("name", "kinds"), [("grid_sample", KINDS), ("spatial_transformer_network", OFF_TEXELS)]
)
def test_samplers(name, kinds):
    print(compare("npstn", name, real(name), real_vjp(name), kinds=kinds, fill_value=0.0))


def test_affine_grid():
    def vjp(d, theta, out_dims, align_corners):
        found = npstn.affine_grid_vjp(d, align_corners=align_corners)
        return found.astype(theta.dtype).reshape(theta.shape)

    print(compare("npstn", "affine_grid", npstn.affine_grid, vjp))
