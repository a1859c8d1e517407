"""Tables of a map: heads and tails that add up to every coordinate, within the reach they state."""

from fractions import Fraction

import numpy as np
import pytest
from support import Numbers
from support.points import coordinates, on_map

from npstn.kernels import tables
from npstn.kernels.tables import ENDING

pytestmark = pytest.mark.truth
DIMS = [((5, 7), (6, 9)), ((4, 9), (5, 17)), ((3, 4, 5), (2, 7, 6)), ((1, 1), (1, 4))]


def parts(problem, map_and_axis):
    """Heads and tails by axis of the output, and the reach; x first."""
    part = next(iter(problem._parts(64)))
    table, at = part.place[1], 0
    dims = (*problem.points.out_dims[::-1], 1)[:3]
    table = table.reshape(-1, tables.length(*dims))[map_and_axis]
    found = []
    for n in dims:
        wide = tables.padded(n)
        head, tail = table[at : at + wide], table[at + wide : at + 2 * wide]
        assert (head[n:] == head[n - 1]).all() or np.isnan(head).any()
        assert (tail[n:] == tail[n - 1]).all() or np.isnan(tail).any()
        found.append((head[:n], tail[:n]))
        at += 2 * wide
    return found, table[-ENDING], table[1 - ENDING :]


@pytest.mark.parametrize(("dims", "size"), DIMS)
@pytest.mark.parametrize("align", [True, False])
@pytest.mark.parametrize("name", ["float64", "float32", "fractions", "zoomed out", "cancelling"])
def test_sums_of_parts(name, align, dims, size):
    numbers, rank = Numbers(120), len(dims)
    theta = numbers.uniform((2, rank, rank + 1), -1.1, 1.1)
    if name == "float32":
        theta = theta.astype(np.float32).astype(float)
    elif name == "fractions":
        theta = np.round(theta * 64) / 64
    elif name == "zoomed out":
        theta *= 1e3
    elif name == "cancelling":
        theta[..., 0] = -theta[..., 1]
        theta[..., rank] = 2.0**-40
    problem, inexact = on_map(theta, size, dims, 1, 0, align), 0
    for n, points in enumerate(coordinates(problem)):
        for a in range(rank):
            found, reach, row = parts(problem, n * rank + a)
            assert (row[: rank + 1] == theta[n, a]).all()
            inexact += reach != 0.0
            width, height = dims[-1], dims[-2]
            for j, p in enumerate(points):
                at = (j % width, j // width % height, j // width // height)
                head = tail = 0.0
                exact = Fraction(0)
                for (heads, tails), k in zip(found, at, strict=True):
                    exact += Fraction(heads[k])
                    head, tail = head + heads[k], tail + tails[k]
                assert Fraction(head) == exact  # heads add without error
                error = abs(Fraction(head) + Fraction(tail) - p[a])
                if reach == 0.0:
                    assert error == 0
                assert error <= Fraction(reach) / 2**53
    assert inexact == 0 or name not in ("fractions",) or not align or size[0] != 9


def test_short_numbers_need_no_rounding():
    """Where the lattice divides by a power of two, float32 maps have exact tables."""
    theta = Numbers(121).uniform((1, 2, 3)).astype(np.float32).astype(float)
    for dims, align in (((5, 9), True), ((4, 8), False)):
        problem = on_map(theta, (7, 12), dims, 1, 0, align)
        assert [parts(problem, a)[1] for a in range(2)] == [0.0, 0.0]


@pytest.mark.parametrize("row", [[np.nan, 0, 0], [np.inf, 0, 1], [1e9, 0, 0], [5e-324, 1, 0]])
def test_what_is_too_large_or_too_small_is_left_to_the_exact_road(row):
    problem = on_map([[row, [1.0, 0.0, 0.0]]], (5, 9), (5, 9), 1, 0, 1)
    (head, tail), *_ = parts(problem, 0)[0]
    assert np.isnan(head + tail).all()
    assert not np.isnan(parts(problem, 1)[0][0][0]).any()


@pytest.mark.parametrize(
    "row", [[2.0**-104, 2.0**-50 + 2.0**-96, 2.0**-43], [2.0**-86, 2.0**-32 + 2.0**-73, 2.0**-20]]
)
def test_the_rest_of_a_point_is_rounded_once(row):
    """Without the first of its terms it would be a tie; a sum of tails has no room for that."""
    x = np.zeros((1, 3, 3, 1))
    x[0, 2, 2, 0] = 1.0
    out = on_map([[row, [0.0, 1.0, 0.0]]], (3, 3), (3, 3), 1, 0, 1, x).sample()
    assert out[0, 2, 2, 0] == float(sum(map(Fraction, row)))


def test_what_is_too_large_by_its_slices_is_left_to_the_exact_road():
    theta = np.eye(3, 4)[None]
    theta[0, 0] = [0.0, 0.0, 1e9, 0.0]
    head, tail = parts(on_map(theta, (5, 5, 5), (9, 1, 1), 1, 0, 1), 0)[0][2]
    assert np.isnan(head + tail).all()
