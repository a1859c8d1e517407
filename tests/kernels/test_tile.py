"""A tile finds points fast, and :func:`taps` says what each of them is: they agree in every bit."""

from itertools import product

import numpy as np
import pytest
from support import Numbers

import npstn
from npstn.grid import lattice, pixel_scale
from npstn.kernels import affine, axis, tile
from npstn.kernels.axis import BILINEAR, BORDER, DROPPED, NEAREST, REFLECTION, ZEROS
from npstn.kernels.tile import CODE, OUTSIDE, RULED, X0, X1, Y0, Y1

pytestmark = pytest.mark.truth

N = Numbers(40)
TURN = [0.8, -0.5, 0.07, 0.6, 0.75, -0.1]
MAPS = {
    "float64": N.uniform((6,), -1.2, 1.2),
    "float32": np.array(TURN, np.float32).astype(float),
    "identity": [1.0, 0, 0, 0, 1, 0],
    "shift": [1.0, 0, 0.1, 0, 1, 0.25],
    "flip": [-1.0, 0, 0, 0, 1, 2.0**-20],
    "nearly the identity": [1 + 1e-9, 1e-9, 0, -1e-12, 1 - 1e-13, 1e-16],
    "quarter turn": [6.123233995736766e-17, -1.0, 0, 1.0, 6.123233995736766e-17, 0],
    "ties": [0.5, 0, 0, 0, 0.25, 0.125],
    "large": [300.0, 7.0, 0.1, 3.0, 900.0, 0.5],
    "too large": [1e9, 7.0, 0.1, 3.0, 1e200, 0.5],
    "cancelling": [1e5, -1e5, 0.1, 1e6, -1e6, 1e-7],
    "tiny": [1.0, 1e-300, 5e-324, 1e-200, 1.0, 0],
    "nothing": [0.0] * 6,
    "not a number": [np.nan, 0, 0, 0, 1, 0],
    "not a number, but far away": [np.nan, 0, 0, 0, 1, 5],
    "infinite and far away": [np.inf, 0, 0, 0, 1, 5],
    "infinite": [1.0, 0, np.inf, 0, 1, 0],
}
SIZES = [((5, 9), (6, 7)), ((9, 9), (9, 9)), ((3, 150), (40, 31)), ((140, 2), (1, 8))]
ODD = [0.0, -0.0, 5e-324, 1e-310, 1e-160, 1e-17, 1.0, 1 - 2.0**-53, 1 + 2.0**-52, 0.5, 1e9, 1e300]
ODD += [np.inf, np.nan, 1 / 3, 2.0**-30, 0.25 - 2.0**-54]


def affine_place(theta, out_dims, size, align):
    axes = [lattice(out_dims, *pixel_scale(n, align), align) for n in reversed(size)]
    xs, ys, _, scale = (np.array(part) for part in zip(*axes, strict=True))
    theta = np.array(theta, float).reshape(1, 2, 3)
    place = theta, xs, ys, scale, np.empty(0)

    def p(a, i, j):
        return affine.point(theta[0, a], xs[a, j], ys[a, i], 0.0, *scale[a], np.empty(12))

    return place, p


def grid_place(grid, size, align):
    scale = np.array([[*pixel_scale(n, align), 1.0] for n in reversed(size)])
    none = np.empty((0, 0))
    place = np.empty((0, 2, 3)), none, none, scale, grid.reshape(-1)

    def p(a, i, j):
        return axis.from_grid(np.float64(grid[i, j, a]), scale[a, 0], scale[a, 1])

    return place, p


def kept(k, size):
    """The two texels of cell k that are not DROPPED."""
    return k if k >= 0 else DROPPED, k + 1 if k + 1 < size else DROPPED


