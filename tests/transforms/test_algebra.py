"""Composition and inverse against products of matrices, and their derivatives."""

import contextlib

import numpy as np
import pytest
from support import Numbers

from npstn import testing
from npstn.transforms import (
    affine_grid,
    compose,
    compose_jvp,
    compose_vjp,
    invert,
    invert_jvp,
    invert_vjp,
    projective_grid,
)

SHAPES = [(2, 6), (2, 2, 3), (2, 3, 6), (2, 3, 2, 3), (2, 12), (2, 3, 4), (2, 2, 3, 4)]
SHAPES += [(2, 8), (2, 3, 8)]
shaped = pytest.mark.parametrize("shape", SHAPES, ids=str)


def identity(shape: tuple[int, ...]) -> np.ndarray:
    if shape[-1] in (8, 12, 6):
        rank = 3 if shape[-1] == 12 else 2
        return np.eye(rank + 1).ravel()[: shape[-1]]
    return np.eye(*shape[-2:])


def maps(shape: tuple[int, ...], seed: int) -> np.ndarray:
    return identity(shape) + Numbers(seed).uniform(shape, -0.3, 0.3)


def matrices(theta: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """(N, R + 1, R + 1), by hand."""
    tail = identity(shape)
    n = 4 if tail.size == 12 else 3
    rest = np.eye(n).ravel()[tail.size :]
    rows = theta.reshape(-1, tail.size)
    return np.array([np.concatenate([row, rest]).reshape(n, n) for row in rows])


@shaped
def test_compose_is_the_product_of_matrices(shape):
    a, b = maps(shape, 480), maps(shape, 481)
    c = compose(a, b)
    assert c.shape == shape
    assert c.dtype == np.float64
    expected = matrices(a, shape) @ matrices(b, shape)
    expected /= expected[:, -1:, -1:]
    np.testing.assert_allclose(matrices(c, shape), expected, atol=1e-14)


def test_compose_applies_b_first():
    a, b = maps((2, 6), 482), maps((2, 6), 483)
    points = affine_grid(b, (4, 5))
    expected = np.einsum("brq,bijq->bijr", a.reshape(2, 2, 3)[:, :, :2], points)
    expected += a.reshape(2, 1, 1, 2, 3)[..., 2]
    np.testing.assert_allclose(affine_grid(compose(a, b), (4, 5)), expected, atol=1e-14)
    shift, zoom = np.array([[1.0, 0, 0.5, 0, 1, 0]]), np.array([[2.0, 0, 0, 0, 2, 0]])
    assert compose(zoom, shift).tolist() == [[2, 0, 1, 0, 2, 0]]
    assert compose(shift, zoom).tolist() == [[2, 0, 0.5, 0, 2, 0]]


def test_affine_maps_as_projective_ones():
    a, b = maps((2, 6), 484), maps((2, 6), 485)
    wide_a, wide_b = (np.column_stack([m, np.zeros((2, 2))]) for m in (a, b))
    assert (compose(wide_a, wide_b)[:, :6] == compose(a, b)).all()
    np.testing.assert_allclose(invert(wide_a)[:, :6], invert(a), atol=1e-15)


@shaped
def test_invert(shape):
    theta = maps(shape, 486)
    x = invert(theta)
    assert x.shape == shape
    expected = np.linalg.inv(matrices(theta, shape))
    expected /= expected[:, -1:, -1:]
    np.testing.assert_allclose(matrices(x, shape), expected, atol=1e-14)
    unit = np.broadcast_to(identity(shape), shape)
    np.testing.assert_allclose(compose(theta, x), unit, atol=1e-14)
    np.testing.assert_allclose(compose(x, theta), unit, atol=1e-14)


def test_the_inverse_of_a_homography_undoes_its_grid():
    h = maps((1, 8), 487)
    x, y = projective_grid(h, (1, 5))[0, 0, 1]
    i = [*invert(h)[0], 1.0]
    above_x, above_y, below = (i[r] * x + i[r + 1] * y + i[r + 2] for r in (0, 3, 6))
    np.testing.assert_allclose([above_x / below, above_y / below], [-0.5, 0], atol=1e-15)


@pytest.mark.parametrize(
    ("theta", "expected"),
    [
        ([1, 0, 0.3, 0, 1, -0.7], [1, 0, -0.3, 0, 1, 0.7]),
        ([-1, 0, 0.1, 0, 1, 0], [-1, 0, 0.1, 0, 1, 0]),
        ([0, -1, 0.25, 1, 0, 0.5], [0, 1, -0.5, -1, 0, 0.25]),
        ([4, 0, 1, 0, 0.5, 1], [0.25, 0, -0.25, 0, 2, -2]),
        ([1, 0, 0, 0, 1, 0, 0, 0], [1, 0, 0, 0, 1, 0, 0, 0]),
        ([2.0**-70, 0, 0, 0, 2.0**-90, 0], [2.0**70, 0, 0, 0, 2.0**90, 0]),
    ],
)
def test_inverses_that_are_exact(theta, expected):
    assert invert(np.array([theta], float)).tolist() == [expected]


@pytest.mark.parametrize("shape", [(2, 6), (1, 2, 2, 3), (1, 12), (1, 3, 4), (2, 8)], ids=str)
def test_derivatives(shape):
    a, b, d = maps(shape, 488), maps(shape, 489), Numbers(490).uniform(shape)
    testing.check_vjp(compose, compose_vjp, [a, b], d)
    testing.check_vjp(invert, lambda d, m: (invert_vjp(d, m),), [a], d)
    t_a, t_b = Numbers(491).uniform(shape), Numbers(492).uniform(shape)
    both = np.stack([t_a, t_b])
    testing.dot_test(
        lambda t: compose_jvp(a, b, t[0], t[1])[1],
        lambda d: np.stack(compose_vjp(d, a, b)),
        both,
        d,
    )
    testing.dot_test(lambda t: invert_jvp(a, t)[1], lambda d: invert_vjp(d, a), t_a, d)
    assert (compose_jvp(a, b, t_a, t_b)[0] == compose(a, b)).all()
    assert (invert_jvp(a, t_a)[0] == invert(a)).all()
    narrow = a.astype(np.float32)
    assert invert_vjp(d, narrow).dtype == np.float32
    assert [m.dtype for m in compose_vjp(d, narrow, b)] == [np.float32, np.float64]


SINGULAR = np.array(
    [[[1.0, 0, 0, 0, 1, 0]] * 2, [[1.0, 0, 0, 0, 1, 0], [0.1, -0.2, 5, -0.3, 0.6, 5]]]
)


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda: invert(SINGULAR), ValueError, r"theta at \[1, 1\] has the determinant"),
        (
            lambda: invert(np.zeros((2, 12))),
            ValueError,
            r"theta at \[0\] has the determinant 0, up",
        ),
        (lambda: invert(np.array([[1.0, 2, 3, 4, 5, 6, 7, 8]])[:, ::-1]), None, None),
        (lambda: invert(np.array([[1.0, 2, 3, 2, 4, 6, 7, 8]])), ValueError, "determinant"),
        (lambda: invert(np.array([[0.0, 0, 1, 0, 1, 0, 1, 0]])), ValueError, "last entry of 0"),
        (
            lambda: compose(
                np.array([[1.0, 0, 0, 0, 1, 0, 1, 0]]), np.array([[1.0, 0, -1] * 2 + [0] * 2])
            ),
            ValueError,
            r"the composition at \[0\] has a last entry of 0",
        ),
        (lambda: compose(np.ones((2, 6)), np.ones((2, 8))), ValueError, r"\(2, 8\), expected"),
        (lambda: compose(np.ones((2, 6)), np.ones((2, 2, 3))), ValueError, "theta_b"),
        (lambda: compose(np.ones((2, 7)), np.ones((2, 7))), ValueError, "theta_a has shape"),
        (lambda: compose([1.0], np.ones((2, 6))), TypeError, "theta_a is list"),
        (lambda: invert(np.ones(6)), ValueError, r"\(6,\)"),
        (lambda: invert(np.array(1.0)), ValueError, r"shape \(\)"),
        (lambda: invert(np.ones((2, 6), int)), TypeError, "int64"),
        (lambda: invert_vjp(np.ones((1, 6)), np.ones((2, 6))), ValueError, "determinant"),
        (lambda: invert_vjp(np.ones((1, 6)), maps((2, 6), 1)), ValueError, "d_inverse has shape"),
        (lambda: invert_jvp(maps((2, 6), 1), np.ones((1, 6))), ValueError, "t_theta has shape"),
        (lambda: compose_vjp(np.ones(3), np.ones((2, 6)), np.ones((2, 6))), ValueError, "d_theta"),
        (lambda: compose_vjp([[1], [2, 3]], *[np.ones((2, 6))] * 2), TypeError, "d_theta is list"),
        (lambda: invert_vjp([[1], [2, 3]], maps((2, 6), 1)), TypeError, "d_inverse is list"),
        (
            lambda: compose_jvp(*[np.ones((2, 6))] * 3, np.ones((2, 2, 3))),
            ValueError,
            "t_theta_b has shape",
        ),
    ],
)
def test_bad_input(call, error, match):
    if error is None:
        assert np.isfinite(call()).all()
    else:
        with pytest.raises(error, match=match):
            call()


