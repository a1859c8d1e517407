"""One coordinate, exactly: to the last bit, however large, small or close to a tie."""

import math
from fractions import Fraction

import numpy as np
import pytest
from support import Numbers

from npstn.kernels import coordinate, eft

pytestmark = pytest.mark.truth
NAN, INF = math.nan, math.inf


def test_from_grid_is_exact():
    """hi + lo is the rational p and hi its rounding, also where products overflow and at ties."""
    numbers = Numbers(21)
    points = [*numbers.uniform((40,), -2, 2), 5e-324, 1e-300, 1e-20, 1e20, -3.3e25, 2.0**53 + 2]
    points += [1e300, -1e290, *(numbers.uniform((40,), 1, 2) * 2.0**54)]
    for g in map(np.float64, points):
        for size in (1, 2, 7, 1000, 2**20 + 1):
            for c, d in (((size - 1) / 2, (size - 1) / 2), (size / 2, (size - 1) / 2), (1.0, 0.0)):
                want = Fraction(g) * Fraction(c) + Fraction(d) if c else Fraction(0)
                hi, lo = coordinate.from_grid(g, c, d)
                assert hi == float(want), (g, c, d)
                error = abs(Fraction(float(hi)) + Fraction(float(lo)) - want)
                assert error <= abs(want) / 2**105 + Fraction(1, 2**1070), (g, c, d)


def test_from_grid_without_a_number():
    for g in (NAN, INF, -INF):
        assert repr(coordinate.from_grid(g, 3.0, 3.0)[0]) == repr(g)
    assert coordinate.from_grid(INF, 0.0, 0.0) == (0.0, 0.0)  # a size-1 axis
    assert math.isnan(coordinate.from_grid(NAN, 0.0, 0.0)[0])
    assert coordinate.from_grid(1.7e308, 1000.0, 3.0)[0] == INF  # overflow counts as infinite
    assert coordinate.from_grid(-1.7e308, 1.0, 0.0) == (-1.7e308, 0.0)


def test_settle_adds_the_rest():
    assert coordinate.settle(1.0, 0.0, 1e-40) == (1.0, 1e-40)
    assert coordinate.settle(1.0, 1e-20, -1e-30) == (1.0, 1e-20 - 1e-30)
    assert coordinate.settle(1.0, 2.0**-52, 2.0**-200) == (1.0 + 2.0**-52, 2.0**-200)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_settle_breaks_a_tie_by_the_rest(sign):
    tie = 2.0**53 * sign
    assert coordinate.settle(tie, sign, 0.0)[0] == tie
    assert coordinate.settle(tie, sign, 1e-20 * sign)[0] == tie + 2 * sign
    assert coordinate.settle(tie, sign, -1e-20 * sign)[0] == tie
    odd = tie + 2 * sign
    assert coordinate.settle(odd, sign, 0.0)[0] == tie + 4 * sign
    assert coordinate.settle(odd, sign, -1e-20 * sign)[0] == odd
    assert coordinate.settle(tie, 0.25 * sign, 1e-20 * sign)[0] == tie
    first = 2.0**52 * sign
    assert coordinate.settle(first, 0.5 * sign, 1e-20 * sign)[0] == first + sign
    half = 2.0**-53 * sign  # where there are fractions, too
    assert coordinate.settle(sign, half, 1e-40 * sign) == (sign + 2 * half, -half)
    assert coordinate.settle(sign, half, -1e-40 * sign) == (sign, half)


@pytest.mark.parametrize("bits", [60, 110, 300, 900])
@pytest.mark.parametrize("div", [1.0, 3.0, 63.0, 2.0**40 - 1])
def test_quotient_next_to_ties(div, bits):
    """A multiple of div, and half a unit of the result, and something far below that decides."""
    for value in (1.0, 1.0 + 2.0**-52, 1.5, 2.0 - 2.0**-52, 3.0 * 2.0**60):
        for half in (0.5, 0.25, -0.25, 0.125, 0.0):
            for tiny in (1.0, -1.0, 0.0):
                parts = value, half * float(np.spacing(value)), tiny * 2.0**-bits
                terms = [t for p in parts for t in eft.two_product(p, div)]
                v = np.array([terms[k] for k in (4, 2, 0, 1, 3, 5)] + [np.nan] * 8)
                hi, lo = coordinate.quotient(v, 6, div)
                want = sum(map(Fraction, parts))
                rest = want - Fraction(hi)
                assert hi == float(want)
                assert abs(Fraction(lo) - rest) <= abs(rest) * Fraction(201, 100 * 2**53)


@pytest.mark.parametrize("r", [0.0, 1.0, -3.0, 2.0**30, 2.0**51, -(2.0**52)])
def test_nearest_integer(r):
    """The rest is rounded once, and to a tie only if the point is one; 0 only if it is none."""
    for part in (0.0, 0.25, 0.5, -0.5, 0.4999999999999999, 2.0**-30, -(2.0**-60)):
        for low in (0.0, 2.0**-60, -(2.0**-60), 5e-324, -5e-324):
            p = Fraction(r) + Fraction(part) + Fraction(low)
            hi = float(p)
            lo = float(p - Fraction(hi))
            if abs(hi) >= coordinate.FAR and abs(p) >= 2**52:
                continue
            whole, f = coordinate.nearest_integer(hi, lo)
            rest = p - Fraction(float(whole))
            assert whole == round(p) or abs(rest) == Fraction(1, 2)
            assert abs(Fraction(float(f)) - rest) <= abs(rest) / 2**52
            assert (abs(f) == 0.5) == (abs(rest) == Fraction(1, 2))
            assert np.sign(f) == (rest > 0) - (rest < 0)


def test_powers_for_scaling():
    for least, largest in ((1e300, 1e300), (1e-300, 1.0), (1.0, 2.0), (5e-324, 5e-324)):
        power = coordinate.power_for(least, largest)
        assert math.frexp(power)[0] == 0.5
        assert largest * power * 2.0**150 < math.inf
    assert coordinate.power_for(1.0, 2.0) == 1.0


def test_what_underflows_leaves_its_sign():
    assert coordinate.unscale(2.0**-1000, 0.0, 2.0**200) == (0.0, 5e-324)
    assert coordinate.unscale(-(2.0**-1000), 0.0, 2.0**200) == (0.0, -5e-324)
    assert coordinate.unscale(2.0**200, -(2.0**-1000), 2.0**200) == (1.0, -5e-324)
    assert coordinate.unscale(-(2.0**200), 2.0**-1000, 2.0**200) == (-1.0, 5e-324)
    assert coordinate.unscale(0.0, 0.0, 2.0**200) == (0.0, 0.0)


def test_subnormal_numbers_are_rounded_once():
    tie = 2.5 * 2.0**-874  # 2.5 times the least number, scaled
    for lo, want in ((0.0, 2), (2.0**-1000, 3), (-(2.0**-1000), 2)):
        assert coordinate.unscale(tie, lo, 2.0**200)[0] == want * 5e-324
        assert coordinate.unscale(-tie, -lo, 2.0**200)[0] == -want * 5e-324
