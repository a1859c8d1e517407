"""The points of a tile, for any kernel and rank: in every bit what :func:`spread` says of each."""

import math
from itertools import product

import numpy as np
import pytest
from support import Numbers
from support.points import of_grid

from npstn.grid import lattice, pixel_scale
from npstn.kernels import affine, axis, cell, near
from npstn.kernels.axis import BICUBIC, BILINEAR, BORDER, DROPPED, NEAREST, REFLECTION, ZEROS
from npstn.kernels.near import CODE, PLACE, ROW, TAKEN
from npstn.kernels.table import TILE
from npstn.kernels.tile import OUTSIDE, RULED

pytestmark = pytest.mark.truth
N = Numbers(70)

PLANE = {
    "generic": N.uniform((6,), -1.2, 1.2),
    "identity": [1.0, 0, 0, 0, 1, 0],
    "ties": [0.5, 0, 0, 0, 0.25, 0.125],
    "cancelling": [1e5, -1e5, 0.1, 1e6, -1e6, 1e-7],
    "too large": [1e9, 7.0, 0.1, 3.0, 1e200, 0.5],
    "not a number": [np.nan, 0, 0, 0, 1, 5],
    "infinite": [1.0, 0, np.inf, 0, 1, 0],
}
SPACE = {
    "generic": N.uniform((12,), -0.9, 0.9),
    "float32": N.uniform((12,), -0.9, 0.9).astype(np.float32).astype(float),
    "identity": np.eye(3, 4).reshape(-1),
    "turn": [0, -1.0, 0, 0.1, 1.0, 0, 0, 0, 0, 0, 1.0, 2.0**-20],
    "ties": [0.5, 0, 0, 0, 0, 0.25, 0, 0.125, 0.25, 0.25, 0.25, 0],
    "cancelling": [1e5, -1e5, 1e4, 0.1, 1e6, 1e6, -2e6, 1e-7, 0.1, 0.2, -0.3, 0],
    "far away": [1.0, 0, 0, 9, 0, 1.0, 0, 0, 0, 0, 1.0, 0],
    "not a number": [1.0, 0, 0, 0, 0, 1.0, 0, 0, 0, np.nan, 1.0, 5],
}
RULES = [(m, p, a) for m in (NEAREST, BILINEAR, BICUBIC) for p, a in ((ZEROS, 1), (BORDER, 0))]
RULES += [(BILINEAR, REFLECTION, 1), (BICUBIC, REFLECTION, 0)]


def of_map(theta, dims, size, align):
    """``where`` of a map, for out_dims and size (D, H, W) or (H, W)."""
    rank = len(size)
    axes = [lattice(dims, *pixel_scale(n, align), align) for n in reversed(size)]
    xs, ys, zs, scale = (np.array(part) for part in zip(*axes, strict=True))
    return np.array(theta, float).reshape(1, rank, rank + 1), xs, ys, zs, scale, np.empty(0)


def find(where, dims, size, rule):
    """Every point of a map, from the tile: (code, texels, s t and slope by axis, taken slices)."""
    rank, sizes = len(size), (*size[::-1], 1)[:3]
    step = 1, sizes[0] + 2, (sizes[0] + 2) * sizes[1]
    depth, height, width = (1, *dims)[-3:]
    work = cell.workspace(where, step, rule[0], (width, height, depth))
    w, number = work[0], near.taps(rule[0]) ** rank
    cell.start(0, where, work)
    for z, i, left in product(range(depth), range(height), range(0, width, TILE)):
        count, at = min(TILE, width - left), ((z * height + i) * width + left) * rank
        cell.find(0, z, i, left, count, at, where, sizes, rule, work)
        codes = w[CODE : CODE + count].copy()
        for j in range(count):
            if codes[j] >= 0:
                texels = int(codes[j]) + work[3][:number]
            else:
                texels = work[1][j : number * ROW : ROW]
            rows = [PLACE + ROW * (3 * a + q) + j for a in range(rank) for q in range(3)]
            taken = [w[TAKEN + j], w[TAKEN + ROW + j]]
            yield (z, i, left + j), codes[j], texels.copy(), w[rows].reshape(rank, 3), taken