@pytest.mark.parametrize(
    ("theta", "inverse"),
    [
        ([1, 1e16, 0, 0, 1, 0], [1, -1e16, 0, 0, 1, 0]),
        ([1, 0, 0, 1e16, 1, 0], [1, 0, 0, -1e16, 1, 0]),
        ([1, 0, 1e8, 0, 1, 1e8, 1e-8, 1e-8], [0, 1, -1e8, 1, 0, -1e8, -1e-8, -1e-8]),
    ],
)
def test_large_entries_that_cancel_in_no_determinant(theta, inverse):
    np.testing.assert_allclose(invert(np.array([theta], float)), [inverse], rtol=1e-15, atol=1e-15)


@pytest.mark.parametrize("large", [1e154, 1e158, 1e161, 1e250])
@pytest.mark.parametrize(
    ("row", "at"),
    [
        ([1, 0, 0, 0, 0, 0.7, 0, 0, 0, 0, 0.3, 0], (4, 8)),
        ([1, 0, 0, 0, 0.7, 0, 0, 0], (3, 6)),
    ],
)
def test_determinants_that_underflow(row, at, large):
    """An inverse is right, or there is an error."""
    theta = np.array([row], float)
    theta[0, at] = large
    with contextlib.suppress(ValueError):
        found = invert(theta)
        assert found[0, 0] == pytest.approx(1.0, rel=1e-14)
        for k, size in zip(at, (0.7, 0.3 if len(row) == 12 else 1.0), strict=True):
            assert found[0, k] == pytest.approx(-large / size, rel=1e-14)


