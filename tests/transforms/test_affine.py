"""affine_grid and its adjoint."""

import numpy as np
import pytest
from support import Numbers

from npstn import affine_grid, affine_grid_vjp
from npstn.oracle import naive

aligned = pytest.mark.parametrize("align", [True, False])


def test_identity_is_the_base_lattice():
    grid = affine_grid(np.array([[1.0, 0, 0, 0, 1, 0]]), (3, 5))
    assert grid.shape == (1, 3, 5, 2)
    assert grid[0, 0, :, 0].tolist() == [-1, -0.5, 0, 0.5, 1]
    assert grid[0, :, 0, 1].tolist() == [-1, 0, 1]
    grid = affine_grid(np.array([[1.0, 0, 0, 0, 1, 0]]), (1, 4), align_corners=False)
    assert grid[0, 0].tolist() == [[-0.75, 0], [-0.25, 0], [0.25, 0], [0.75, 0]]


@aligned
def test_against_the_equation(align):
    theta = Numbers(60).uniform((2, 6), -2, 2)
    grid = affine_grid(theta, (4, 6), align_corners=align)
    np.testing.assert_allclose(
        grid, naive.affine_grid(theta, (4, 6), align_corners=align), atol=1e-14
    )
    d = Numbers(61).uniform((2, 4, 6, 2))
    d_theta = affine_grid_vjp(d, align_corners=align)
    np.testing.assert_allclose(d_theta, naive.affine_grid_vjp(d, align_corners=align), atol=1e-13)


def test_many_maps_and_shapes():
    theta = Numbers(64).uniform((2, 3, 6))
    grid = affine_grid(theta, (4, 5))
    assert grid.shape == (2, 3, 4, 5, 2)
    assert (grid == affine_grid(theta.reshape(2, 3, 2, 3), (4, 5))).all()
    assert (grid[:, 1] == affine_grid(theta[:, 1], (4, 5))).all()
    assert affine_grid_vjp(grid).shape == (2, 3, 2, 3)
    assert affine_grid(theta.astype(np.float32), (4, 5)).dtype == np.float64
    assert affine_grid(theta, (0, 5)).shape == (2, 3, 0, 5, 2)
    assert (affine_grid_vjp(np.zeros((2, 0, 5, 2))) == 0).all()
