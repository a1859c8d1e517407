"""Bicubic by both oracles against numbers worked out by hand, and against PyTorch's own table.

The weights of k - 1 ... k + 2 are (0, 1, 0, 0) at t = 0 and (-3, 19, 19, -3) / 32 at t = 1/2; their
first derivatives (-3, 0, 3, 0) / 4 and (3, -21, 21, -3) / 16; their second derivatives
(12, -18, 12, -6) / 4 and (3, -3, -3, 3) / 4.
"""

from fractions import Fraction
from typing import NamedTuple

import numpy as np
import pytest
from support.options import PADDINGS
from support.oracle import sample_exact, sample_naive

from npstn.oracle import exact, naive

ROW = (3.0, 5.0, 11.0, 2.0)


class Case(NamedTuple):
    padding_mode: str
    align_corners: bool
    p: float
    value: float  # over 32
    slope: float  # over 16
    curve: float  # over 4


def cases(padding_mode, align_corners, *rows):
    return [Case(padding_mode, align_corners, *row) for row in rows]


CASES = [
    *cases(  # taps outside are dropped; at -2 only the second derivative to the right is not 0
        *("zeros", True),
        *((-2.25, 0, 0, 0), (-2, 0, 0, -18), (-1.5, -9, -9, 9), (-1, 0, 36, 6)),
        *((0, 96, 60, -60), (0.5, 119, 9, 9), (1.5, 289, 129, -33), (3, 64, -132, 96)),
        *((3.5, 5, -9, 27), (4, 0, -24, 24), (5, 0, 0, 0), (1e300, 0, 0, 0), (-1e300, 0, 0, 0)),
    ),
    *cases(  # the border is repeated: its pixels overshoot, and no derivative is cut off
        *("border", False),
        *((-1e300, 96, 0, 0), (-1.5, 96, 0, 0), (-1, 96, 0, -12), (-0.5, 90, -6, 6)),
        *((0, 96, 24, -24), (0.5, 110, 18, 18), (1.5, 289, 129, -33), (5, 64, 0, 0)),
        *((3.75e15, 64, 0, 0), (1e300, 64, 0, 0)),
    ),
    *cases(  # ..., 11, 5, [3, 5, 11, 2], 11, 5, ...
        *("reflection", True),
        *((-1, 160, -96, 48), (0, 96, 0, 0), (0.5, 104, 24, 24), (1, 160, 96, 66)),
        *((2.0**53, 352, -36, -180), (-(2.0**53), 352, 36, -132)),
    ),
    *cases(  # ..., 5, 3, [3, 5, 11, 2], 2, 11, ...
        *("reflection", False),
        *((-1, 96, -24, 12), (-0.5, 84, 0, 12), (0, 96, 24, -24), (0.5, 110, 18, 18)),
        *((3.5, 10, 0, 54), (8, 96, 24, -24), (2.0**53, 96, 24, -24)),
    ),
    *cases(  # ..., 11, 2, [3, 5, 11, 2], 3, 5, ...
        *("wrap", True),
        *((-1, 64, -96, 102), (-0.5, 47, 39, 33), (0, 96, 36, -36), (3, 64, -96, 102)),
        *((3.5, 47, 39, 33), (4, 96, 36, -36), (-(2.0**53), 96, 36, -36)),
    ),
]


oracles = pytest.mark.parametrize("oracle", [sample_exact, sample_naive])


@oracles
@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("case", CASES)
def test_one_axis_by_hand(oracle, case, axis):
    """A row that repeats downwards, or its transpose, far from the other border."""
    x = np.empty((2, 9, 4, 2))
    x[:] = np.array(ROW)[:, None]
    grid = np.full((2, 1, 3, 2), 4.25)
    grid[..., 0] = case.p
    if axis == 1:
        x, grid = x.swapaxes(1, 2), grid[..., ::-1]
    dd_grid = np.zeros(grid.shape)
    dd_grid[..., axis] = 8
    out, d_x, d_grid, t_out, d_out2, d_x2, d_grid2 = oracle(
        *((np.full((2, 1, 3, 2), 4.0), 0 * x, dd_grid), x, grid),
        mode="bicubic",
        coordinates="pixel",
        padding_mode=case.padding_mode,
        align_corners=case.align_corners,
    )
    assert (32 * out == case.value).all()
    assert (16 * d_grid[..., axis] == 2 * 4 * case.slope).all()
    for along in (t_out, d_out2):
        assert (16 * along == 8 * case.slope).all()
    assert (4 * d_grid2[..., axis] == 2 * 4 * 8 * case.curve).all()
    for other in (d_grid, d_grid2):
        assert (other[..., 1 - axis] == 0).all()  # the image is the same everywhere down there
    # The sampler and its derivative are linear in x.
    assert 32 * (d_x * x).sum() == 12 * 4 * case.value
    assert 16 * (d_x2 * x).sum() == 12 * 4 * 8 * case.slope


def test_terms_by_hand():
    """t = 1/2 along x, 0 along y: a row of texels, in the derivative the two beside it."""
    x, d_out = np.zeros((1, 5, 4, 1)), np.array([[[[2.0]]]])
    x[0, 1:4, :, 0] = [[1, 1, 1, 1], ROW, [2, -2, 2, 2]]
    options = {"mode": "bicubic", "coordinates": "pixel"}
    out, d_x, d_grid = exact.grid_sample(x, [[[[1.5, 2]]]], d_out, **options)
    got = 32 * out.value.item(), 32 * out.magnitude.item(), out.count.item()
    assert got == (289, 9 + 95 + 209 + 6, 4)
    assert (16 * d_x.value[0, 2, :, 0]).tolist() == [-3, 19, 19, -3]
    assert d_x.count[0, :, :, 0].tolist() == [4 * [0], 4 * [0], 4 * [1], 4 * [0], 4 * [0]]
    # Down: 3/4 (row below - row above), in fractions of 32: -6 - 38 + 38 - 6 and 32.
    assert (16 * d_grid.value).tolist() == [[[[2 * 129, Fraction(2 * 3 * (-12 - 32), 8)]]]]
    assert (16 * d_grid.magnitude).tolist() == [[[[2 * 351, Fraction(2 * 3 * (88 + 44), 8)]]]]
    assert d_grid.count.tolist() == [[[[4, 8]]]]


