"""Pixel matrices: a crop by hand, the lattice in pixels, round trips, and derivatives."""

from functools import partial

import numpy as np
import pytest
from support import Numbers

import npstn
from npstn import testing
from npstn.transforms import (
    theta_from_pixel,
    theta_from_pixel_jvp,
    theta_from_pixel_vjp,
    theta_to_pixel,
    theta_to_pixel_jvp,
    theta_to_pixel_vjp,
)

aligned = pytest.mark.parametrize("align", [True, False])
FROM = theta_from_pixel, theta_from_pixel_jvp, theta_from_pixel_vjp
TO = theta_to_pixel, theta_to_pixel_jvp, theta_to_pixel_vjp
both_ways = pytest.mark.parametrize("functions", [FROM, TO], ids=["from", "to"])
CASES = [  # shape, in_size, out_dims
    ((2, 6), (4, 9), (6, 5)),
    ((2, 3, 2, 3), (4, 9), (6, 5)),
    ((2, 2, 3), (1, 9), (6, 1)),
    ((2, 3, 6), (5, 1), (1, 4)),
    ((2, 12), (4, 5, 6), (3, 2, 7)),
    ((2, 2, 3, 4), (3, 1, 6), (1, 5, 2)),
]
sized = pytest.mark.parametrize(("shape", "in_size", "out_dims"), CASES, ids=str)


@aligned
def test_a_crop(align):
    x = Numbers(500).integers((1, 5, 7, 2), -9, 9)
    matrix = np.array([[[1.0, 0, 2], [0, 1, 1]]])
    theta = theta_from_pixel(matrix, (5, 7), (3, 4), align_corners=align)
    out = npstn.spatial_transformer_network(x, theta, (3, 4), align_corners=align)
    np.testing.assert_allclose(out, x[:, 1:4, 2:6], atol=1e-13)


@aligned
def test_a_transpose_with_a_zoom_of_two(align):
    x = Numbers(501).integers((1, 7, 5, 1), -9, 9)
    matrix = np.array([[0.0, 2, 0, 2, 0, 0]])  # (x, y) = (2 i, 2 j)
    theta = theta_from_pixel(matrix, (7, 5), (3, 4), align_corners=align)
    out = npstn.spatial_transformer_network(x, theta, (3, 4), align_corners=align)
    np.testing.assert_allclose(out[0], x[0, ::2, ::2].transpose(1, 0, 2), atol=1e-13)


def test_by_hand():
    """5 -> 3 pixels with align_corners: output j is x = j - 1, input p is g = p / 2 - 1."""
    theta = theta_from_pixel(np.array([[1.0, 0, 0, 0, 1, 0]]), (5, 5), (3, 3))
    assert theta.tolist() == [[0.5, 0, -0.5, 0, 0.5, -0.5]]
    theta = theta_from_pixel(np.array([[1.0, 0, 0, 0, 1, 0]]), (4, 4), (2, 2), align_corners=False)
    assert theta.tolist() == [[0.5, 0, -0.5, 0, 0.5, -0.5]]


@aligned
@pytest.mark.parametrize("shape", [(2, 6), (2, 3, 6), (2, 2, 3), (2, 3, 2, 3)])
def test_round_trips(align, shape):
    matrix, options = Numbers(502).uniform(shape, -3, 3), {"align_corners": align}
    theta = theta_from_pixel(matrix, (4, 9), (6, 5), **options)
    assert theta.shape == shape
    back = theta_to_pixel(theta, (4, 9), (6, 5), **options)
    np.testing.assert_allclose(back, matrix, atol=1e-14)
    again = theta_from_pixel(back, (4, 9), (6, 5), **options)
    np.testing.assert_allclose(again, theta, atol=1e-14)


@aligned
def test_the_lattice_in_pixels_also_of_volumes(align):
    theta, size, dims = Numbers(503).uniform((1, 12)), (4, 5, 6), (3, 2, 7)
    matrix = theta_to_pixel(theta, size, dims, align_corners=align).reshape(3, 4)
    grid = npstn.affine_grid(theta, dims, align_corners=align)[0]
    ends = np.array(size[::-1], float)
    pixels = (grid + 1) * (ends - 1) / 2 if align else ((grid + 1) * ends - 1) / 2
    k, i, j = np.indices(dims)
    expected = np.stack([j, i, k, np.ones(dims)], -1) @ matrix.T
    np.testing.assert_allclose(pixels, expected, atol=1e-14)
    back = theta_from_pixel(matrix[None].copy(), size, dims, align_corners=align)
    np.testing.assert_allclose(back.reshape(1, 12), theta, atol=1e-14)


