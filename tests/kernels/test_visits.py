"""An owner visits every tile with a point that touches a texel of its own, in their order."""

from itertools import product

import numpy as np
import pytest
from support import Numbers
from support.points import RULES, coordinates, on_grid, on_map, problem_of, texels

from npstn import _split
from npstn.kernels import sizes, visits
from npstn.kernels.axis import BORDER, REFLECTION, WRAP, ZEROS

pytestmark = [pytest.mark.truth, pytest.mark.filterwarnings("ignore:(overflow|invalid)")]


def touched(problem, owners, n, tile):
    """(image, owner, tile) of all tiles of a map, by brute force."""
    size, dims = problem.size[::-1], problem.points.out_dims[::-1]
    many, found = [-(-k // t) for k, t in zip(dims, tile, strict=False)], set()
    for j, point in enumerate(coordinates(problem)[n]):
        number, step, left = 0, 1, j
        for k, t, count in zip(dims, tile, many, strict=False):
            number, step, left = number + left % k // t * step, step * count, left // k
        number += n * step
        for texel in texels(problem, point):
            at = [texel % size[0], texel // size[0] % size[1], texel // size[0] // size[1]]
            if texel >= 0:
                q = [
                    next(q for q in range(k) if visits.begin(m, k, q + 1) > i)
                    for i, m, k in zip(at, (*size, 1)[:3], owners, strict=True)
                ]
                owner = (q[2] * owners[1] + q[1]) * owners[0] + q[0]
                found.add((n // problem._maps, owner, number))
    return found


def blank(width):
    """An input of no memory: its shape counts."""
    return np.broadcast_to(np.zeros(1), (1, 1, width, 1))


def complete(problem, owners):
    for part in problem._parts(images=True):
        starts, visited = problem._visits(part, owners)
        each = int(np.prod(owners))
        images = len(part.maps) // problem._maps
        assert len(starts) == images * each + 1
        listed = set()
        for task in range(images * each):
            own = visited[starts[task] : starts[task + 1]]
            assert (np.diff(own) > 0).all()
            listed |= {(task // each, task % each, int(k)) for k in own}
        for n in part.maps:
            missing = touched(problem, owners, n, part.dims[sizes.TILE :][:3]) - listed
            assert not missing, missing


@pytest.mark.parametrize("rule", RULES, ids=str)
@pytest.mark.parametrize("kind", ["map", "rotated", "zoomed out", "smooth grid", "odd grid"])
def test_lists_are_complete(kind, rule):
    complete(problem_of(kind, (9, 14), (19, 70), rule), (4, 3, 1))
    complete(problem_of(kind, (8, 9), (17, 2), rule, maps=(2,)), (2, 2, 1))


@pytest.mark.parametrize("kind", ["map", "odd grid"])
def test_lists_of_many_tiles_are_complete(kind):
    """More than a band of them."""
    problem = problem_of(kind, (9, 14), (8 * (visits.BAND + 2), 2), (1, 0, 1))
    complete(problem, (2, 2, 1))


@pytest.mark.parametrize("rule", RULES[::3], ids=str)
@pytest.mark.parametrize("kind", ["rotated", "odd grid"])
def test_lists_of_volumes_are_complete(kind, rule):
    complete(problem_of(kind, (4, 8, 9), (5, 6, 18), rule), (2, 2, 1))


@pytest.mark.parametrize("seed", range(10))
def test_a_point_whose_terms_cancel_is_visited(seed):
    """It is alone in its tile, whose box has rounding errors of many texels."""
    a, b = (float(n) * 2.0**9 for n in Numbers(seed).integers((2,), 2**51, 2**52))
    theta = [[[a, b, -(a + b)], [b, a, -(a + b)]]]  # (1, 1) goes to the centre
    complete(on_map(theta, (9, 14), (9, 33), 1, 0, 1), (4, 3, 1))


@pytest.mark.parametrize("size", [1, 2, 7, 16, 100])
def test_owners_of_texels(size):
    for owners in range(1, min(size, 9) + 1):
        ends = [visits.begin(size, owners, q) for q in range(owners + 1)]
        assert (ends[0], ends[-1]) == (0, size)
        for q in range(owners):
            assert ends[q] < ends[q + 1]
            for texel in range(ends[q], ends[q + 1]):
                assert visits.owner_of(size, owners, texel) == q


def test_texels_between_coordinates():
    """Of what is periodic: all, unless the points stay within one period."""
    assert visits.texels_between(WRAP, 100, -88.0, -82.5) == (10, 20)
    assert visits.texels_between(WRAP, 100, 210.5, 219.0) == (8, 22)
    assert visits.texels_between(WRAP, 100, -5.0, 5.0) == (0, 99)
    assert visits.texels_between(WRAP, 100, 298.0, 298.0) == (0, 99)
    assert visits.texels_between(REFLECTION, 100, 10.5, 12.0) == (8, 15)
    assert visits.texels_between(REFLECTION, 100, -5.0, 5.0) == (0, 99)
    assert visits.texels_between(BORDER, 100, -5.0, 5.0) == (0, 8)


def test_tiles_that_touch_nothing_are_not_visited():
    problem = problem_of("map", (9, 14), (4, 40), (1, 0, 1))
    problem.points.theta[:, 0, 2] = 9.0
    part = next(iter(problem._parts(images=True)))
    assert len(problem._visits(part, (4, 3, 1))[1]) == 0


@pytest.mark.parametrize("padding", [ZEROS, BORDER, REFLECTION, WRAP])
@pytest.mark.parametrize("size", [(9, 14), (1, 30), (3, 8, 9)])
def test_tiles_of_no_numbers_are_not_visited(size, padding):
    numbers, dims = Numbers(93), (2, 4, 40)[-len(size) :]
    for axis in range(len(size)):
        grid = numbers.uniform((1, *dims, len(size)), -1, 1)
        grid[..., axis] = np.nan
        problem = on_grid(grid, size, 1, padding, 1)
        starts, visited = problem._visits(next(iter(problem._parts(images=True))), (4, 1, 1))
        assert (len(starts), len(visited)) == (5, 0)


def test_infinite_points_on_an_axis_of_one_texel():
    """With aligned corners they are on that texel, and the tile around them looks at it."""
    for size, value in product(((1, 300), (300, 1)), (np.inf, -np.inf, np.nan)):
        grid = np.random.default_rng(0).uniform(-1, 1, (1, 3, 40, 2))
        grid[0, 1, 7, size.index(300)] = value
        complete(on_grid(grid, size, 1, 0, 1), (4, 1, 1) if size[1] > 1 else (1, 4, 1))


def test_tiles_of_a_long_axis_are_visited_by_few():
    """Beyond the sizes that tables hold, and as long as float64 knows a coordinate to a texel."""
    for size, align in product((2**20 - 1, 2**20 + 1, 2**27, 2**40), (0, 1)):
        problem = on_map(np.eye(2, 3)[None], (1, size), (1, 64 * 32), 1, 0, align, blank(size))
        part = next(iter(problem._parts(images=True)))
        starts, visited = problem._visits(part, (32, 1, 1))
        assert len(starts) == 33
        assert 64 <= len(visited) <= 64 + 2 * 31


def test_lists_are_no_longer_than_tiles():
    """Many maps of one pixel share a band: what is counted is by bands, not by maps."""
    problem = on_map(
        np.zeros((640, 2, 3)), (64, 64), (1, 1), 1, 0, 1, np.zeros((1, 64, 64, 1)), maps=(640,)
    )
    part = next(iter(problem._parts(images=True)))
    counted = []

    def call(function, tasks, *args, **others):
        counted.append((tasks, max(a.size for a in args if a.dtype == np.int64)))
        return original(function, tasks, *args, **others)

    original, _split.compiler.call = _split.compiler.call, call
    try:
        problem._visits(part, (2, 2, 1))
    finally:
        _split.compiler.call = original
    assert {tasks for tasks, _ in counted} == {10}
    assert max(size for _, size in counted) <= 64
