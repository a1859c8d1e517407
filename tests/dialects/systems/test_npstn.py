"""The row of npstn against npstn."""

import pytest
from support.dialects import GRADIENT_KINDS, compare

import npstn

KINDS = (*GRADIENT_KINDS, "ties", "nan", "inf", "huge")


@pytest.mark.parametrize("name", ["grid_sample", "spatial_transformer_network"])
def test_samplers(name):
    print(compare("npstn", name, getattr(npstn, name), vjp(name), kinds=KINDS, fill_value=0.0))


def vjp(name):
    own = getattr(npstn, f"{name}_vjp")
    return lambda d, **given: own(d, **given)


def test_affine_grid():
    def real_vjp(d, theta, out_dims, align_corners):
        found = npstn.affine_grid_vjp(d, align_corners=align_corners)
        return found.astype(theta.dtype).reshape(theta.shape)

    print(compare("npstn", "affine_grid", npstn.affine_grid, real_vjp))
