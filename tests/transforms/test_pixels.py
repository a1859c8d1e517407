"""Pixel matrices: a crop by hand, the lattice in pixels, and round trips."""

import numpy as np
import pytest
from support import Numbers

import npstn
from npstn.transforms import theta_from_pixel, theta_to_pixel

aligned = pytest.mark.parametrize("align", [True, False])


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


@pytest.mark.parametrize("function", [theta_from_pixel, theta_to_pixel])
@pytest.mark.parametrize(
    ("change", "error", "match"),
    [
        ({"matrix": np.ones((2, 3))}, ValueError, r"(matrix|theta) has shape \(2, 3\)"),
        ({"matrix": [[1.0] * 6]}, TypeError, "(matrix|theta) is list"),
        ({"matrix": np.ones((1, 12))}, ValueError, r"(matrix|theta) has shape \(1, 12\)"),
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
