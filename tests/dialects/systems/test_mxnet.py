"""The row of MXNet against MXNet."""

import numpy as np
import pytest
from support import Numbers
from support.dialects import GRADIENT_KINDS, compare, function_of

from npstn import dialects

np.bool = np.bool_  # a name that MXNet still uses
mx = pytest.importorskip("mxnet", reason="needs MXNet, which has no release since 2022")


def arrays(given):
    """Its own arrays, in its own order; a map has six numbers there."""
    order = sorted(given, key=("data", "loc", "grid", *given).index)
    return {k: array(given[k]) if isinstance(given[k], np.ndarray) else given[k] for k in order}


def array(a):
    return mx.nd.array(a.reshape(-1, 6) if a.ndim == 3 else a, dtype=a.dtype)


def run(name, **fixed):
    function = getattr(mx.nd, name)

    def real(**given):
        return function(**arrays(given), **fixed).asnumpy()

    def real_vjp(d_out, **given):
        found = arrays(given)
        leaves = {k: v for k, v in found.items() if isinstance(v, mx.nd.NDArray)}
        for leaf in leaves.values():
            leaf.attach_grad()
        with mx.autograd.record():
            out = function(**found, **fixed)
        out.backward(mx.nd.array(d_out, dtype=d_out.dtype))
        return tuple(v.grad.asnumpy().reshape(given[k].shape) for k, v in leaves.items())

    return real, real_vjp


def test_sampler():
    print(compare("mxnet", "BilinearSampler", *run("BilinearSampler")))


def test_affine_grids():
    name = "GridGenerator"
    print(compare("mxnet", name, *run(name), kinds=GRADIENT_KINDS, transform_type="affine"))


def test_transformer():
    name = "SpatialTransformer"
    own = {"transform_type": "affine", "sampler_type": "bilinear"}
    print(compare("mxnet", name, *run(name, **own), kinds=GRADIENT_KINDS))


@pytest.mark.parametrize("size", [(3, 5), (4, 4), (1, 3)])
def test_grids_of_displacements(size):
    numbers = Numbers(3)
    moved, d_grid = (numbers.uniform((2, 2, *size), -3.0, 3.0).astype("float32") for _ in "ab")
    given = {"data": moved, "transform_type": "warp"}
    real, real_vjp = run("GridGenerator")
    np.testing.assert_array_equal(dialects.mxnet.GridGenerator(**given), real(**given))
    ours = dialects.mxnet.GridGenerator_vjp(d_grid, **given)
    np.testing.assert_array_equal(ours, real_vjp(d_grid, **given)[0])


def test_axes_of_one_point():
    data = np.array([[0.5, 0.25, 1.0, -0.5, 2.0, 0.0]], np.float32)
    given = {"data": data, "transform_type": "affine", "target_shape": (1, 3)}
    real, real_vjp = run("GridGenerator")
    assert np.isnan(real(**given)).all()
    np.testing.assert_array_equal(dialects.mxnet.GridGenerator(**given), real(**given))
    d_grid = np.ones((1, 2, 1, 3), np.float32)
    ours = dialects.mxnet.GridGenerator_vjp(d_grid, **given)
    np.testing.assert_array_equal(ours, real_vjp(d_grid, **given)[0])


def test_named_differences():
    for difference in function_of("mxnet", "GridGenerator").differences:
        with pytest.raises(mx.base.MXNetError):
            eval(difference.shown_by, {"mx": mx})