def compare(where, dims, size, rule):
    """Against axis.spread of the exact coordinate; returns how many are inside, RULED, OUTSIDE."""
    theta, xs, ys, zs, scale, grid = where
    rank, sizes, many = len(size), size[::-1], near.taps(rule[0])
    found = [0, 0, 0]
    values = grid.reshape(*(1, *dims)[-3:], rank) if len(grid) else None
    for (z, i, j), code, texels, rows, taken in find(where, dims, size, rule):
        k, want = np.zeros((3, 4), np.int64), np.zeros((rank, 3))
        for a in range(rank):
            if values is None:
                lines = xs[a, j], ys[a, i], zs[a, z] if rank == 3 else 0.0
                p = affine.point(theta[0, a], *lines, *scale[a], np.empty(12))
            else:
                p = axis.from_grid(np.float64(values[z, i, j, a]), scale[a, 0], scale[a, 1])
            want[a] = axis.spread(*p, sizes[a], *rule, k[a])
        nan = np.isnan(want[:, 0]).any()
        all_texels = []
        for c, b, a in product(range(many if rank == 3 else 1), range(many), range(many)):
            inside = k[2, c] >= 0 and k[1, b] >= 0 and k[0, a] >= 0
            line = k[1, b] + k[2, c] * (sizes[1] if rank == 3 else 0)
            all_texels.append(k[0, a] + (sizes[0] + 2) * line if inside else DROPPED)
        if code == OUTSIDE:
            assert not nan
            assert set(all_texels) == {DROPPED}
            found[2] += 1
            continue
        assert texels.tolist() == all_texels, (z, i, j)
        np.testing.assert_array_equal(rows, want)
        assert (np.signbit(rows) == np.signbit(want)).all() or nan
        if rank == 3:
            slices = [k[2, c] >= 0 or nan for c in range(min(many, 2))]
            assert taken[: len(slices)] == slices
        assert code == RULED or DROPPED not in all_texels
        found[0 if code >= 0 else 1] += 1
    return found


@pytest.mark.parametrize("rule", RULES, ids=str)
@pytest.mark.parametrize("name", PLANE)
def test_points_of_a_map_in_two_dimensions(name, rule):
    for dims, size in (((5, 9), (6, 7)), ((9, 9), (9, 9)), ((2, 140), (40, 31)), ((1, 3), (1, 2))):
        with np.errstate(all="ignore"):
            compare(of_map(PLANE[name], dims, size, bool(rule[2])), dims, size, rule)


@pytest.mark.parametrize("rule", [r for r in RULES if r[0] != BICUBIC], ids=str)
@pytest.mark.parametrize("name", SPACE)
def test_points_of_a_map_of_a_volume(name, rule):
    for dims, size in (((3, 4, 5), (4, 3, 6)), ((5, 5, 5), (5, 5, 5)), ((2, 1, 140), (1, 9, 8))):
        with np.errstate(all="ignore"):
            compare(of_map(SPACE[name], dims, size, bool(rule[2])), dims, size, rule)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("rule", RULES, ids=str)
def test_points_of_a_grid(rule, dtype):
    odd = [0.0, -0.0, 5e-324, 1e-17, 0.5, 1.0, 1 - 2.0**-53, 1e9, 1e300, np.inf, np.nan, 1 / 3]
    numbers = Numbers(71)
    for dims, size in (((6, 7), (5, 6)), ((3, 4, 5), (4, 3, 6)))[: 1 if rule[0] == BICUBIC else 2]:
        grid = numbers.uniform((*dims, len(size)), -1.4, 1.4)
        strange = np.resize(numbers.choice([*odd, *(-v for v in odd)], (97,)), grid.shape)
        near = np.round(grid * 8) / 8
        for values in (grid, strange, near, np.where(numbers.uniform(grid.shape) > 0, grid, near)):
            with np.errstate(all="ignore"):
                given = of_grid(values.astype(dtype), size, bool(rule[2]))
                compare(given, dims, size, rule)


