"""One axis: coordinates to the last bit, and each padding rule point by point."""

import math
from fractions import Fraction

import numpy as np
import pytest
from support import Numbers

from npstn.kernels import axis
from npstn.kernels.axis import BILINEAR, BORDER, DROPPED, NEAREST, REFLECTION, ZEROS

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
                hi, lo = axis.from_grid(g, c, d)
                assert hi == float(want), (g, c, d)
                error = abs(Fraction(float(hi)) + Fraction(float(lo)) - want)
                assert error <= abs(want) / 2**105 + Fraction(1, 2**1070), (g, c, d)


def test_from_grid_without_a_number():
    for g in (NAN, INF, -INF):
        assert repr(axis.from_grid(g, 3.0, 3.0)[0]) == repr(g)
    assert axis.from_grid(INF, 0.0, 0.0) == (0.0, 0.0)  # a size-1 axis
    assert math.isnan(axis.from_grid(NAN, 0.0, 0.0)[0])
    assert axis.from_grid(1.7e308, 1000.0, 3.0)[0] == INF  # overflow counts as infinite


def test_settle_adds_the_rest():
    assert axis.settle(1.0, 0.0, 1e-40, 1.0) == (1.0, 1e-40)
    assert axis.settle(1.0, 1e-20, -1e-30, 1.0) == (1.0, 1e-20 - 1e-30)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_settle_breaks_a_tie_by_the_rest(sign):
    tie = 2.0**53 * sign
    assert axis.settle(tie, sign, 0.0, 1.0)[0] == tie
    assert axis.settle(tie, sign, 1e-20 * sign, 1.0)[0] == tie + 2 * sign
    assert axis.settle(tie, sign, -1e-20 * sign, 1.0)[0] == tie
    odd = tie + 2 * sign
    assert axis.settle(odd, sign, 0.0, 1.0)[0] == tie + 4 * sign
    assert axis.settle(odd, sign, -1e-20 * sign, 1.0)[0] == odd
    assert axis.settle(tie, 0.25 * sign, 1e-20 * sign, 1.0)[0] == tie
    first = 2.0**52 * sign
    assert axis.settle(first, 0.5 * sign, 1e-20 * sign, 1.0)[0] == first + sign