PYTORCH = {  # the table of PyTorch's own tests, for the first and the second row of the grid
    ("zeros", True): (
        *([-4.5, -6], [-4.5, 6], [2.725679, 0.740878], [2.725679, -0.740878]),
        *([1.5, 0], [1.5, 0], [1.927921, -0.05688], [1.927921, 0.05688]),
    ),
    ("zeros", False): (
        *([-5.859375, -5.888672], [-5.859375, 5.888672], [-5.625, -7.5], [-5.625, 7.5]),
        *([-0.234375, -0.263672], [-0.234375, 0.263672], [1.875, 0], [1.875, 0]),
    ),
    ("border", True): 2 * ([1.5, 0], [1.5, 0], [1.74, 0], [1.74, 0]),
    ("border", False): 2 * ([-0.46875, 0], [-0.46875, 0], [1.875, 0], [1.875, 0]),
    ("reflection", True): 2 * ([0, 0], [0, 0], [1.92, 0], [1.92, 0]),
    ("reflection", False): 2 * ([0, 0], [0, 0], [1.875, 0], [1.875, 0]),
}


@pytest.mark.parametrize(("padding_mode", "align_corners"), PYTORCH)
def test_gradients_are_those_of_pytorch(padding_mode, align_corners):
    x = np.broadcast_to(np.arange(5.0)[:, None], (1, 5, 5, 1))
    right = [[1, 1], [1, -1], [0.8, 0.8], [0.8, -0.8]]
    left = [[-1, -1], [-1, 1], [-0.8, -0.8], [-0.8, 0.8]]
    options = {"mode": "bicubic", "padding_mode": padding_mode, "align_corners": align_corners}
    inputs = x, np.array([[right, left]])
    expected = np.reshape(PYTORCH[padding_mode, align_corners], (1, 2, 4, 2))
    d_out = np.ones((1, 2, 4, 1))
    by_naive = naive.grid_sample_vjp(d_out, *inputs, **options)[1]
    by_exact = exact.grid_sample(*inputs, d_out, **options).d_coords.value.astype(float)
    for d_grid in (by_naive, by_exact):
        np.testing.assert_allclose(d_grid, expected, rtol=0, atol=1e-5)


@oracles
@pytest.mark.parametrize("padding_mode", PADDINGS)
def test_an_axis_of_one_texel(oracle, padding_mode):
    """Aligned, every g is the texel; else p = g / 2, and copies of the texel add to one of it."""
    x, grid = np.full((1, 1, 9, 1), 64.0), np.array([[[[0.0, 0.75]]]])
    cotangents = np.ones((1, 1, 1, 1)), 0 * x, np.array([[[[0.0, 1]]]])
    t = Fraction(3, 8)
    alone = 16 * (5 * t**3 - 9 * t**2 + 4), 8 * (15 * t**2 - 18 * t), 4 * (30 * t - 18)
    for align_corners in (True, False):
        options = {"padding_mode": padding_mode, "align_corners": align_corners}
        out, _, d_grid, *_, d_grid2 = oracle(cotangents, x, grid, mode="bicubic", **options)
        expected = alone if padding_mode == "zeros" and not align_corners else (64, 0, 0)
        assert (out.item(), d_grid[..., 1].item(), d_grid2[..., 1].item()) == expected


LINES = [  # of ROW with zeros outside: p, value, slope, curve; see CASES
    (0.5, 119, 9, 9),
    (1.5, 289, 129, -33),
    (-1.5, -9, -9, 9),
    (3.5, 5, -9, 27),
    (0.0, 96, 60, -60),
]


@oracles
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 3, 1), (4, 0, 3)], ids=str)
def test_tricubic_is_a_product_of_three_lines(oracle, order):
    x = np.einsum("i,j,k->ijk", ROW, ROW, ROW)[None, ..., None]
    points, *lines = zip(*(LINES[k] for k in order), strict=True)
    value, slope, curve = (np.array(v) / n for v, n in zip(lines, (32, 16, 4), strict=True))
    grid, t_grid = np.reshape(points, (1, 1, 1, 1, 3)), np.reshape([1.0, 2, -4], (1, 1, 1, 1, 3))
    options = {"mode": "bicubic", "coordinates": "pixel"}
    got = oracle((np.ones((1, 1, 1, 1, 1)), 0 * x, t_grid), x, grid, **options)
    out, d_x, d_grid, t_out, _, _, d_grid2 = got
    by = slope * value.prod() / value
    hessian = np.outer(by, by) / value.prod() * (1 - np.eye(3))
    hessian += np.diag(curve * value.prod() / value)
    assert out.item() == value.prod() == (d_x * x).sum()
    np.testing.assert_allclose(d_grid.ravel().astype(float), by, rtol=1e-14)
    np.testing.assert_allclose(float(t_out.item()), by @ t_grid.ravel(), rtol=1e-14)
    np.testing.assert_allclose(d_grid2.ravel().astype(float), hessian @ t_grid.ravel(), rtol=1e-14)