@pytest.mark.parametrize("rank", [2, 3])
def test_determinants_that_are_rounding(rank):
    """Rows of which one is a sum of others: the determinant is 0, but for roundings."""
    m = Numbers(494).uniform((50, rank, rank))
    m[:, -1] = (m[:, :-1] * Numbers(495).uniform((50, rank - 1, 1))).sum(1)
    determinant = abs(np.linalg.det(m))
    assert 0 < determinant.max() < 1e-15
    for one in m:
        with pytest.raises(ValueError, match="has the determinant 0, up to rounding"):
            invert(np.column_stack([one, np.zeros(rank)])[None])


def test_nan_stays_with_its_map():
    theta = maps((2, 6), 493)
    theta[0, 1] = np.nan
    x = invert(theta)
    assert np.isnan(x[0]).any()
    assert (x[1] == invert(theta[1:])[0]).all()


@pytest.mark.parametrize("shape", [(0, *shape[1:]) for shape in SHAPES], ids=str)
def test_no_maps(shape):
    none = np.zeros(shape)
    results = compose(none, none), invert(none), invert_vjp(none, none), *invert_jvp(none, none)
    results += *compose_vjp(none, none, none), *compose_jvp(none, none, none, none)
    assert {result.shape for result in results} == {shape}


@pytest.mark.parametrize("size", [1e-300, 1e-160, 2.0**-520, 1e160, 2.0**600, 1e300])
@pytest.mark.parametrize("shape", SHAPES[:1] + SHAPES[4:5] + SHAPES[7:8], ids=str)
def test_maps_whose_determinant_is_no_float(shape, size):
    """Rows times powers of two: the inverse is that of the ordinary map, times the others."""
    scale = 2.0 ** np.round(np.log2(size))
    ordinary = maps(shape, 3)
    if shape[-1] == 8:  # its last row is fixed
        ordinary[:, 2::3] = 0.0
        ordinary[:, 6:] = 0.0
    theta = ordinary * scale
    linear = [0, 1, 3, 4] if shape[-1] in (6, 8) else [0, 1, 2, 4, 5, 6, 8, 9, 10]
    assert (invert(theta)[:, linear] == invert(ordinary)[:, linear] / scale).all()
    mixed = identity(shape)[None] * 1.0
    mixed[:, linear[0]], mixed[:, linear[-1]] = scale, 1 / scale
    np.testing.assert_array_equal(invert(invert(mixed)), mixed)


def test_an_inverse_that_is_no_float():
    theta = np.array([[1.0, 0, 0, 0, 1, 0], [5e-324, 0, 0, 0, 1, 0]])
    with pytest.raises(ValueError, match=r"theta at \[1\] has an inverse that is too large"):
        invert(theta)
    theta[1] = 1e-300, 0, 1e300, 0, 1, 0  # its shift
    with pytest.raises(ValueError, match=r"theta at \[1\] has an inverse that is too large"):
        invert(theta)
    theta[1] = np.nan, 0, 0, 0, 1, 0
    assert np.isnan(invert(theta)[1]).any()
