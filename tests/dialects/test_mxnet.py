"""The row of MXNet against MXNet."""

import numpy as np
import pytest
from support.dialects import GRADIENT_KINDS, compare

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