# (p, size, padding, align) -> (i0, i1, w0, w1, slope), bilinear. D: the texel takes no part.
D = DROPPED
TAPS = [
    (1.25, 4, ZEROS, 1, (1, 2, 0.75, 0.25, 1)),
    (1.75, 4, ZEROS, 1, (1, 2, 0.25, 0.75, 1)),
    (2.0, 4, ZEROS, 1, (2, 3, 1, 0, 1)),
    (3.0, 4, ZEROS, 1, (3, D, 1, 0, 1)),
    (3.5, 4, ZEROS, 1, (3, D, 0.5, 0.5, 1)),
    (4.0, 4, ZEROS, 1, (D, D, 1, 0, 1)),
    (-0.25, 4, ZEROS, 1, (D, 0, 0.25, 0.75, 1)),
    (-1.0, 4, ZEROS, 1, (D, 0, 1, 0, 1)),
    (-1.25, 4, ZEROS, 1, (D, D, 0.25, 0.75, 1)),
    (-0.25, 4, BORDER, 1, (0, 1, 1, 0, 0)),
    (0.0, 4, BORDER, 1, (0, 1, 1, 0, 0)),
    (0.25, 4, BORDER, 1, (0, 1, 0.75, 0.25, 1)),
    (2.75, 4, BORDER, 1, (2, 3, 0.25, 0.75, 1)),
    (3.0, 4, BORDER, 1, (3, D, 1, 0, 0)),
    (99.0, 4, BORDER, 1, (3, D, 1, 0, 0)),
    (-99.0, 4, BORDER, 1, (0, 1, 1, 0, 0)),
    (-0.25, 4, REFLECTION, 1, (0, 1, 0.75, 0.25, -1)),
    (-1.0, 4, REFLECTION, 1, (1, 2, 1, 0, -1)),
    (0.0, 4, REFLECTION, 1, (0, 1, 1, 0, 0)),
    (3.0, 4, REFLECTION, 1, (3, D, 1, 0, 0)),
    (3.25, 4, REFLECTION, 1, (2, 3, 0.25, 0.75, -1)),
    (6.0, 4, REFLECTION, 1, (0, 1, 1, 0, 0)),
    (6.25, 4, REFLECTION, 1, (0, 1, 0.75, 0.25, 1)),
    (5.75, 4, REFLECTION, 1, (0, 1, 0.75, 0.25, -1)),
    (0.25, 4, REFLECTION, 0, (0, 1, 0.75, 0.25, 1)),
    (-0.25, 4, REFLECTION, 0, (0, 1, 1, 0, 0)),
    (-0.5, 4, REFLECTION, 0, (0, 1, 1, 0, 0)),
    (-1.0, 4, REFLECTION, 0, (0, 1, 1, 0, 0)),
    (-1.25, 4, REFLECTION, 0, (0, 1, 0.75, 0.25, -1)),
    (3.25, 4, REFLECTION, 0, (3, D, 1, 0, 0)),
    (3.75, 4, REFLECTION, 0, (3, D, 1, 0, 0)),
    (4.25, 4, REFLECTION, 0, (2, 3, 0.25, 0.75, -1)),
    (8.25, 4, REFLECTION, 0, (0, 1, 0.75, 0.25, 1)),
    (2.5, 1, REFLECTION, 1, (0, D, 1, 0, 0)),
    (2.5, 1, REFLECTION, 0, (0, D, 1, 0, 0)),
    (2.0**52, 4, ZEROS, 1, (D, D, 1, 0, 1)),
    (2.0**52, 4, BORDER, 1, (3, D, 1, 0, 0)),
    (2.0**52, 4, REFLECTION, 1, (2, 3, 1, 0, -1)),
    (-(2.0**70), 4, REFLECTION, 1, (2, 3, 1, 0, 1)),
    (INF, 4, ZEROS, 1, (D, D, 1, 0, 1)),
    (-INF, 4, BORDER, 1, (0, 1, 1, 0, 0)),
    (INF, 4, BORDER, 0, (3, D, 1, 0, 0)),
]


@pytest.mark.parametrize(("p", "size", "padding", "align", "want"), TAPS)
def test_taps(p, size, padding, align, want):
    assert axis.taps(np.float64(p), 0.0, size, BILINEAR, padding, align) == want


@pytest.mark.parametrize(
    ("p", "padding"),
    [(NAN, ZEROS), (NAN, BORDER), (NAN, REFLECTION), (INF, REFLECTION), (-INF, REFLECTION)],
)
@pytest.mark.parametrize("mode", [NEAREST, BILINEAR])
def test_taps_of_no_number(p, padding, mode):
    i0, i1, *rest = axis.taps(p, 0.0, 4, mode, padding, 1)
    assert (i0, i1) == (D, D)
    assert all(map(math.isnan, rest))


def test_an_epsilon_decides_the_cell():
    """hi on a texel, lo on either side of it: cell and weights follow the exact point."""
    e = 2.0**-80
    assert axis.taps(2.0, e, 4, BILINEAR, ZEROS, 1) == (2, 3, 1.0, e, 1)
    assert axis.taps(2.0, -e, 4, BILINEAR, ZEROS, 1) == (1, 2, e, 1.0, 1)
    assert axis.taps(0.0, e, 4, BILINEAR, BORDER, 1)[4] == 1
    assert axis.taps(0.0, -e, 4, BILINEAR, BORDER, 1)[4] == 0
    assert axis.taps(3.0, -e, 4, BILINEAR, BORDER, 1)[4] == 1
    assert axis.taps(0.0, -e, 4, BILINEAR, REFLECTION, 1) == (0, 1, 1.0, e, -1)
    assert axis.taps(3.0, e, 4, BILINEAR, REFLECTION, 1) == (2, 3, e, 1.0, -1)


