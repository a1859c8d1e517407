"""Rigid motion against fractions, SciPy's rotations, and turns that are known."""

from fractions import Fraction
from math import factorial

import numpy as np
import pytest
from scipy.spatial.transform import Rotation
from support import Numbers

import npstn
from npstn.transforms import (
    affine_grid,
    rigid_grid,
    rigid_identity,
    rigid_theta,
    rigid_theta_jvp,
    rigid_theta_vjp,
    rst_theta,
)

U = Fraction(1, 2**53)
LENGTHS = (1e-300, 1e-160, 1e-8, 0.01, 0.7, 1.6, 3.0, np.pi, 3.2, 2 * np.pi, 200.0, 300.0)
STEP = 2**400  # terms of series are rounded to its reciprocal


def cross(v):
    x, y, z = v
    zero = Fraction(0)
    return np.array([[zero, -z, y], [z, zero, -x], [-y, x, zero]], object)


def series(s, first):
    """The sum of (-s)**k / (2 k + first)!, and its derivative by s."""
    total, slope, power, before = Fraction(0), Fraction(0), Fraction(1), Fraction(0)
    for k in range(40 + 2 * int(s**0.5)):
        total += power / factorial(2 * k + first)
        slope += before / factorial(2 * k + first)
        before = Fraction(round(-(k + 1) * power * STEP), STEP)
        power = Fraction(round(-power * s * STEP), STEP)
    return total, slope


def exactly(r, t_r):
    """R = I + a [r] + b [r]**2, with a and b as series of |r|**2, and its tangent term by term."""
    r, t = ([Fraction(v) for v in vector.tolist()] for vector in (r, t_r))
    s, t_s = sum(v * v for v in r), 2 * sum(v * w for v, w in zip(r, t, strict=True))
    (a, slope_a), (b, slope_b) = series(s, 1), series(s, 2)
    k, t_k = cross(r), cross(t)
    square, t_square = k.dot(k), k.dot(t_k) + t_k.dot(k)
    t_turned = a * t_k + b * t_square + t_s * (slope_a * k + slope_b * square)
    return np.eye(3, dtype=int) + a * k + b * square, t_turned


def errors(found, exact):
    return [abs(Fraction(f) - e) for f, e in zip(found.ravel().tolist(), exact.flat, strict=True)]


@pytest.mark.parametrize("length", LENGTHS)
def test_a_few_roundings_from_fractions(length):
    numbers = Numbers(480)
    for _ in range(4):
        r, t = numbers.uniform((2, 3))
        r *= length / np.linalg.norm(r)
        theta, t_theta = rigid_theta_jvp(
            np.array([[*r, 0.3, -0.2, 0.1]]), np.array([[*t, 1.0, 2.0, 3.0]])
        )
        turned, t_turned = exactly(r, t)
        assert max(errors(theta[0, :, :3], turned)) <= 32 * U
        assert max(errors(t_theta[0, :, :3], t_turned)) <= 128 * U * Fraction(np.linalg.norm(t))
        assert theta[0, :, 3].tolist() == [0.3, -0.2, 0.1]
        assert t_theta[0, :, 3].tolist() == [1.0, 2.0, 3.0]


def test_tiny_angles_keep_their_digits():
    """What a rotation adds to the identity is right by itself, down to the curvature."""
    theta = rigid_theta(np.array([[3e-9, -2e-9, 5e-9, 0, 0, 0]]))[0, :, :3]
    np.testing.assert_allclose((theta - theta.T)[[2, 0, 1], [1, 2, 0]], [6e-9, -4e-9, 1e-8], 1e-15)
    expected = np.array([3 * -2, 3 * 5, -2 * 5]) * 1e-18
    np.testing.assert_allclose((theta + theta.T)[[0, 0, 1], [1, 2, 2]], expected, atol=1e-24)


def test_at_rest_the_derivative_is_that_of_a_cross_product():
    t = Numbers(481).uniform((1, 6))
    x, y, z, *shift = t[0]
    _, t_theta = rigid_theta_jvp(np.zeros((1, 6)), t)
    expected = [[0, -z, y, shift[0]], [z, 0, -x, shift[1]], [-y, x, 0, shift[2]]]
    assert (t_theta[0] == expected).all()
    d = Numbers(482).uniform((1, 3, 4))
    m = d[0]
    d_r = [m[2, 1] - m[1, 2], m[0, 2] - m[2, 0], m[1, 0] - m[0, 1]]
    assert (rigid_theta_vjp(d, np.zeros((1, 6)))[0] == [*d_r, *m[:, 3]]).all()


