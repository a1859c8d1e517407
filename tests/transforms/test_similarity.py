"""Similarity: complex multiplication and a shift."""

import numpy as np
import pytest
from support import Numbers

from npstn.transforms import affine_grid, rst_theta, similarity_grid, similarity_theta


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


def test_three_parameters_are_refused():
    with pytest.raises(ValueError, match=r"expected \(B, 4\)"):
        similarity_theta(np.ones((1, 3)))