def test_most_points_are_found_fast():
    """Inside and outside nothing is left to the rules; a frame of texels is."""
    dims = size = (12, 12, 12)
    inside, ruled, outside = compare(
        of_map(SPACE["generic"], dims, size, True), dims, size, (BILINEAR, ZEROS, 1)
    )
    assert inside > 700
    assert outside > 100
    assert ruled < 0.25 * 12**3
    inside, ruled, _ = compare(
        of_grid(0.6 * Numbers(73).uniform((20, 20, 2)), (20, 20), True),
        (20, 20),
        (20, 20),
        (BICUBIC, BORDER, 1),
    )
    assert (inside, ruled) == (400, 0)


@pytest.mark.parametrize("axis_of", range(3))
def test_a_size_beyond_the_limit_goes_by_the_rules(axis_of):
    for side, all_inside in ((2**20, True), (2**20 + 1, False)):
        size, rule = np.full(3, 9), (BILINEAR, ZEROS, 1)
        size[axis_of] = side
        where = of_grid(0.7 * Numbers(74).uniform((1, 4, 5, 3)), tuple(size), True)
        assert compare(where, (1, 4, 5), tuple(map(int, size)), rule)[0] == 20 * all_inside
    if axis_of < 2:
        size = (9, 2**20 + 1)[:: 1 if axis_of else -1]
        where = of_map(0.7 * np.eye(2, 3).reshape(-1), (4, 5), size, True)
        assert compare(where, (4, 5), size, (BICUBIC, ZEROS, 1))[0] == 0


@pytest.mark.parametrize("rule", RULES, ids=str)
@pytest.mark.parametrize("rank", [2, 3])
def test_what_misses_a_band_looks_at_none_of_it(rank, rule):
    if rank == 3 and rule[0] == BICUBIC:
        return  # there is none
    dims, size = ((7, 9), (12, 5)) if rank == 2 else ((4, 5, 6), (12, 3, 4))
    maps, missed = PLANE if rank == 2 else SPACE, 0
    for name, band in product(maps, ((0, 0), (0, 3), (5, 7), (11, 11))):
        with np.errstate(all="ignore"):
            where = of_map(maps[name], dims, size, bool(rule[2]))
            sizes = (*size[::-1], 1)[:3]
            step = 1, sizes[0] + 2, (sizes[0] + 2) * sizes[1]
            depth, height, width = (1, *dims)[-3:]
            work = cell.workspace(where, step, rule[0], (width, height, depth))
            cell.start(0, where, work)
            passed = {
                (z, i): cell.misses(z, i, 0, width, *band, where, sizes, rule, work)
                for z, i in product(range(depth), range(height))
            }
            for (z, i, _), code, texels, _, _ in find(where, dims, size, rule):
                slices = texels[texels >= 0] // step[rank - 1]
                if passed[z, i] and code != OUTSIDE:
                    assert not ((band[0] <= slices) & (slices <= band[1])).any(), (name, band)
                missed += passed[z, i]
    assert missed > 100


def test_no_row_of_a_grid_misses():
    where = of_grid(np.full((3, 4, 2), 9.0), (5, 5), True)
    work = cell.workspace(where, (1, 5, 25), BILINEAR, (4, 3, 1))
    assert not cell.misses(0, 0, 0, 4, 0, 4, where, (5, 5, 1), (BILINEAR, ZEROS, 1), work)


@pytest.mark.parametrize("at", [0, 1, 2])
@pytest.mark.parametrize("other", [0.5, -9.0, math.inf])
def test_a_nan_coordinate_of_a_volume_takes_all_slices(at, other):
    p = np.full((1, 1, 1, 3), other)
    p[..., at] = math.nan
    where = of_grid(p, (2, 3, 4), True)
    with np.errstate(all="ignore"):
        ((_, code, texels, rows, taken),) = find(where, (1, 1, 1), (2, 3, 4), (BILINEAR, ZEROS, 1))
    assert code == RULED
    assert set(texels.tolist()) == {DROPPED}
    assert np.isnan(rows[at]).all()
    assert taken == [1, 1]
