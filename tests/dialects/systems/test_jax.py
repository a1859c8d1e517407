"""The row of JAX against jax.scipy.ndimage."""

import numpy as np
import pytest
from support.dialects import EVERY, compare, every

from npstn import dialects
from npstn.conformance._adapters.jax_arrays import on_arrays

pytest.importorskip("jax", reason="the real thing is not installed")


def named(case):
    if case.kind in ("huge", "inf"):
        return "integers of 32 bits"
    return None


# In parts, for it compiles each operation of each shape, which takes most of the time.
WHOLE = pytest.mark.skipif(EVERY > 1, reason="slow in JAX: compared where all cases are")


@pytest.mark.parametrize(
    "kinds",
    [
        pytest.param(("random",), marks=WHOLE),
        ("lattice", "kinks"),
        pytest.param(("ties", "outside", "single"), marks=WHOLE),
        ("nan",),
        ("inf", "huge"),
    ],
)
def test_map_coordinates(kinds):
    import jax.scipy.ndimage

    real, real_vjp = on_arrays(jax.scipy.ndimage.map_coordinates)
    print(compare("jax", "map_coordinates", real, real_vjp, named=named, kinds=kinds))


@pytest.mark.parametrize("points", [[[1, 2], [0, 2]], [1, 2], [np.array(0.5), np.array(1.25)]])
def test_points_may_be_lists_integers_and_one_point(points):
    import jax.scipy.ndimage

    x, points = np.arange(9.0).reshape(3, 3), list(map(np.array, points))
    got, want = (f.map_coordinates(x, points, 1) for f in (dialects.jax, jax.scipy.ndimage))
    assert got.shape == want.shape
    np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize(("at", "value"), [(0, "[2.]")])
def test_differences(at, value, capsys):
    exec(every("jax")[at].shown_by, {})
    assert capsys.readouterr().out.strip() == value
