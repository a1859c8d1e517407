"""Rotation, scale and translation against the product of three matrices."""

from itertools import product

import numpy as np
import pytest
from support import Numbers

from npstn.transforms import rst_identity, rst_theta

subsets = [s for s in product([True, False], repeat=3) if any(s)]
named = [dict(zip(("rotation", "scale", "translation"), s, strict=True)) for s in subsets]


def of_matrices(angle: float, scales: np.ndarray, shift: np.ndarray) -> np.ndarray:
    c, s = np.cos(angle), np.sin(angle)
    rotation = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
    translation = np.array([[1, 0, shift[0]], [0, 1, shift[1]], [0, 0, 1]])
    return (rotation @ np.diag([*scales, 1.0]) @ translation)[:2]


@pytest.mark.parametrize("chosen", named, ids=str)
def test_against_matrices(chosen):
    widths = {"rotation": 1, "scale": 2, "translation": 2}
    count = sum(widths[name] for name, there in chosen.items() if there)
    params = Numbers(430).uniform((2, count), -2, 2)
    assert rst_identity(**chosen).shape == (count,)
    for row, theta in zip(params, rst_theta(params, **chosen), strict=True):
        rest = list(row)
        angle = rest.pop(0) if chosen["rotation"] else 0.0
        scales = [rest.pop(0), rest.pop(0)] if chosen["scale"] else [1.0, 1.0]
        shift = rest or [0.0, 0.0]
        np.testing.assert_allclose(theta, of_matrices(angle, scales, shift), atol=1e-14)


def test_parameters_of_stnbhwd():
    """The same matrices on (y, x, 1), as the docstring translates them."""
    angle, s1, s2, t1, t2 = Numbers(431).uniform((5,))
    swapped = of_matrices(angle, [s1, s2], [t1, t2])
    swap = np.array([[0, 1, 0], [1, 0, 0], [0, 0, 1]])
    ours = rst_theta(np.array([[-angle, s2, s1, t2, t1]]))[0]
    np.testing.assert_allclose(ours, swap[:2, :2] @ swapped @ swap, atol=1e-15)


def test_a_quarter_turn_takes_x_to_y():
    theta = rst_theta(np.array([[np.pi / 2]]), scale=False, translation=False)
    np.testing.assert_allclose(theta[0, :, :2] @ [1, 0], [0, 1], atol=1e-15)


@pytest.mark.parametrize("chosen", named, ids=str)
def test_the_identity_has_the_bits_of_the_unit_matrix(chosen):
    theta = rst_theta(rst_identity(**chosen)[None], **chosen)
    assert theta.tobytes() == np.eye(2, 3).tobytes()
