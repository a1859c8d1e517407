"""Points of an affine map against fractions, and the sums of its adjoint."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from support import Numbers

from npstn.grid import base, lattice, pixel_scale
from npstn.kernels import affine

pytestmark = pytest.mark.truth

SIZES = [((4, 6), 7), ((5, 5), 5), ((1, 3), 4), ((9, 14), 1), ((3, 251), 1080)]
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
}


def points(theta, out_dims, c, d, align):
    """(hi, lo) of every point, and the exact p."""
    xs, ys, scale = lattice(out_dims, c, d, align)
    v = np.empty(12)
    (by, den_y), (bx, den_x) = (base(n, align) for n in out_dims)
    a, b, e = map(Fraction, theta)
    for i, y in enumerate(ys):
        for j, x in enumerate(xs):
            with np.errstate(over="ignore", invalid="ignore"):
                p = affine.point(np.array(theta), x, y, *scale, v)
            g = a * Fraction(bx[j]) / den_x + b * Fraction(by[i]) / den_y + e
            yield *p, g * Fraction(c) + Fraction(d)


@pytest.mark.parametrize("name", THETAS)
@pytest.mark.parametrize("align", [True, False])
def test_point_is_exact(name, align):
    """hi is p rounded once, and hi + lo is p to 100 bits of p and 50 bits of its fraction."""
    for out_dims, size in SIZES:
        for hi, lo, want in points(THETAS[name], out_dims, *pixel_scale(size, align), align):
            try:
                rounded = float(want)
            except OverflowError:
                rounded = np.inf if want > 0 else -np.inf
            assert hi == rounded
            if abs(hi) < 2**52:
                error = abs(Fraction(float(hi)) + Fraction(float(lo)) - want)
                fraction = abs(want - round(want))
                assert error <= fraction * Fraction(3, 2**53) + Fraction(1, 2**1070)


@pytest.mark.parametrize("at", [0, 1, 2])
@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
@pytest.mark.parametrize("c", [0.0, 3.0])
def test_point_of_numbers_that_are_not_finite(at, value, c):
    """IEEE arithmetic: Inf * 0 is NaN, but a size-1 axis has p = 0."""
    theta = np.array([0.5, -0.25, 1.0])
    theta[at] = value
    xs, ys, scale = lattice((3, 5), c, c, True)
    with np.errstate(invalid="ignore", divide="ignore"):
        for y in ys:
            p = [affine.point(theta, x, y, *scale, np.empty(12)) for x in xs]
            want = theta[0] * xs + (theta[1] * y + theta[2])
            if c == 0.0 and not np.isnan(value):  # a size-1 axis
                want = np.zeros(5)
            assert np.array_equal([hi for hi, _ in p], want, equal_nan=True)


def test_ties_beyond_two_to_the_52():
    """p half-way between two float64, but for a term that is smaller by up to 160 bits."""
    numbers = Numbers(23)
    c, d = pixel_scale(7, False)
    xs, ys, (cd, dd, div) = lattice((4, 6), c, d, False)
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
                hi, _ = affine.point(theta, xs[3], ys[2], cd, dd, div, np.empty(12))
                assert hi == float(p + Fraction(theta[1]) * y / 3)
                ties += 1
    assert ties > 500


@pytest.mark.parametrize(("align", "dims"), list(product([True, False], [(2, 3), (5, 4), (1, 1)])))
def test_sums_of_the_adjoint(align, dims):
    numbers = Numbers(22)
    e = numbers.integers((*dims, 2), -8, 8)
    (by, den_y), (bx, den_x) = (base(n, align) for n in dims)
    sums = np.empty(4 * dims[0])
    for i in range(dims[0]):
        affine.affine_grid_vjp(i, e[None], bx, sums)
    d_theta = np.empty((1, 2, 3))
    c = np.array([3.0, 2.5])
    affine.pull(0, sums, by, c, np.array([den_x, den_y], float), d_theta)
    for a in range(2):
        total = e[..., a]
        assert d_theta[0, a, 0] == (total * bx).sum() * c[a] / den_x
        assert d_theta[0, a, 1] == (total * by[:, None]).sum() * c[a] / den_y
        assert d_theta[0, a, 2] == total.sum() * c[a]