def test_halves_round_to_the_same_weights_from_both_sides():
    """Mirrored points have mirrored weights, bit for bit, also next to the middle of a cell."""
    for hi, lo in ((2.5, 2.0**-60), (2.5, -(2.0**-60)), (1.5, 2.0**-54), (2.5, 0.0)):
        i0, i1, w0, w1, _ = axis.taps(hi, lo, 9, BILINEAR, ZEROS, 1)
        j0, j1, v0, v1, _ = axis.taps(8 - hi, -lo, 9, BILINEAR, ZEROS, 1)
        assert (j0, j1, v0, v1) == (8 - i1, 8 - i0, w1, w0)


NEAREST_TEXELS = [
    (0.5, 0.0, ZEROS, 1, 0),
    (1.5, 0.0, ZEROS, 1, 2),
    (1.5, -(2.0**-60), ZEROS, 1, 1),
    (2.5, 0.0, ZEROS, 1, 2),
    (2.5, 2.0**-60, ZEROS, 1, 3),
    (-0.5, 0.0, ZEROS, 1, 0),
    (-0.5, -(2.0**-60), ZEROS, 1, D),
    (4.5, 0.0, ZEROS, 1, 4),
    (5.0, 0.0, ZEROS, 1, D),
    (-1.0, 0.0, ZEROS, 1, D),
    (9.0, 0.0, BORDER, 1, 4),
    (-9.0, 0.0, BORDER, 1, 0),
    (1.5, 0.0, BORDER, 1, 2),
    (-1.5, 0.0, REFLECTION, 1, 2),
    (-2.5, 0.0, REFLECTION, 1, 2),
    (-1.5, 0.0, REFLECTION, 0, 0),
    (-2.5, 0.0, REFLECTION, 0, 2),
    (-2.5, 2.0**-60, REFLECTION, 0, 1),
    (5.5, 0.0, REFLECTION, 0, 4),
    (6.5, 0.0, REFLECTION, 0, 2),
]


@pytest.mark.parametrize(("p", "lo", "padding", "align", "want"), NEAREST_TEXELS)
def test_nearest(p, lo, padding, align, want):
    """Ties go to the even texel of the folded coordinate; the slope is 0."""
    got = axis.taps(np.float64(p), lo, 5, NEAREST, padding, align)
    assert got == (want, D, 1.0, 0.0, 0.0)


def test_the_far_rule_starts_at_two_to_the_52_of_the_exact_point():
    below, above = (2.0**52, -0.25), (2.0**52, 0.25)
    assert axis.taps(*below, 3, BILINEAR, REFLECTION, 1) == (0, 1, 0.75, 0.25, -1)
    above_left = (-(2.0**52), 0.25)
    assert axis.taps(*above_left, 3, BILINEAR, REFLECTION, 1) == (0, 1, 0.75, 0.25, 1)
    assert axis.taps(*above, 3, BILINEAR, REFLECTION, 1) == (0, 1, 1.0, 0.0, 0)


def cubic(p, size, padding, align=1):
    k = np.zeros(4, np.int64)
    s, t, slope = axis.spread(*p, size, axis.BICUBIC, padding, align, k)
    w = np.array([axis.weights(axis.BICUBIC, order, s, t) for order in range(3)])
    return k.tolist(), w, slope


