"""Second derivatives: directions that are zero, or None."""

import numpy as np
import pytest
from support import Numbers

import npstn

pytestmark = pytest.mark.usefixtures("engine")


def arguments(mode):
    numbers = Numbers(320)
    x, d_out = numbers.uniform((2, 4, 5, 2)), numbers.uniform((2, 3, 4, 2))
    grid = numbers.uniform((2, 3, 4, 2), -1.2, 1.2)
    grid[0, 1, 2] = np.nan, 0.5
    theta = numbers.uniform((2, 2, 3))
    return {"mode": mode}, (d_out, x), grid, theta


@pytest.mark.parametrize("mode", ["nearest", "bilinear", "bicubic"])
@pytest.mark.parametrize("given", [(0, 0), (1, 0), (0, 1)], ids=["none", "x", "points"])
def test_none_is_zero(mode, given):
    """Neither direction is not the first derivative, but nothing; a NaN point has NaN."""
    options, (d_out, x), grid, theta = arguments(mode)
    second = npstn.grid_sample_vjp_vjp, npstn.spatial_transformer_network_vjp_vjp
    jvp = npstn.grid_sample_jvp, npstn.spatial_transformer_network_jvp
    for points, forward, backward in zip((grid, theta), jvp, second, strict=True):
        zeros = [np.ones_like(a) * g for a, g in zip((x, points), given, strict=True)]
        nones = [a if g else None for a, g in zip(zeros, given, strict=True)]
        want = backward(*zeros, d_out, x, points, **options)
        found = backward(*nones, d_out, x, points, **options)
        for a, b in zip(want, found, strict=True):
            np.testing.assert_array_equal(b, a)
        dims = () if points is grid else ((3, 4),)
        want = forward(x, points, *zeros, *dims, **options)
        found = forward(x, points, *nones, *dims, **options)
        for a, b in zip(want, found, strict=True):
            np.testing.assert_array_equal(b, a)
    nothing = npstn.spatial_transformer_network_vjp_vjp(None, None, d_out, x, theta, **options)
    assert not any(a.any() for a in nothing)
