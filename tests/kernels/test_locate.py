"""Every point of a tile, found fast or exactly: first texel, rest and slope against fractions."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from support import Numbers
from support.points import RULES, check, coordinates, locate, of, on_grid, on_map, tiles

from npstn.kernels import locate as kernels
from npstn.kernels import space
from npstn.kernels.axis import BORDER, CUBIC, LINEAR, NEAREST, REFLECTION, ZEROS

pytestmark = [
    pytest.mark.truth,
    pytest.mark.filterwarnings("ignore:(overflow|invalid|divide)"),
]
INF, NAN = np.inf, np.nan
DTYPES = np.float32, np.float64
ODD = [0.0, 5e-324, 1e-45, 2.0**-901, 2.0**-899, 1e-17, 0.5, 1.0, 1 - 2.0**-53, 1 / 3, 1e9, 1e300]
ODD += [INF, NAN, 2.0**20, 2.0**40, 2.0**51 + 0.5, 2.0**52 + 1, 2.0**54, 2.0**500, 2.0**501]

THETAS = {
    "random": [0.7123, -0.31, 0.0571],
    "identity": [1.0, 0.0, 0.0],
    "ties": [0.5, 0.25, 0.125],
    "zoomed out": [20.0, 3.0, 0.1],
    "a whole turn": [-1.0, 2.0**-52, -(2.0**-53)],
    "cos(pi/2)": [6.123233995736766e-17, -1.0, 0.0],
    "tiny": [1.0, 1e-40, -1e-80],
    "cancelling": [1.5, -1.5, 2.0**-54],
    "cancelling, large": [1e5, -1e5, 0.1],
    "at the limit": [2.0**18 - 1e-3, 1e-3, 2.0**-20],
    "huge": [-1e300, 1e20, -1.0],
    "huge, all of it": [1.7e308, -1.7e308, 1e308],
    "subnormal": [0.0, -5e-324, 5e-324],
    "cancelling, wide": [-1.1377038687674958e53, -6.963575743193665e24, 1.1377038687674958e53],
    "cancelling at a cell": [8.606132146940035e30, 0.02, -5.737421431293356e30],
    "not a number": [0.5, 0.0, NAN],
    "infinite": [INF, 1.0, 0.5],
    "infinite twice": [INF, -INF, 0.5],
}


@pytest.mark.parametrize("name", THETAS)
@pytest.mark.parametrize(("kernel", "padding", "align"), RULES)
def test_points_of_a_map(kernel, padding, align, name):
    row = THETAS[name]
    theta = [[row, [row[1], row[0], row[2]]]]
    for dims, size in (((3, 7), (6, 9)), ((2, 4), (1, 2)), ((1, 1), (4, 5))):
        check(on_map(theta, size, dims, kernel, padding, align))


@pytest.mark.parametrize("name", THETAS)
@pytest.mark.parametrize(("kernel", "padding", "align"), RULES)
def test_points_of_a_map_of_a_volume(kernel, padding, align, name):
    row = THETAS[name]
    rows = [row[0], row[1], 0.25, row[2]], [-1.0, row[0], row[1], row[2]], [row[1], 0.0, *row[::2]]
    check(on_map([rows], (4, 1, 5), (2, 3, 5), kernel, padding, align))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("kernel", "padding", "align"), RULES)
def test_points_of_a_grid(kernel, padding, align, dtype):
    """Random ones, eighths, and those that are hardly numbers."""
    numbers = Numbers(71)
    for dims, size in (((6, 7), (5, 6)), ((3, 4, 5), (4, 3, 1))):
        grid = numbers.uniform((1, *dims, len(size)), -1.4, 1.4)
        odd = np.resize(numbers.choice([*ODD, *(-v for v in ODD)], (97,)), grid.shape)
        for values, normalized in product((grid, odd, np.round(grid * 8) / 8), (True, False)):
            given = (values if normalized else 4 * values).astype(dtype)
            check(on_grid(given, size, kernel, padding, align, normalized))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("kernel", "padding", "align"), RULES)
def test_points_on_and_next_to_texels_and_folds(kernel, padding, align, dtype):
    """Multiples of half a texel, and the numbers before and behind them."""
    for size in (1, 2, 5):
        halves = np.arange(-4 * size - 3, 6 * size + 4) / 2
        steps = size - 1 if align else size
        points = (2 * halves - (size - 1)) / steps if steps else halves
        for values, normalized in ((points, True), (halves, False)):
            at = values.astype(dtype)
            line = [np.nextafter(at, dtype(-9e9)), at, np.nextafter(at, dtype(9e9))]
            grid = np.stack([np.stack(line), np.stack(line[::-1])], -1)[None]
            check(on_grid(grid, (size, size), kernel, padding, align, normalized))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("kernel", "padding", "align"), RULES)
def test_points_far_away(kernel, padding, align, dtype):
    """Reflection folds them all the same, each by its exact coordinate."""
    numbers = Numbers(72)
    for power in (24, 26, 28, 31, 39, 41, 51, 53, 60):
        grid = (numbers.uniform((1, 2, 7, 2)) * 2.0**power).astype(dtype)
        check(on_grid(grid, (3, 9), kernel, padding, align, False))
        check(on_grid(grid, (10, 7), kernel, padding, align))


@pytest.mark.parametrize(("kernel", "padding", "align"), RULES)
def test_sizes_beyond_the_limit(kernel, padding, align):
    numbers = Numbers(74)
    for size in ((1, 2**20), (2**20 + 3, 1)):
        x = np.zeros((1, *size, 1), np.float32)
        grid = numbers.uniform((1, 2, 5, 2), -1.1, 1.1)
        grid[0, 0] = np.round(grid[0, 0] * 2**10) / 2**10
        for dtype in DTYPES:
            check(on_grid(grid.astype(dtype), size, kernel, padding, align, True, x))
        for name in ("random", "identity", "cancelling"):
            row = THETAS[name]
            theta = [[row, [row[1], row[0], row[2]]]]
            check(on_map(theta, size, (2, 5), kernel, padding, align, x))


def test_products_with_the_size_of_a_long_axis_are_rounded():
    """Head times half a size is exact only up to the limit: all such points take the exact road."""
    grid = Numbers(81).uniform((1, 3, 40, 2), -1.0, 1.0)
    for size in ((1, 2**29 + 2**28 + 1), (2**30 - 1, 1)):
        x = np.broadcast_to(np.float32(0), (1, *size, 1))
        for kernel, align in product((NEAREST, LINEAR), (0, 1)):
            check(on_grid(grid, size, kernel, BORDER, align, True, x))


DIMS = [(3, 65), (1, 130), (13, 3), (1, 9, 33), (11, 2, 5)]


@pytest.mark.parametrize("kernel", [NEAREST, LINEAR, CUBIC])
@pytest.mark.parametrize("dims", DIMS)
def test_tiles_and_the_ends_of_rows(dims, kernel):
    """Every point is found once, whatever its tile: here all that matters is where they end."""
    rank, numbers = len(dims), Numbers(75)
    size, padding = (9, 8, 7)[:rank], (ZEROS, BORDER)[kernel == LINEAR]
    for dtype in DTYPES:
        grid = numbers.uniform((1, *dims, rank), -1.3, 1.3).astype(dtype)
        problem = on_grid(grid, size, kernel, padding, 1)
        check(problem, locate(problem, 96))
    theta = numbers.uniform((2, rank, rank + 1), -0.9, 0.9)
    problem = on_map(theta, size, dims, kernel, padding, 0)
    check(problem, locate(problem, 96))


@pytest.mark.parametrize("most", [1, 5, 64, 1024])
def test_no_tile_is_special(most):
    theta = Numbers(76).uniform((1, 2, 3), -0.9, 0.9)
    problem = on_map(theta, (6, 5), (7, 13), LINEAR, REFLECTION, 1)
    found = [locate(problem, size)[0] for size in (most, space.POINTS)]
    assert found[0].tobytes() == found[1].tobytes()


@pytest.mark.parametrize(("kernel", "padding", "align"), RULES)
def test_both_roads_lead_to_the_same_point(kernel, padding, align):
    """The exact one is taken where the other one is not certain, and would do everywhere."""
    numbers = Numbers(77)
    theta = numbers.uniform((2, 2, 3), -1.2, 1.2)
    theta[1] = [[0.5, 0.25, 0.125], [0.0, -1.0, 0.0]]
    problems = [on_map(theta, (6, 5), (5, 6), kernel, padding, align)]
    for dtype in DTYPES:
        grid = numbers.uniform((2, 5, 6, 2), -1.5, 1.5)
        grid[1] = np.resize([0.5, -1.0, NAN, 1e300, 1.0, -INF, 0.25], grid[1].shape)
        problems.append(on_grid(grid.astype(dtype), (6, 5), kernel, padding, align))
    for problem in problems:
        (quick, known), (slow, by_force) = locate(problem), locate(problem, by_force=True)
        assert known == by_force
        check(problem, (slow, by_force))
        assert (quick[0] == slow[0]).all()
        if kernel != CUBIC or padding == REFLECTION:  # else far outside it does not matter
            assert np.array_equal(quick[2], slow[2], equal_nan=True)
        if problem.points.grid.size and padding == ZEROS and kernel != NEAREST:
            assert np.array_equal(quick[1], slow[1], equal_nan=True)


@pytest.mark.parametrize("rows", [3, 9])
@pytest.mark.parametrize(("kernel", "padding", "align"), RULES)
def test_a_point_next_to_a_texel_or_a_tie(kernel, padding, align, rows):
    """As near as numbers of many bits allow: one point of a map, in any of its rows."""
    numbers, rule = Numbers(80), (kernel, padding, align)
    for place in range(0, 7 * rows, 5):
        theta = numbers.uniform((1, 2, 3), -1.0, 1.0)
        points = []
        for shift in 0.0, 1.0:
            theta[..., 2] = shift
            points.append(coordinates(on_map(theta, (6, 9), (rows, 7), *rule))[0][place])
        for a, (p, moved) in enumerate(zip(*points, strict=True)):
            target = round(p) + (Fraction(1, 2) if kernel == NEAREST else 0)
            theta[0, a, 2] = float((target - p) / (moved - p))
        check(on_map(theta, (6, 9), (rows, 7), *rule))


@pytest.mark.parametrize("kernel", [NEAREST, LINEAR])
def test_what_tables_round_off_decides_no_tie(kernel):
    """Two columns that cancel to a tie or a texel, exactly or but for a tiny shift."""
    numbers = Numbers(82)
    for dims, thirds in ((4, 3.0), (2, 1.0)):
        for target in np.resize([-0.25, 0.75, 0.25, 0.5], 120):
            first = np.round(float(numbers.uniform((), 0.1, 0.5)) * 2.0**51) / 2.0**51
            tiny = 0.0 if thirds > 1 else float(numbers.choice([2.0**-120, -(2.0**-150)], ()))
            theta = [[[first, thirds * target - first, tiny], [0.0, 1.0, 0.0]]]
            check(on_map(theta, (4, 5), (dims, dims), kernel, ZEROS, 1))


ORDINARY = {
    "identity": [[1.0, 0, 0], [0, 1, 0]],
    "quarter turn": [[0, -1.0, 0], [1, 0, 0]],
    "float32": Numbers(78).uniform((2, 3)).astype(np.float32).astype(float),
    "float64": Numbers(79).uniform((2, 3)),
}


@pytest.mark.parametrize("name", ORDINARY)
def test_the_exact_road_is_seldom_taken(name):
    """Not by ordinary maps and grids, nor by those onto texels where all is exact."""

    def never(*_):
        raise AssertionError("a point was not certain")

    numbers = Numbers(80)
    problems = [on_map([ORDINARY[name]], (9, 9), (9, 9), *rule) for rule in RULES]
    problems += [
        on_grid(numbers.uniform((1, 3, 7, 2), -2, 2).astype(dtype), (12, 17), *rule)
        for dtype, rule in product(DTYPES, RULES)
    ]
    for problem in problems:
        find = of(kernels.locate, problem, resolve=never)
        for part, n, tile in tiles(problem):
            assert find(part.dims, *part.place, n, tile, True, np.empty(space.END))


# The sign of what is left after rounding must not cancel against the rest itself.
@pytest.mark.parametrize("rows", [[[5e-324, 1.0, 0.0], [1.0, 5e-324, 0.0]]])
def test_a_subnormal_rest_decides_the_slope(rows):
    for size, dims in product(((4, 4), (3, 7)), ((4, 5), (6, 3), (7, 3))):
        for align in (True, False):
            check(on_map([rows], size, dims, LINEAR, REFLECTION, align))
            check(on_map([[[*r[1::-1], r[2]] for r in rows]], size, dims, LINEAR, BORDER, align))


@pytest.mark.parametrize("tiny", [2.0**-60, -(2.0**-60), 0.0])
def test_what_is_almost_a_tie_is_none_behind_a_mirror_either(tiny):
    """Only the smallest part of a map decides, and a mirror turns even texels to odd ones."""
    row = [1.0, tiny, -0.75]
    theta = [[row, [tiny, 1.0, 0.75]]]
    for padding in (BORDER, REFLECTION):
        check(on_map(theta, (4, 4), (2, 4), NEAREST, padding, 0))
