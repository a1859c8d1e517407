"""The points of a problem: as the kernels find them, and as fractions say they are."""

import math
from fractions import Fraction
from itertools import product

import numpy as np

from npstn._options import Options
from npstn._points import grid_points, map_points
from npstn._problem import Problem
from npstn.jit.clones import chosen, clone
from npstn.kernels import locate as located
from npstn.kernels import sizes, space
from npstn.kernels.axis import BORDER, CUBIC, LINEAR, NEAREST, REFLECTION, TAPS_OF, WRAP, ZEROS
from support import Numbers

INF = math.inf
KINDS = "map", "rotated", "zoomed out", "smooth grid", "random grid", "odd grid"
PADDINGS = ZEROS, BORDER, REFLECTION, WRAP
PERIODIC = REFLECTION, WRAP
RULES = [(k, p, a) for k in (NEAREST, LINEAR, CUBIC) for p in PADDINGS for a in (1, 0)]


def constants_of(problem, **others):
    return tuple(sorted({**problem._constants, **others}.items()))


def of(function, problem, **others):
    """A function of a kernel, as a problem calls it."""
    return clone(function, chosen(function, constants_of(problem, **others)))


def on_grid(grid, size, kernel, padding, align, normalized=True, x=None, first=1):
    """Sample an input of a size, or x, at a grid (N, *dims, R) or (B, K, *dims, R)."""
    x = np.zeros((len(grid), *size, 1), grid.dtype) if x is None else x
    leading = grid.shape[: grid.ndim - len(size) - 1]
    rows = grid.reshape(-1, *grid.shape[len(leading) :])
    points = grid_points(rows, leading, tuple(size), bool(align), normalized)
    return Problem(x, points, Options(kernel, padding, bool(align), first, normalized))


