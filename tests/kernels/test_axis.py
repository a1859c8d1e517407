"""One axis: each padding rule point by point, and each kernel against its polynomials."""

import math
from fractions import Fraction

import numpy as np
import pytest

from npstn.contract import SLACK, U
from npstn.jit.clones import chosen, clone
from npstn.kernels import axis
from npstn.kernels.axis import (
    BORDER,
    CUBIC,
    DROPPED,
    LINEAR,
    NEAREST,
    REFLECTION,
    TAPS_OF,
    WRAP,
    ZEROS,
)
from npstn.kernels.coordinate import nearest_integer

pytestmark = pytest.mark.truth
NAN, INF = math.nan, math.inf


def of(function, kernel):
    constants = ("KERNEL", kernel), ("TAPS", TAPS_OF[kernel])
    return clone(function, chosen(function, constants))


def fold(p, lo, size, kernel, padding, align):
    """First texel, rest and slope of a point, found without :mod:`npstn.kernels.locate`."""
    r, f = nearest_integer(np.float64(p), lo)
    number = np.full(4, not math.isnan(p) and not (padding in (REFLECTION, WRAP) and math.isinf(p)))
    with np.errstate(invalid="ignore"):
        r, f = np.full(4, r), np.full(4, f if math.isfinite(p) else 0.0)
        point = of(axis.beside, kernel)(padding, number, r, f, float(size))
        r, f, slope = of(axis.fold, kernel)(padding, *point, float(size), align)
        return of(axis.first_texel, kernel)(r, f)[0], f, slope[0]


def taps(p, lo, size, kernel, padding, align):
    """(i0, i1, w0, w1, slope) of linear, (i0, slope) of nearest."""
    first, f, slope = fold(p, lo, size, kernel, padding, align)
    texel = of(axis.texel_for, kernel)
    s, t = of(axis.distances, kernel)(f)
    weights = [w[0] for w in of(axis.weights, kernel)(0, s, t, 0.75)[: TAPS_OF[kernel]]]
    texels = [texel(int(first) + q, size, padding, align) for q in range(TAPS_OF[kernel])]
    return (*texels, *weights, slope)


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
    (-0.25, 4, WRAP, 1, (3, 0, 0.25, 0.75, 1)),
    (-0.75, 4, WRAP, 0, (3, 0, 0.75, 0.25, 1)),
    (-1.0, 4, WRAP, 1, (3, 0, 1, 0, 1)),
    (3.0, 4, WRAP, 1, (3, 0, 1, 0, 1)),
    (3.25, 4, WRAP, 0, (3, 0, 0.75, 0.25, 1)),
    (4.0, 4, WRAP, 1, (0, 1, 1, 0, 1)),
    (-9.5, 4, WRAP, 1, (2, 3, 0.5, 0.5, 1)),
    (2.25, 1, WRAP, 0, (0, 0, 0.75, 0.25, 1)),
    (2.0**52 + 3, 4, WRAP, 1, (3, 0, 1, 0, 1)),
    (INF, 4, ZEROS, 1, (D, D, 1, 0, 1)),
    (-INF, 4, BORDER, 1, (0, 1, 1, 0, 0)),
    (INF, 4, BORDER, 0, (3, D, 1, 0, 0)),
]


@pytest.mark.parametrize(("p", "size", "padding", "align", "want"), TAPS)
def test_taps(p, size, padding, align, want):
    got = taps(p, 0.0, size, LINEAR, padding, align)
    if want[:2] == (D, D):  # how far outside does not matter
        assert got[:2] == want[:2]
    else:
        assert got == want


@pytest.mark.parametrize(
    ("p", "padding"),
    [
        *((NAN, padding) for padding in (ZEROS, BORDER, REFLECTION, WRAP)),
        *((p, padding) for p in (INF, -INF) for padding in (REFLECTION, WRAP)),
    ],
)
@pytest.mark.parametrize("kernel", [NEAREST, LINEAR])
def test_taps_of_no_number(p, padding, kernel):
    got = taps(p, 0.0, 4, kernel, padding, 1)
    many = TAPS_OF[kernel]
    assert padding == WRAP or got[:many] == (D,) * many
    assert all(map(math.isnan, got[many:]))