@aligned
@pytest.mark.parametrize("size", [(5, 7), (1, 4), (1000, 333)])
def test_the_identity_is_exact(align, size):
    unit = np.array([[1.0, 0, 0, 0, 1, 0]])
    theta = theta_from_pixel(unit, size, size, align_corners=align)
    matrix = theta_to_pixel(unit, size, size, align_corners=align)
    if align and 1 in size:  # the lone pixel needs no y
        unit = np.array([[1.0, 0, 0, 0, 0, 0]])
    assert theta.tolist() == unit.tolist()
    assert matrix.tolist() == unit.tolist()


def test_an_axis_of_one_pixel():
    matrix = np.array([[2.0, 3, 0.5, 4, 5, 0.25]])
    lone_input = theta_from_pixel(matrix, (1, 5), (4, 3))
    assert lone_input[0, 3:].tolist() == [0, 0, 0]
    assert lone_input[0, :3].any()
    lone_output = theta_from_pixel(matrix, (6, 5), (1, 3))
    assert lone_output[0, [1, 4]].tolist() == [0, 0]
    assert theta_to_pixel(lone_output, (6, 5), (1, 3))[0].tolist() == [2, 0, 0.5, 4, 0, 0.25]
    without = theta_from_pixel(matrix, (1, 5), (1, 3), align_corners=False)
    back = theta_to_pixel(without, (1, 5), (1, 3), align_corners=False)
    np.testing.assert_allclose(back, matrix, atol=1e-15)


def test_derivatives_by_hand():
    """5 -> 3 pixels: the row (a, b, e) of a matrix becomes (a, b, a + b + e - 2) / 2 of theta."""
    d, sizes = np.array([[1.0, 2, 4, 8, 16, 32]]), ((5, 5), (3, 3))
    assert theta_from_pixel_vjp(d, *sizes).tolist() == [[2.5, 3, 2, 20, 24, 16]]
    assert theta_to_pixel_vjp(d, *sizes).tolist() == [[-6, -4, 8, -48, -32, 64]]
    theta, t_theta = theta_from_pixel_jvp(np.zeros((1, 6)), d, *sizes)
    assert theta.tolist() == [[0, 0, -1, 0, 0, -1]]
    assert t_theta.tolist() == [[0.5, 1, 3.5, 4, 8, 28]]
    matrix, t_matrix = theta_to_pixel_jvp(np.zeros((1, 6)), d, *sizes)
    assert matrix.tolist() == [[0, 0, 2, 0, 0, 2]]
    assert t_matrix.tolist() == [[2, 4, 2, 16, 32, 16]]


@both_ways
@aligned
@sized
def test_derivatives(functions, align, shape, in_size, out_dims):
    numbers, rest = Numbers(504), {"align_corners": align}
    given, t, d = (numbers.uniform(shape, -3, 3) for _ in range(3))
    f, jvp, vjp = (partial(g, in_size=in_size, out_dims=out_dims, **rest) for g in functions)
    testing.check_vjp(f, lambda d, _: (vjp(d),), [given], d)
    testing.check_jvp(f, jvp, [given])
    testing.dot_test(lambda t: jvp(given, t)[1], vjp, t, d)
    out, t_out = jvp(given, t)
    assert out.tobytes() == f(given).tobytes()
    np.testing.assert_allclose(t_out, f(given + t) - out, rtol=0, atol=1e-13)
    for result in (t_out, vjp(d)):
        assert (result.shape, result.dtype) == (shape, np.float64)


@aligned
@pytest.mark.parametrize("shape", [(2, 6), (2, 3, 2, 3)])
def test_one_derivative_undoes_the_other(align, shape):
    d, t, sizes = *Numbers(505).uniform((2, *shape)), ((4, 9), (6, 5))
    there = theta_from_pixel_vjp(d, *sizes, align_corners=align)
    back = theta_to_pixel_vjp(there, *sizes, align_corners=align)
    np.testing.assert_allclose(back, d, rtol=0, atol=1e-14)
    there = theta_from_pixel_jvp(t, t, *sizes, align_corners=align)
    back = theta_to_pixel_jvp(*there, *sizes, align_corners=align)
    np.testing.assert_allclose(back, [t, t], rtol=0, atol=1e-14)


