"""Similarity: complex multiplication and a shift."""

import numpy as np
import pytest
from support import Numbers

from npstn.transforms import (
    affine_grid,
    rigid_theta,
    rst_theta,
    similarity_grid,
    similarity_identity,
    similarity_theta,
)


def test_it_is_multiplication_by_a_complex_number():
    params = Numbers(420).uniform((3, 4), -2, 2)
    base = affine_grid(np.array([[1.0, 0, 0, 0, 1, 0]]), (4, 5))[0] @ [1, 1j]
    factor, shift = params[:, :2] @ [1, 1j], params[:, 2:] @ [1, 1j]
    grid = similarity_grid(params, (4, 5)) @ [1, 1j]
    expected = factor[:, None, None] * base + shift[:, None, None]
    np.testing.assert_allclose(grid, expected, atol=1e-14)


def test_a_rotation_with_one_scale_is_a_similarity():
    angle, s = 0.3, 1.7
    params = np.array([[s * np.cos(angle), s * np.sin(angle), 0.0, 0.0]])
    rst = rst_theta(np.array([[angle, s, s]]), translation=False)
    np.testing.assert_allclose(similarity_theta(params), rst, atol=1e-15)


def test_in_a_volume_it_is_a_rigid_motion_of_another_scale():
    params = Numbers(421).uniform((4, 7), -2, 2)
    theta, rigid = similarity_theta(params), rigid_theta(params[:, 1:].copy())
    scaled = np.exp(params[:, :1, None]) * rigid[:, :, :3]
    np.testing.assert_allclose(theta[:, :, :3], scaled, rtol=1e-15)
    assert (theta[:, :, 3] == params[:, 4:]).all()
    params[:, 0] = 0.0
    assert (similarity_theta(params) == rigid).all()
    identity = similarity_theta(similarity_identity(rank=3)[None])
    assert identity.tobytes() == np.eye(3, 4).tobytes()


def test_a_turn_around_z_is_that_of_an_image():
    s, angle, t_x, t_y = 0.4, 0.7, 0.2, -0.1
    volume = similarity_theta(np.array([[s, 0, 0, angle, t_x, t_y, 0]]))[0]
    a, b = np.exp(s) * np.cos(angle), np.exp(s) * np.sin(angle)
    image = similarity_theta(np.array([[a, b, t_x, t_y]]))[0]
    np.testing.assert_allclose(volume[:2, [0, 1, 3]], image, atol=1e-15)
    np.testing.assert_allclose(volume[2], [0, 0, np.exp(s), 0], atol=1e-15)


def test_three_parameters_are_refused():
    with pytest.raises(ValueError, match=r"expected \(B, 4\)"):
        similarity_theta(np.ones((1, 3)))