@pytest.mark.parametrize("rank", [2, 3])
def test_the_identity_has_the_bits_of_the_unit_matrix(rank):
    theta = rigid_theta(rigid_identity(rank=rank)[None])
    assert theta.tobytes() == np.eye(rank, rank + 1).tobytes()


def test_against_scipy():
    params = Numbers(483).uniform((20, 6), -4, 4)
    expected = Rotation.from_rotvec(params[:, :3]).as_matrix()
    theta = rigid_theta(params)
    np.testing.assert_allclose(theta[:, :, :3], expected, rtol=0, atol=4e-15)
    assert (theta[:, :, 3] == params[:, 3:]).all()


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("turns", [-2, -1, 1, 2, 3, 4])
def test_quarter_turns(axis, turns):
    params = np.zeros((1, 6))
    params[0, axis] = turns * np.pi / 2
    quarter = np.cross(np.eye(3)[axis], np.eye(3)).T + np.diag(np.eye(3)[axis])
    expected = np.linalg.matrix_power(quarter.round().astype(int), turns % 4)
    np.testing.assert_allclose(rigid_theta(params)[0, :, :3], expected, rtol=0, atol=1e-15)


def test_a_quarter_turn_of_a_volume():
    x = Numbers(484).uniform((1, 3, 4, 4, 2))
    theta = np.array([[0, 0, np.pi / 2, 0, 0, 0]])
    out = npstn.spatial_transformer_network(x, theta, transform="rigid", layout="NDHWC")
    # The output at (x, y) is the input at (-y, x): row j of it is column H - 1 - j of the input.
    np.testing.assert_allclose(out, x.transpose(0, 1, 3, 2, 4)[:, :, ::-1], atol=1e-14)


def test_a_turn_around_z_is_that_of_an_image():
    params = Numbers(485).uniform((5, 3), -3, 3)
    volume = np.zeros((5, 6))
    volume[:, 2:5] = params
    theta = rigid_theta(volume)
    expected = rigid_theta(params)
    np.testing.assert_allclose(theta[:, :2, :2], expected[:, :, :2], atol=1e-15)
    assert (theta[:, :2, 3] == expected[:, :, 2]).all()
    assert (theta[:, 2] == [0, 0, 1, 0]).all()


def test_in_two_dimensions_it_is_a_rotation_and_then_a_shift():
    params = Numbers(486).uniform((5, 3), -3, 3)
    theta = rigid_theta(params)
    turned = rst_theta(params[:, :1].copy(), scale=False, translation=False)
    assert (theta[:, :, :2] == turned[:, :, :2]).all()
    assert (theta[:, :, 2] == params[:, 1:]).all()


def test_the_rank_is_that_of_the_parameters():
    assert rigid_grid(np.zeros((1, 6)), (2, 3, 4)).shape == (1, 2, 3, 4, 3)
    expected = affine_grid(np.eye(3, 4)[None], (2, 3, 4))
    assert (rigid_grid(np.zeros((1, 6)), (2, 3, 4)) == expected).all()
    with pytest.raises(ValueError, match=r"out_dims is \(3, 4\), expected three integers"):
        rigid_grid(np.zeros((1, 6)), (3, 4))
    expected = r"expected \(B, 3\) or \(B, K, 3\), in a volume \(B, 6\) or \(B, K, 6\)"
    with pytest.raises(ValueError, match=rf"params has shape \(1, 4\), {expected}"):
        rigid_theta(np.zeros((1, 4)))


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e308])
def test_vectors_without_a_direction(value):
    params = np.array([[value, 0.5, 0.0, 1.0, 2.0, 3.0]])
    theta = rigid_theta(params)[0]
    assert np.isfinite(theta[:, :3]).all() == np.isfinite(value)
    assert theta[:, 3].tolist() == [1.0, 2.0, 3.0]