@both_ways
def test_derivatives_of_an_axis_of_one_pixel(functions):
    _, jvp, vjp = functions
    given, t = Numbers(506).uniform((2, 1, 2, 3))
    lone_input, lone_output = ((1, 5), (4, 3)), ((6, 5), (1, 3))
    for derivative in (jvp(given, t, *lone_input)[1], vjp(t, *lone_input)):
        assert (derivative[0] != 0).tolist() == [[True] * 3, [False] * 3]
    for derivative in (jvp(given, t, *lone_output)[1], vjp(t, *lone_output)):
        assert (derivative[0] != 0).tolist() == [[True, False, True]] * 2


@aligned
def test_the_cotangent_of_a_matrix_through_the_module(align):
    """What is descended on where a map is searched for in pixels, by differences."""
    numbers, options = Numbers(507), {"align_corners": align}
    x, sizes = numbers.uniform((1, 5, 7, 2)), ((5, 7), (3, 4))
    matrix = np.array([[0.9, 0.2, 1.3, -0.1, 1.1, 0.6]])

    def f(matrix):
        theta = theta_from_pixel(matrix, *sizes, **options)
        return npstn.spatial_transformer_network(x, theta, (3, 4), **options)

    def vjp(d_out, matrix):
        theta = theta_from_pixel(matrix, *sizes, **options)
        _, d_theta = npstn.spatial_transformer_network_vjp(d_out, x, theta, **options)
        return (theta_from_pixel_vjp(d_theta, *sizes, **options),)

    testing.check_vjp(f, vjp, [matrix])


@both_ways
def test_arrays_are_only_read(functions, readonly):
    f, jvp, vjp = functions
    (given,) = readonly(Numbers(508).uniform((2, 2, 3)).astype(np.float32))
    sizes = (4, 5), (2, 3)
    wide = given.astype(np.float64)
    swapped = np.repeat(wide, 2, axis=2).astype(">f8")[:, :, ::2]
    for other in (given, swapped):
        found = f(other, *sizes), vjp(other, *sizes), *jvp(other, other, *sizes)
        expected = f(wide, *sizes), vjp(wide, *sizes), *jvp(wide, wide, *sizes)
        for a, b in zip(found, expected, strict=True):
            assert a.dtype == b.dtype == np.dtype("=f8")
            assert a.tobytes() == b.tobytes()


def along_itself(jvp):
    return lambda matrix, *sizes, **options: jvp(matrix, matrix, *sizes, **options)


@pytest.mark.parametrize(
    "function",
    [f for way in (FROM, TO) for f in (way[0], along_itself(way[1]), way[2])],
    ids=["from", "from_jvp", "from_vjp", "to", "to_jvp", "to_vjp"],
)
@pytest.mark.parametrize(
    ("change", "error", "match"),
    [
        ({"matrix": np.ones((2, 3))}, ValueError, r"^(d_)?(matrix|theta) has shape \(2, 3\)"),
        ({"matrix": [[1.0] * 6]}, TypeError, "^(d_)?(matrix|theta) is list"),
        ({"matrix": np.ones((1, 12))}, ValueError, r"^(d_)?(matrix|theta) has shape \(1, 12\)"),
        ({"in_size": (4, 0)}, ValueError, r"in_size is \(4, 0\)"),
        ({"in_size": (4, 5, 6)}, ValueError, r"in_size is .* expected two integers \(H, W\)"),
        ({"in_size": 4}, TypeError, "in_size is 4"),
        ({"in_size": (4, 5.0)}, TypeError, "in_size"),
        ({"out_dims": (0, 3)}, ValueError, "out_dims .* at least 1"),
        ({"out_dims": None}, TypeError, "out_dims is None"),
        ({"align_corners": 2}, TypeError, "align_corners is 2"),
    ],
)
def test_bad_input(function, change, error, match):
    good = {"matrix": np.ones((1, 6)), "in_size": (4, 5), "out_dims": (2, 3), "align_corners": True}
    matrix, in_size, out_dims, align = (good | change).values()
    with pytest.raises(error, match=match):
        function(matrix, in_size, out_dims, align_corners=align)


@both_ways
@pytest.mark.parametrize(
    ("tangent", "error", "match"),
    [
        (np.ones((1, 2, 3)), ValueError, r"has shape \(1, 2, 3\), expected that of .*, \(1, 6\)"),
        (np.ones((1, 6), int), TypeError, "has dtype int64"),
        (None, TypeError, "is NoneType"),
    ],
)
def test_bad_tangents(functions, tangent, error, match):
    with pytest.raises(error, match=rf"^t_(matrix|theta) {match}"):
        functions[1](np.ones((1, 6)), tangent, (4, 5), (2, 3))