def compare(place, p, out_dims, size, rule, band=None):
    """All points of a map against taps; a band of rows has a frame, as in d_x.

    Returns how many are inside, RULED, OUTSIDE, on the EDGE.
    """
    (height, width), (top, bottom) = size, band or (0, size[0])
    step, first, found = width + 3, min(2, out_dims[0] - 1), [0, 0, 0, 0]
    limits = tile.bounds(height, width, top, bottom, step, 1, step + 6, band is not None, rule)
    work = tile.workspace(out_dims[1], out_dims[0] - first)
    w, texel, weight = work[0], work[4], work[5]
    lines = max(1, tile.TILE // out_dims[1])
    tile.start(0, first, out_dims[0], place, work)
    for i, left in product(range(first, out_dims[0], lines), range(0, out_dims[1], tile.TILE)):
        rows, columns = min(lines, out_dims[0] - i), min(tile.TILE, out_dims[1] - left)
        points = 2 * (i * out_dims[1] + left)
        others = tile.cells(points, i - first, rows, left, columns, place, limits, work)
        count = 0
        for j in range(rows * columns):
            code = OUTSIDE if others < 0 else w[CODE + j]
            count += code <= RULED
            at = i + j // columns, left + j % columns
            x, y = (axis.taps(*p(a, *at), size[1 - a], *rule) for a in range(2))
            if code >= 0.0:
                ky, kx = (k - 1 for k in divmod(int(code) - 5, step))
                inner = 0 <= ky < height - 1 and 0 <= kx < width - 1
                assert inner or (band and rule[1] == ZEROS)
                assert (*kept(kx, width), w[X0 + j], w[X1 + j], 1.0) == x, (at, x)
                assert (*kept(ky, height), w[Y0 + j], w[Y1 + j], 1.0) == y, (at, y)
                assert ky >= top - 1
                assert ky < bottom
                found[0] += 1
            elif code <= RULED:
                where = (0, i, first, left, columns, j, points, height, width)
                tile.locate(*where, place, rule, work)
                np.testing.assert_array_equal(
                    [*texel, *weight], [*x[:2], *y[:2], *x[2:4], *y[2:4], x[4], y[4]]
                )
                found[1 if code == RULED else 3] += 1
                assert code == RULED or (band is None and rule[:2] == (BILINEAR, ZEROS))
                touched = [k for k in y[:2] if top <= k < bottom]
                if tile.passes(i, first, left, columns, j, points, limits, place, work):
                    assert not touched
            else:
                assert code == OUTSIDE
                nowhere = x[:2] == (DROPPED, DROPPED) or not any(top <= k < bottom for k in y[:2])
                assert nowhere, (at, x, y)
                assert rule[1] != ZEROS or not np.isnan([*x, *y]).any()
                found[2] += 1
        assert others in (count, -1)
    return found


RULES = [
    (BILINEAR, ZEROS, 1),
    (BILINEAR, BORDER, 0),
    (BILINEAR, REFLECTION, 1),
    (NEAREST, ZEROS, 0),
]


@pytest.mark.parametrize("name", MAPS)
@pytest.mark.parametrize("rule", RULES, ids=str)
def test_points_of_a_map(name, rule):
    for out_dims, size in SIZES:
        place, p = affine_place(MAPS[name], out_dims, size, bool(rule[2]))
        with np.errstate(all="ignore"):
            compare(place, p, out_dims, size, rule)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("rule", RULES, ids=str)
def test_points_of_a_grid(dtype, rule):
    numbers = Numbers(41)
    for out_dims, size in SIZES:
        grid = numbers.uniform((*out_dims, 2), -1.3, 1.3)
        grid[0] = 2 * np.arange(out_dims[1] * 2).reshape(-1, 2) / max(size) - 1  # near texels
        odd = np.array([*product(ODD, [-0.5, *ODD])])
        place = np.resize(odd * np.where(numbers.uniform(odd.shape) > 0, 1, -1), grid[1:].shape)
        for values in (grid, np.concatenate([grid[:1], place])):
            with np.errstate(all="ignore"):
                given, p = grid_place(values.astype(dtype), size, bool(rule[2]))
                compare(given, p, out_dims, size, rule)


@pytest.mark.parametrize("align", [True, False])
def test_a_grid_whose_ends_are_rounded(align):
    """The frame and the last row of a band, an ulp to either side, on axes of more than 256."""
    for size in ((280, 5), (5, 280), (270, 4), (3, 1000), (360, 3)):
        grid = npstn.affine_grid(np.eye(2, 3)[None], size, align_corners=align)[0]
        for values in (grid, np.nextafter(grid, 9), np.nextafter(grid, -9)):
            given, p = grid_place(values, size, align)
            for band in ((0, size[0]), (0, size[0] // 2), (size[0] // 2, size[0])):
                for padding in (ZEROS, BORDER):
                    compare(given, p, size, size, (BILINEAR, padding, int(align)), band)


def test_a_grid_next_to_0():
    numbers = Numbers(45)
    for size in ((3, 127), (255, 4), (6, 1000)):
        grid = numbers.uniform((40, 6, 2)) * 2.0 ** -np.arange(24, 64).reshape(40, 1, 1)
        given, p = grid_place(grid, size, True)
        compare(given, p, (40, 6), size, (BILINEAR, ZEROS, 1))


@pytest.mark.parametrize("band", [(0, 1), (0, 4), (3, 4), (2, 7), (8, 9)])
@pytest.mark.parametrize("rule", RULES, ids=str)
def test_rows_that_matter(band, rule):
    for name in ("float64", "float32", "identity", "flip", "large"):
        place, p = affine_place(MAPS[name], (12, 10), (9, 8), bool(rule[2]))
        compare(place, p, (12, 10), (9, 8), rule, band)
    grid, p = grid_place(Numbers(42).uniform((12, 10, 2), -1.3, 1.3), (9, 8), bool(rule[2]))
    compare(grid, p, (12, 10), (9, 8), rule, band)


def test_most_points_are_found_fast():
    """Nothing is left to the rules inside, outside and on the edge of the input."""
    rule = BILINEAR, ZEROS, 1
    for name in ("float64", "float32", "shift", "ties"):
        place, p = affine_place(MAPS[name], (20, 24), (20, 24), True)
        inside, ruled, _, edge = compare(place, p, (20, 24), (20, 24), rule)
        assert inside > 150
        assert ruled == 0
        assert edge > 0 or name == "ties"
        framed = compare(place, p, (20, 24), (20, 24), rule, (0, 20))
        assert framed[0] == inside + edge
    for dtype in (np.float32, np.float64):
        grid = Numbers(43).uniform((20, 24, 2)).astype(dtype)
        inside, ruled, _, edge = compare(
            *grid_place(grid, (20, 24), True), (20, 24), (20, 24), rule
        )
        assert inside > 400
        assert ruled < 2


def test_a_size_beyond_the_limit_goes_by_the_rules():
    size = 3, 2**20 + 1
    grid = Numbers(44).uniform((4, 5, 2), -1, 1)
    assert compare(*grid_place(grid, size, True), (4, 5), size, (BILINEAR, ZEROS, 1))[0] == 0
    place, p = affine_place(MAPS["float64"], (4, 5), size, True)
    assert compare(place, p, (4, 5), size, (BILINEAR, ZEROS, 1))[0] == 0
