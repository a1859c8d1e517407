"""The row of PaddlePaddle against PaddlePaddle."""

import numpy as np
import pytest
from support.dialects import GRADIENT_KINDS, compare

paddle = pytest.importorskip("paddle", reason="needs PaddlePaddle")


def tensors(given):
    return {
        k: paddle.to_tensor(np.array(v), stop_gradient=False) if hasattr(v, "dtype") else v
        for k, v in given.items()
    }


def run(function):
    def real(**given):
        return function(**tensors(given)).numpy()

    def real_vjp(d_out, **given):
        given = tensors(given)
        leaves = [t for t in given.values() if paddle.is_tensor(t)]
        function(**given).backward(paddle.to_tensor(np.array(d_out)))
        return tuple(leaf.grad.numpy() for leaf in leaves)

    return real, real_vjp


def test_grid_sample():
    print(compare("paddle", "grid_sample", *run(paddle.nn.functional.grid_sample)))


def test_affine_grid():
    real, real_vjp = run(paddle.nn.functional.affine_grid)
    print(compare("paddle", "affine_grid", real, real_vjp, kinds=GRADIENT_KINDS))