def test_the_cubic_kernel_and_its_derivatives():
    """Against the polynomials of the definition, in fractions; f = 1/3 is where some vanish."""
    a = Fraction(-3, 4)

    def k(t, order):
        near = [(a + 2) * t**3 - (a + 3) * t**2 + 1, 3 * (a + 2) * t**2 - 2 * (a + 3) * t]
        near.append(6 * (a + 2) * t - 2 * (a + 3))
        far = [a * t**3 - 5 * a * t**2 + 8 * a * t - 4 * a, 3 * a * t**2 - 10 * a * t + 8 * a]
        far.append(6 * a * t - 10 * a)
        return (near if t <= 1 else far)[order]

    for f in (0.0, 0.125, 1 / 3, 0.4999, 0.5, 2 / 3, 0.9, 1 - 2.0**-53, 2.0**-60):
        p = (3.0 + f, Fraction(f) + 3 - Fraction(3.0 + f))
        texels, w, slope = cubic((p[0], float(p[1])), 9, ZEROS)
        assert texels == [2, 3, 4, 5]
        assert slope == 1
        for q, order in ((q, order) for q in range(4) for order in range(3)):
            t = Fraction(f) + 1 - q
            # the right derivative, at t = -1 too, where a piece ends
            want = k(abs(t), order) * (-1 if t < 0 and order == 1 else 1)
            assert abs(Fraction(float(w[order, q])) - want) <= Fraction(4 * 2**order, 2**53), (
                f,
                q,
                order,
            )
            if order == 0:
                assert abs(Fraction(float(w[0, q])) - want) <= 8 * abs(want) / 2**53


def test_cubic_weights_sum_to_one_and_their_derivatives_to_zero():
    for p in np.arange(0, 64) / 16:
        _, w, _ = cubic((p, 0.0), 9, ZEROS)
        assert w.sum(1).tolist() == [1, 0, 0]


@pytest.mark.parametrize(
    ("p", "padding", "align", "want"),
    [
        (-1.5, ZEROS, 1, [D, D, D, 0]),
        (2.5, ZEROS, 1, [1, 2, D, D]),
        (-7.0, ZEROS, 1, [D] * 4),
        (-1.5, BORDER, 1, [0, 0, 0, 0]),
        (2.5, BORDER, 0, [1, 2, 2, 2]),
        (-1.5, REFLECTION, 1, [1, 2, 1, 0]),
        (-1.5, REFLECTION, 0, [2, 1, 0, 0]),
        (2.5, REFLECTION, 1, [1, 2, 1, 0]),
        (2.5, REFLECTION, 0, [1, 2, 2, 1]),
        (INF, ZEROS, 1, [D] * 4),
        (-INF, BORDER, 1, [0] * 4),
        (2.0**60, BORDER, 1, [2] * 4),
        (2.0**60, REFLECTION, 1, [1, 0, 1, 2]),
        (2.0**60 + 2.0**10, REFLECTION, 0, [1, 2, 2, 1]),
    ],
)
def test_cubic_texels_are_padded_one_by_one(p, padding, align, want):
    texels, w, slope = cubic((p, 0.0), 3, padding, align)
    assert texels == want
    assert slope == (0 if abs(p) > 2.0**52 and padding != REFLECTION else 1)
    assert w[0].sum() == 1


def test_cubic_reflection_of_huge_points_is_exact():
    for p in (2.0**53 + 2, 2.0**61 + 2.0**12, -(2.0**58)):
        for align, period in ((1, 8), (0, 10)):
            texels, _, _ = cubic((p, 0.0), 5, REFLECTION, align)
            for q, texel in enumerate(texels):
                k = (int(p) + q - 1) % period
                assert texel == (k if k < 5 else (8 - k if align else 9 - k))


def test_a_cubic_kernel_on_one_texel_and_at_no_number():
    for padding, want in ((ZEROS, [D, 0, D, D]), (BORDER, [0] * 4), (REFLECTION, [0] * 4)):
        assert cubic((0.0, 0.0), 1, padding)[0] == want
    for p, padding in ((NAN, ZEROS), (NAN, BORDER), (INF, REFLECTION)):
        texels, w, slope = cubic((p, 0.0), 4, padding)
        assert texels == [D] * 4
        assert np.isnan(w[0]).all()
        assert math.isnan(slope)
