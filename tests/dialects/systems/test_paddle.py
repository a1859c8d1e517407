"""The row of PaddlePaddle against PaddlePaddle."""

import numpy as np
import pytest
from support.dialects import GRADIENT_KINDS, compare

from npstn import dialects
from npstn.conformance._adapters.paddle_tensors import on_arrays

paddle = pytest.importorskip("paddle", reason="needs PaddlePaddle")


def test_grid_sample():
    real, real_vjp = on_arrays(paddle.nn.functional.grid_sample, ("x", "grid"))
    print(compare("paddle", "grid_sample", real, real_vjp))


def test_affine_grid():
    real, real_vjp = on_arrays(paddle.nn.functional.affine_grid, ("theta",))
    print(compare("paddle", "affine_grid", real, real_vjp, kinds=GRADIENT_KINDS))


@pytest.mark.parametrize("align_corners", [True, False])
def test_axes_of_one_point(align_corners):
    theta = np.array([[[0.5, 0.25, 1.0], [-0.5, 2.0, 0.0]]])
    given = {"theta": theta, "out_shape": [1, 1, 1, 3], "align_corners": align_corners}
    real, real_vjp = on_arrays(paddle.nn.functional.affine_grid, ("theta",))
    ours = dialects.paddle.affine_grid(**given)
    np.testing.assert_allclose(ours, real(**given), rtol=0, atol=1e-15)
    d_grid = np.ones((1, 1, 3, 2))
    ours = dialects.paddle.affine_grid_vjp(d_grid, **given)
    np.testing.assert_allclose(ours, real_vjp(d_grid, **given)[0], rtol=0, atol=1e-15)
