"""An owner visits every tile with a point that touches a texel of its own, in their order."""

import numpy as np
import pytest
from support.points import RULES, coordinates, problem_of, texels

from npstn.kernels import sizes, visits
from npstn.kernels.axis import BORDER, REFLECTION, WRAP

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


def complete(problem, owners):
    for part in problem._parts(1, images=True):
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


@pytest.mark.parametrize("rule", RULES[::3], ids=str)
@pytest.mark.parametrize("kind", ["rotated", "odd grid"])
def test_lists_of_volumes_are_complete(kind, rule):
    complete(problem_of(kind, (4, 8, 9), (5, 6, 18), rule), (2, 2, 1))


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
    part = next(iter(problem._parts(1, images=True)))
    assert len(problem._visits(part, (4, 3, 1))[1]) == 0
