"""The rows of Chainer against Chainer."""

import numpy as np
import pytest
from support.dialects import GRADIENT_KINDS, compare

from npstn import dialects

chainer = pytest.importorskip("chainer", reason="needs Chainer")


def variables(given):
    return {
        k: chainer.Variable(np.array(v)) if hasattr(v, "dtype") else v for k, v in given.items()
    }


def run(name):
    function = getattr(chainer.functions, name)

    def real(**given):
        return function(**variables(given)).array

    def real_vjp(d_out, **given):
        given = variables(given)
        leaves = [v for v in given.values() if isinstance(v, chainer.Variable)]
        out = function(**given)
        out.grad = np.array(d_out)
        out.backward()
        return tuple(leaf.grad for leaf in leaves)

    return real, real_vjp


def test_sampler():
    name = "spatial_transformer_sampler"
    print(compare("chainer", name, *run(name)))


def test_grid():
    name = "spatial_transformer_grid"
    print(compare("chainer", name, *run(name), kinds=GRADIENT_KINDS))


def test_axes_of_one_point():
    theta = np.array([[[0.5, 0.25, 1.0], [-0.5, 2.0, 0.0]]])
    given = {"theta": theta, "output_shape": (1, 3)}
    real, real_vjp = run("spatial_transformer_grid")
    ours = dialects.chainer.spatial_transformer_grid(**given)
    np.testing.assert_allclose(ours, real(**given), rtol=0, atol=1e-15)
    d_grid = np.ones((1, 2, 1, 3))
    ours = dialects.chainer.spatial_transformer_grid_vjp(d_grid, **given)
    np.testing.assert_allclose(ours, real_vjp(d_grid, **given)[0], rtol=0, atol=1e-15)
