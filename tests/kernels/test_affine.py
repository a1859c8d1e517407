"""Points of an affine map against fractions, and the sums of its adjoint."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from support import Numbers

from npstn.grid import base, bases, lattice, pixel_scale
from npstn.kernels import affine, eft

pytestmark = pytest.mark.truth

SIZES = [((4, 6), 7), ((5, 5), 5), ((1, 3), 4), ((9, 14), 1), ((3, 251), 1080), ((5, 1), 2**20 + 1)]
THETAS = {
    "random": [0.7123, -0.31, 0.0571],
    "identity": [1.0, 0.0, 0.0],
    "cos(pi/2)": [6.123233995736766e-17, -1.0, 0.0],
    "tiny": [1.0, 1e-40, -1e-80],
    "cancelling": [1.5, -1.5, 2.0**-54],
    "huge": [-1e300, 1e20, -1.0],
    "huge, all of it": [1.7e308, -1.7e308, 1e308],
    "subnormal": [5e-324, 1.0, 0.0],
    "subnormal, all of it": [0.0, -5e-324, 5e-324],
    "cancelling, wide": [-1.1377038687674958e53, -6.963575743193665e24, 1.1377038687674958e53],
    "cancelling at a cell": [8.606132146940035e30, 0.02, -5.737421431293356e30],
    "cancelling to a weight": [-3.07311792440930e35, -1.0000000000000002, -2.30483844330697e35],
    "huge and ordinary": [-0.03318690491855403, 1e308, 3.905568537035167e40],
    "huge and tiny": [2.0**700, -(2.0**700), -(2.0**-900)],
    "three scales": [-4e-20, 1e-60, 1e-20],
    "far folds": [0.0, -1e10, 2.0 - 2.0**-52],
}


def nearest(value):
    """The float64 next to a fraction."""
    try:
        return float(value)
    except OverflowError:
        return np.inf if value > 0 else -np.inf


def points(theta, out_dims, c, d, align):
    """(hi, lo) of every point, and the exact p."""
    xs, ys, zs, scale = lattice(out_dims, c, d, align)
    v = np.empty(affine.WORK)
    bases = [base(n, align) for n in reversed(out_dims)]
    *factors, shift = map(Fraction, theta)
    for at in product(range(len(zs)), range(len(ys)), range(len(xs))):
        k, i, j = at
        with np.errstate(over="ignore", invalid="ignore"):
            p = affine.point(np.array(theta), xs[j], ys[i], zs[k], *scale, v)
        axes = zip(factors, bases, at[::-1], strict=False)
        g = shift + sum(t * Fraction(points[q]) / den for t, (points, den), q in axes)
        yield *p, g * Fraction(c) + Fraction(d)


@pytest.mark.parametrize("name", THETAS)
@pytest.mark.parametrize("align", [True, False])
def test_point_is_exact(name, align):
    """hi is p rounded once, and hi + lo is p to 100 bits of p and 50 bits of its fraction."""
    theta = THETAS[name]
    volumes = [[theta[0], theta[k], theta[1 - k], theta[2]] for k in (0, 1)]
    problems = [(theta, *sizes) for sizes in SIZES]
    problems += [(volume, (3, *dims), size) for volume in volumes for dims, size in SIZES[:2]]
    for row, out_dims, size in problems:
        for hi, lo, want in points(row, out_dims, *pixel_scale(size, align), align):
            assert hi == nearest(want)
            if abs(hi) < 2**52:
                error = abs(Fraction(float(hi)) + Fraction(float(lo)) - want)
                fraction = abs(want - round(want))
                assert error <= fraction * Fraction(3, 2**53) + Fraction(1, 2**1070)


@pytest.mark.parametrize("y", [-1.0, 0.0, 1.0])
def test_a_tie_far_away(y):
    """A small entry decides it, but not where its product is 0."""
    theta, v = np.array([2.0**700, 2.0**-800, 2.0**647]), np.empty(affine.WORK)
    hi, lo = affine.point(theta, 1.0, y, 0.0, 1.0, 0.0, 1.0, v)
    assert hi == 2.0**700 + (2.0**648 if y > 0 else 0.0)
    assert Fraction(float(hi)) + Fraction(float(lo)) == 2**700 + 2**647


@pytest.mark.parametrize("at", [0, 1, 2])
@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
@pytest.mark.parametrize("c", [0.0, 3.0])
def test_point_of_numbers_that_are_not_finite(at, value, c):
    """IEEE arithmetic: Inf * 0 is NaN, but a size-1 axis has p = 0."""
    theta = np.array([0.5, -0.25, 1.0])
    theta[at] = value
    xs, ys, zs, scale = lattice((2, 3, 5), c, c, True)
    volume = np.array([0.5, -0.25, 0.75, 1.0])
    volume[at] = value
    with np.errstate(invalid="ignore", divide="ignore"):
        for row, (y, z) in product((theta, volume), product(ys, zs)):
            p = [affine.point(row, x, y, z, *scale, np.empty(affine.WORK)) for x in xs]
            rest = row[-1] if row is theta else row[2] * z + row[-1]
            want = row[0] * xs + (row[1] * y + rest)
            if c == 0.0 and not np.isnan(value):  # a size-1 axis
                want = np.zeros(5)
            assert np.array_equal([hi for hi, _ in p], want, equal_nan=True)


def test_ties_beyond_two_to_the_52():
    """p half-way between two float64, but for a term that is smaller by up to 160 bits."""
    numbers = Numbers(23)
    c, d = pixel_scale(7, False)
    xs, ys, _, (cd, dd, div) = lattice((4, 6), c, d, False)
    x, y = Fraction(xs[3]), Fraction(ys[2])
    assert div == 3
    ties = 0
    for _ in range(100):
        p = Fraction(2 * (2**52 + (numbers.bits() >> 12)) + 1) * 2**8
        first = float((p * 3 - Fraction(dd)) / x)
        third = float((p * 3 - Fraction(dd) - Fraction(first) * x) / Fraction(cd))
        if Fraction(first) * x + Fraction(third) * Fraction(cd) + Fraction(dd) != 3 * p:
            continue
        for bits in range(160):
            for sign in (1, -1):
                theta = np.array([first, sign * 2.0**-bits, third])
                hi, _ = affine.point(theta, xs[3], ys[2], 0.0, cd, dd, div, np.empty(affine.WORK))
                assert hi == float(p + Fraction(theta[1]) * y / 3)
                ties += 1
    assert ties > 500


def test_a_tie_of_large_terms_is_broken_by_a_small_one():
    """By its sign: of its product with y, all of it or what is left when it is rounded."""
    for y in Numbers(25).uniform((50,), 0.1, 1.0):
        for small in (3.0 * 2.0**-1060, -5.0 * 2.0**-1060):
            theta = np.array([2.0**947, small, 2.0**1000])
            hi, _ = affine.point(theta, 1.0, y, 0.0, 1.0, 0.0, 1.0, np.empty(affine.WORK))
            assert hi == 2.0**1000 + (2.0**948 if small > 0.0 else 0.0)


def entry(numbers, kind):
    """A number of a kind, of few bits or of many."""
    short = 1.0 + (numbers.bits() % 4) / 4
    sign = [-1.0, 1.0][numbers.bits() % 2]
    size = sign * [short, 1.0 + numbers.bits() / 2.0**64][numbers.bits() % 2]
    low, high = kind[numbers.bits() % len(kind)]
    return size * 2.0 ** (low + numbers.bits() % (high - low + 1))


RANGES = {  # of exponents
    "ordinary": [(-3, 1)],
    "three scales": [(-3, 1), (-70, -50), (-200, -140)],
    "far away": [(20, 50), (-3, 1)],
    "subnormal": [(-1074, -1010), (-710, -690), (-1, 0)],
    "huge": [(690, 1022), (-1, 0)],
    "huge and tiny": [(700, 1022), (-1074, -800), (-1, 0), (100, 600)],
}


@pytest.mark.parametrize("name", RANGES)
def test_points_next_to_texels_and_ties(name):
    """A row of such numbers; in most, one is chosen so that p is next to a texel or a fold."""
    numbers, kind = Numbers(24), RANGES[name]
    for _ in range(250):
        rank, align = 2 + numbers.bits() % 2, bool(numbers.bits() % 2)
        size = [1, 2, 5, 16, 1000, 2**20 + 1][numbers.bits() % 6]
        dims = tuple(1 + numbers.bits() % 6 for _ in range(rank))
        c, d = pixel_scale(size, align)
        xs, ys, zs, scale = lattice(dims, c, d, align)
        at = [int(numbers.bits() % n) for n in reversed(dims)]
        axes = [base(n, align) for n in reversed(dims)]
        factors = [Fraction(b[0][k]) / b[1] for b, k in zip(axes, at, strict=True)] + [Fraction(1)]
        theta = [entry(numbers, kind) for _ in factors]
        q = int(numbers.bits() % (rank + 1))
        if numbers.bits() % 4 and factors[q] and c:
            target = Fraction(int(numbers.bits() % (4 * size)) - size, 1 + numbers.bits() % 2)
            if name == "far away":
                target = Fraction(int(numbers.bits() >> 8), 8)
            others = sum(Fraction(t) * f for t, f in zip(theta, factors, strict=True))
            others -= Fraction(theta[q]) * factors[q]
            theta[q] = float(((target - Fraction(d)) / Fraction(c) - others) / factors[q])
        want = sum(Fraction(t) * f for t, f in zip(theta, factors, strict=True))
        want = want * Fraction(c) + Fraction(d)
        place = xs[at[0]], ys[at[1]], zs[at[2]] if rank == 3 else 0.0
        with np.errstate(over="ignore"):
            hi, lo = affine.point(np.array(theta), *place, *scale, np.full(affine.WORK, np.nan))
        assert hi == nearest(want), (theta, dims, size, align, at)
        if abs(hi) < 2**53 and (hi == 0.0 or abs(hi) >= 0.5):
            rest = want - Fraction(float(hi))
            assert np.sign(lo) == (rest > 0) - (rest < 0)
            error = abs(Fraction(float(lo)) - rest)
            assert error <= abs(rest) * Fraction(201, 100 * 2**53) + Fraction(1, 2**1074)


def test_sums_whose_parts_cancel():
    """A column that takes away the largest one, two or three terms of its row, or nearly so."""
    numbers = Numbers(25)
    for _ in range(4000):
        v, e = np.full(affine.WORK, np.nan), 0
        for q in range(affine.ROW):
            e -= numbers.bits() % 70
            many = [0, 1, 2, 52][numbers.bits() % 4]
            short = 1.0 + (numbers.bits() % 2**many) / 2.0**many
            v[q] = [0.0, short, -short, short][numbers.bits() % 4] * 2.0**e
        eft.distill(v[: affine.ROW])
        steps = [0.0, 0.0, 2.0**-52, -(2.0**-52), 2.0**-30, 2.0**-51, 1.0]
        first, second = (steps[numbers.bits() % 7] for _ in range(2))
        t0, t1 = eft.two_sum(-v[0] * (1.0 + first), -v[1] * (1.0 + second))
        div = [1.0, 3.0, 63.0, 2.0**40 - 1, 2.0**52 - 1][numbers.bits() % 5]
        case = numbers.bits() % 5
        if case == 1:
            t0, t1 = eft.two_sum(div * (1.0 + numbers.bits() % 4), t0)
        elif case == 2:
            t0, t1 = div * (1.0 + numbers.bits() % 4), -v[2] * (1.0 + second)
        elif case == 3:
            t0, t1 = -v[2] * (1.0 + second), 0.0
        elif case == 4:
            t1 = -v[2] * (1.0 + second)
        want = (sum(map(Fraction, v[: affine.ROW])) + Fraction(t0) + Fraction(t1)) / int(div)
        hi, lo = affine.settled(t0, t1, v, div, 1.0)
        assert hi == nearest(want)
        rest = want - Fraction(hi)
        assert np.sign(lo) == (rest > 0) - (rest < 0)
        assert abs(Fraction(lo) - rest) <= abs(rest) * Fraction(201, 100 * 2**53)


DIMS = [(2, 3), (5, 4), (1, 1), (2, 3, 5), (3, 1, 4)]


@pytest.mark.parametrize(("align", "dims"), list(product([True, False], DIMS)))
def test_sums_of_the_adjoint(align, dims):
    numbers = Numbers(22)
    rank, rows = len(dims), int(np.prod(dims[:-1]))
    e = numbers.integers((*dims, rank), -8, 8)
    base_x, base_rows, den = bases(dims, align)
    sums = np.empty(2 * rank * rows)
    for i in range(rows):
        affine.affine_grid_vjp(i, None, None, e.reshape(1, rows, dims[-1], rank), base_x, sums)
    d_theta = np.empty((1, rank, rank + 1))
    c = np.array([3.0, 2.5, 1.5])[:rank]
    factors = np.ones((2, rank, rank + 1))
    factors[0], factors[1, :, :rank] = c[:, None], den
    scratch = np.full(16, 7.0)
    affine.theta_from_sums(0, scratch, None, sums, 1, base_rows.reshape(-1), factors, d_theta)
    axes = [base(n, align) for n in reversed(dims)]
    for a in range(rank):
        for q, (points, of) in enumerate(axes):
            shape = [1] * rank
            shape[rank - 1 - q] = -1
            assert d_theta[0, a, q] == (e[..., a] * points.reshape(shape)).sum() * c[a] / of
        assert d_theta[0, a, rank] == e[..., a].sum() * c[a]
