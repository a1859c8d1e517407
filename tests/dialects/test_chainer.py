"""The rows of Chainer against Chainer."""

import numpy as np
import pytest
from support.dialects import GRADIENT_KINDS, compare

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