def on_map(theta, size, dims, kernel, padding, align, x=None, first=1, maps=()):
    """The same at affine maps (N, R, R + 1), of which there are ``maps`` an image."""
    theta = np.array(theta, float)
    x = np.zeros((len(theta), *size, 1)) if x is None else x
    leading = (len(theta) // math.prod(maps), *maps)
    points = map_points(theta, leading, tuple(size), tuple(dims), bool(align), x.dtype)
    return Problem(x, points, Options(kernel, padding, bool(align), first, True))


def problem_of(kind, size, dims, rule, channels=1, first=1, maps=()):
    """Two images, with maps or grids of a kind."""
    numbers, rank = Numbers(90), len(size)
    shape = (2, *size, channels) if first == 1 else (2, channels, *size)
    x, number = numbers.uniform(shape), 2 * int(np.prod(maps))
    theta = np.zeros((number, rank, rank + 1))
    theta[:, :, :rank] = np.eye(rank) * (2.0 if kind == "zoomed out" else 0.9)
    theta += numbers.uniform(theta.shape, -0.7, 0.7) * (kind != "map")
    if kind in KINDS[:3]:
        return on_map(theta, size, dims, *rule, x, first, maps)
    lines = [np.linspace(-1.1, 1.1, n) for n in dims]
    base = np.stack([*np.meshgrid(*lines, indexing="ij")[::-1], np.ones(dims)], -1)
    grid = np.einsum("nab,...b->n...a", theta, base)
    if kind != "smooth grid":
        grid = numbers.uniform(grid.shape, -1.4, 1.4)
    if kind == "odd grid":
        odd = [np.nan, np.inf, -np.inf, 1e300, -1e9, 0.25, -1.0, 1.0]
        grid = np.where(numbers.uniform(grid.shape) > 0.5, numbers.choice(odd, grid.shape), grid)
    return on_grid(grid.reshape(2, *maps, *dims, rank), size, *rule, x=x, first=first)


def tiles(problem, most=space.POINTS):
    """Every part, map and tile of a problem."""
    for part in problem._parts(most):
        for n, t in product(range(len(part.maps)), range(sizes.tiles_of(part.dims))):
            yield part, n, sizes.tile_of(part.dims, t)


def locate(problem, most=space.POINTS, by_force=False):
    """First texel, rest and slope (3, N, points, R) of every point, and which tiles are numbers.

    ``by_force`` takes the exact road for all of them.
    """
    rank, dims = len(problem.size), problem.points.out_dims
    maps = math.prod(problem.points.leading)
    found, numbers = np.full((3, maps, math.prod(dims), rank), 7.25), {}
    run, resolve = of(located.locate, problem), of(located.resolve, problem)
    scratch = np.full(space.END + 8, -77.0)
    for part, n, tile in tiles(problem, most):
        known = run(part.dims, *part.place, n, tile, True, scratch)
        rows, columns, pitch = tile[3] * tile[4], tile[5], tile[6]
        if by_force:
            for a, r in product(range(rank), range(rows)):
                at = 3 * a * space.BLOCK + r * pitch
                scratch[at : at + pitch] = np.nan
            scratch[space.BOX : space.BOX + 6] = [np.inf, -np.inf] * 3
            known = resolve(part.dims, *part.place, n, tile, scratch)
        for a in range(rank):
            block = scratch[3 * a * space.BLOCK :]
            box = scratch[space.BOX + 2 * a : space.BOX + 2 * a + 2]
            lanes = block[: rows * pitch].reshape(rows, pitch)
            assert box.tolist() == [lanes.min(), lanes.max()]  # also of what a row ends with
            assert (lanes[:, columns:] == lanes[:, columns - 1 : columns]).all()
            for r in range(rows):
                to = sizes.row_at(part.dims, tile, r)
                for q in range(3):
                    row = block[q * space.BLOCK + r * pitch :][:columns]
                    found[q, part.maps[n], to : to + columns, a] = row
        numbers[part.maps[n], tile[:3]] = known
    return found, numbers


def coordinates(problem):
    """The exact pixel coordinates (N, points, R): fractions, or Inf and NaN."""
    points, align, size = problem.points, bool(problem.options.align), problem.size[::-1]
    rank = len(size)
    if points.grid.size:
        scale = points.lattice[:, :2]
        flat = points.grid.reshape(len(points.grid), -1, rank)
        return [[[_grid_p(g, *scale[a]) for a, g in enumerate(p)] for p in m] for m in flat]
    bases = [_base(n, align) for n in points.out_dims]
    where = [at[::-1] for at in product(*bases)]
    return [
        [[_map_p(row, at, n, align) for row, n in zip(theta, size, strict=True)] for at in where]
        for theta in points.theta
    ]


def _grid_p(g, c, d):
    if c == 0.0 and g == g:
        return Fraction(0)
    if not np.isfinite(g):
        return float(g)
    return _overflown(Fraction(float(g)) * Fraction(c) + Fraction(d))


def _base(n, align):
    den = max(n - 1, 1) if align else n
    return [Fraction(2 * j + 1 - n, den) for j in range(n)]


def _map_p(row, at, size, align):
    c, d = Fraction(size - 1 if align else size, 2), Fraction(size - 1, 2)
    if not np.isfinite(row).all():
        if c == 0 and not np.isnan(row).any():
            return Fraction(0)
        terms = [*(float(t) * np.sign(float(b)) for t, b in zip(row, at, strict=False)), row[-1]]
        return float(sum(t for t in terms if not np.isfinite(t)))
    g = sum((Fraction(t) * b for t, b in zip(row, at, strict=False)), Fraction(row[-1]))
    return _overflown(g * c + d)


def _overflown(p):
    try:
        float(p)
    except OverflowError:
        return INF if p > 0 else -INF
    return p


def rounded(p):
    """Where float64 has no fractions, its rounding of p stands for p."""
    return Fraction(float(p)) if abs(p) >= 2**52 else p


def folded(p, size, align):
    """(p', sign) of the point or texel that a mirror makes of p, on or between the texels."""
    low = Fraction(0) if align else Fraction(-1, 2)
    span = size - 1 - 2 * low
    turns, rest = divmod(p - low, span) if span else (0, Fraction(0))
    return (low + span - rest, -1) if turns % 2 else (low + rest, 1)


def padded(p, size, padding, align):
    """(p', slope) of the point that a padding of points makes of p."""
    if padding == ZEROS:
        return p, 1
    if padding == WRAP:
        return rounded(p) % size, 1
    last, sign = Fraction(size - 1), 1
    if padding == REFLECTION:
        p, sign = folded(rounded(p), size, align)
    return (p, sign) if 0 < p < last else (min(max(p, Fraction(0)), last), 0)


def close(got, value):
    """Within two rounding errors."""
    error = abs(Fraction(float(got)) - value)
    return error <= 2 * value / Fraction(2**53) + Fraction(1, 2**1070)


def check_point(kernel, padding, align, size, p, k, f, slope, moves=True):
    """A point on one axis as it was found: against its exact coordinate."""
    if isinstance(p, float):
        if p != p or padding in PERIODIC:
            assert k < -20
            assert math.isnan(f)
            assert math.isnan(slope)
            return
        p = Fraction(10**400 if p > 0 else -(10**400))
    s, t = (-f, 1.0 + f) if f < 0.0 else (1.0 - f, f)
    taps = TAPS_OF[kernel]
    beside = padding == ZEROS or (padding == BORDER and kernel == CUBIC)
    if beside and not -4 <= p <= size + 3:
        assert size <= k < size + 9 if p > 0 else -20 < k <= -taps  # beside the input
        assert abs(f) <= 1.0
        assert slope in (0.0, 1.0)
        return
    if kernel == CUBIC and size == 1 and padding == REFLECTION:
        return  # all texels are one
    if kernel == CUBIC:
        p = rounded(p) if padding in PERIODIC else p
        first = math.floor(p)
        want, exact, sign = range(first - 1, first + 3), p - first, 1
        found = range(int(k), int(k) + 4)
        if padding == REFLECTION:
            want = [folded(Fraction(q), size, align)[0] for q in want]
            found = [folded(Fraction(q), size, align)[0] for q in found]
            want, found = [[math.floor(q + Fraction(1, 2)) for q in r] for r in (want, found)]
            if slope < 0.0:
                found, s, t, sign = found[::-1], t, s, -1
        if padding == WRAP:
            want = range((first - 1) % size, (first - 1) % size + 4)
        assert [*found] == [*want]
        assert slope == (sign if moves else 0)
    else:
        q, sign = padded(p, size, padding, align)
        assert slope == (sign if moves and kernel != NEAREST else 0)
        if kernel == NEAREST:
            assert k == (round(q) % size if padding == WRAP else round(q))
            assert abs(f) <= 0.5
            return
        assert k == math.floor(q)
        exact = q - math.floor(q)
    assert close(s, 1 - exact)
    assert close(t, exact)


def check(problem, found=None):
    """All points of a problem as :func:`locate` finds them; returns whether all are numbers."""
    kernel, padding, align = problem.options[:3]
    size, scale = problem.size[::-1], problem.points.lattice[:, 0]
    (first, rest, slopes), numbers = found or locate(problem)
    exact = coordinates(problem)
    for n, m in enumerate(exact):
        for j, point in enumerate(m):
            for a, p in enumerate(point):
                got = first[n, j, a], rest[n, j, a], slopes[n, j, a]
                try:
                    check_point(kernel, padding, align, size[a], p, *got, scale[a] != 0.0)
                except AssertionError as e:
                    text = f"map {n}, point {j}, axis {a}: p = {_show(p)}, found {got}"
                    raise AssertionError(text) from e
    strange = [
        any(isinstance(p, float) and (p != p or padding in PERIODIC) for q in m for p in q)
        for m in exact
    ]
    for n, strange_map in enumerate(strange):
        assert all(known for (m, _), known in numbers.items() if m == n) != strange_map


def _show(p):
    return p if isinstance(p, float) else f"{float(p)!r} + {float(p - Fraction(float(p)))!r}"


def texels(problem, point):
    """The texels that an exact point (x, y, ...) looks at: -1 where there is none; x is fastest.

    Nothing of a point that is none.
    """
    kernel, padding, align = problem.options[:3]
    size = problem.size[::-1]
    lines = []
    for p, n in zip(point, size, strict=True):
        if isinstance(p, float):
            if p != p or padding in PERIODIC:
                return []
            p = Fraction(10**400 if p > 0 else -(10**400))
        lines.append(_line(p, n, kernel, padding, align))
    found = [0]
    for line, n in zip(lines[::-1], size[::-1], strict=True):
        found = [q * n + k if q >= 0 and k >= 0 else -1 for q in found for k in line]
    return found


def _line(p, size, kernel, padding, align):
    if kernel != CUBIC:
        q = padded(p, size, padding, align)[0]
        line = [round(q)] if kernel == NEAREST else [math.floor(q), math.floor(q) + 1]
        if padding == WRAP:
            return [k % size for k in line]
        return [k if 0 <= k < size else -1 for k in line]
    first = math.floor(rounded(p) if padding in PERIODIC else p) - 1
    line = range(first, first + 4)
    if padding == ZEROS:
        return [k if 0 <= k < size else -1 for k in line]
    if padding == BORDER:
        return [min(max(k, 0), size - 1) for k in line]
    if padding == WRAP:
        return [k % size for k in line]
    return [min(max(round(folded(Fraction(k), size, align)[0]), 0), size - 1) for k in line]