def test_an_epsilon_decides_the_cell():
    """On either side of a texel: cell and weights follow the exact point."""
    e = 2.0**-80
    assert taps(2.0, e, 4, LINEAR, ZEROS, 1) == (2, 3, 1.0, e, 1)
    assert taps(2.0, -e, 4, LINEAR, ZEROS, 1) == (1, 2, e, 1.0, 1)
    assert taps(0.0, e, 4, LINEAR, BORDER, 1)[4] == 1
    assert taps(0.0, -e, 4, LINEAR, BORDER, 1)[4] == 0
    assert taps(3.0, -e, 4, LINEAR, BORDER, 1)[4] == 1
    assert taps(0.0, -e, 4, LINEAR, REFLECTION, 1) == (0, 1, 1.0, e, -1)
    assert taps(3.0, e, 4, LINEAR, REFLECTION, 1) == (2, 3, e, 1.0, -1)
    assert taps(0.0, -e, 4, LINEAR, WRAP, 1) == (3, 0, e, 1.0, 1)
    assert taps(4.0, e, 4, LINEAR, WRAP, 1) == (0, 1, 1.0, e, 1)


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
    (-0.5, 0.0, WRAP, 1, 4),
    (-0.5, 2.0**-60, WRAP, 1, 0),
    (4.5, 0.0, WRAP, 0, 4),
    (4.5, 2.0**-60, WRAP, 0, 0),
    (5.5, 0.0, WRAP, 1, 0),
    (6.5, 0.0, WRAP, 1, 2),
    (-4.5, 0.0, WRAP, 1, 0),
    (9.5, 0.0, WRAP, 1, 4),
]


@pytest.mark.parametrize(("p", "lo", "padding", "align", "want"), NEAREST_TEXELS)
def test_nearest(p, lo, padding, align, want):
    """Ties go to the even texel of the folded coordinate; the slope is 0."""
    assert taps(p, lo, 5, NEAREST, padding, align) == (want, 1.0, 0.0)


@pytest.mark.parametrize("coefficient", [-0.75, -1.0, -0.5, -0.3, -(2.0**-30), 0.0])
def test_the_cubic_kernel_and_its_derivatives(coefficient):
    """Against the polynomials of the definition, in fractions; f = 1/3 is where some vanish."""
    a = Fraction(coefficient)

    def k(d, order):  # of the piece to the right, which counts for the second derivative
        t = abs(d)
        near = [(a + 2) * t**3 - (a + 3) * t**2 + 1, 3 * (a + 2) * t**2 - 2 * (a + 3) * t]
        near.append(6 * (a + 2) * t - 2 * (a + 3))
        far = [a * t**3 - 5 * a * t**2 + 8 * a * t - 4 * a, 3 * a * t**2 - 10 * a * t + 8 * a]
        far.append(6 * a * t - 10 * a)
        return (near if -1 <= d < 1 else far)[order]

    tiny = 2.0**-60
    for f in (0.0, 0.125, 1 / 3, 0.4999, 0.5, -0.4, -1 / 3, -0.1, -(2.0**-53), tiny, -tiny):
        s, t = of(axis.distances, CUBIC)(np.full(4, f))
        at = Fraction(f) + (f < 0)
        for order in range(3):
            weights = of(axis.weights, CUBIC)(order, s, t, -coefficient)
            for q, w in enumerate(weights):
                d = at + 1 - q
                want = k(d, order) * (-1 if d < 0 and order == 1 else 1)
                error = abs(Fraction(float(w[0])) - want)
                allowed = SLACK + 10 * abs(want) if order else 9 * abs(want)
                assert error <= allowed * U, (f, q, order)


@pytest.mark.parametrize(
    ("padding", "align", "want"),
    [
        (ZEROS, 1, [D, D, D, 0, 1, 2, D, D]),
        (BORDER, 1, [0, 0, 0, 0, 1, 2, 2, 2]),
        (REFLECTION, 1, [1, 2, 1, 0, 1, 2, 1, 0]),
        (REFLECTION, 0, [2, 1, 0, 0, 1, 2, 2, 1]),
        (WRAP, 1, [0, 1, 2, 0, 1, 2, 0, 1]),
        (WRAP, 0, [0, 1, 2, 0, 1, 2, 0, 1]),
    ],
)
def test_cubic_texels_are_padded_one_by_one(padding, align, want):
    texel = of(axis.texel_for, CUBIC)
    assert [texel(k, 3, padding, align) for k in range(-3, 5)] == want
    assert [texel(k, 1, padding, 1) for k in (-2, 0, 2)] == ([D, 0, D] if padding == 0 else [0] * 3)
