"""Units of coordinates, and pixels."""

from fractions import Fraction

import numpy as np
import pytest
from support import Numbers

from npstn.dialects._frames import frame, fused, lattice, lattice_pixels, pixels, units
from npstn.dialects.row import Convention

SIZE = (4, 6)  # H, W


@pytest.mark.parametrize(
    ("rule", "align", "a", "b"),
    [
        (Convention(), True, [2.5, 1.5], [2.5, 1.5]),
        (Convention(), False, [3.0, 2.0], [2.5, 1.5]),
        (Convention(shrink=2.0), False, [2.0, 1.0], [2.0, 1.0]),
        (Convention(shrink=0.0), True, [3.0, 2.0], [3.0, 2.0]),
        (Convention(unit="pixel"), False, [1, 1], [0, 0]),
        (Convention(unit="pixel", origin="corner"), False, [1, 1], [-0.5, -0.5]),
        (Convention(unit="pixel", origin="centre"), False, [1, 1], [2.5, 1.5]),
    ],
)
@pytest.mark.parametrize("faithful", [True, False])
def test_frame(rule, align, a, b, faithful):
    found = frame(rule, SIZE, align)
    np.testing.assert_array_equal(found.a, a)
    np.testing.assert_array_equal(found.b, b)
    g = np.array([[[0.5, -0.25], [-1.0, 1.0]]])
    p = pixels(rule, g, SIZE, align, faithful)
    np.testing.assert_array_equal(p, g * found.a + found.b)


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize("faithful", [True, False])
def test_flow(sign, faithful):
    g = np.full((1, 2, 3, 2), 0.25)
    p = pixels(Convention(unit="flow", sign=sign), g, SIZE, False, faithful)
    np.testing.assert_array_equal(p[0, 1, 2], [2 + sign * 0.25, 1 + sign * 0.25])


def test_fused_is_within_the_last_bit():
    numbers = Numbers(5)
    g, a, b = (numbers.uniform((200,), -3.0, 3.0) for _ in range(3))
    b[::2] = -(g * a)[::2]  # all that is left is the error of the product
    for x, y, z, found in zip(g, a, b, fused(g, a, b), strict=True):
        assert found == float(Fraction(x) * Fraction(y) + Fraction(z))


def test_fused_keeps_what_is_not_finite():
    g = np.array([np.nan, np.inf, -np.inf, 1e308])
    found = fused(g, np.full(4, 10.0), np.ones(4))
    np.testing.assert_array_equal(found, [np.nan, np.inf, -np.inf, np.inf])


@pytest.mark.parametrize(
    ("rule", "align", "x", "y"),
    [
        (Convention(), True, [-1, 0, 1], [0]),
        (Convention(), False, [-2 / 3, 0, 2 / 3], [0]),
        (Convention(one=-1.0), True, [-1, 0, 1], [-1]),
        (Convention(one=-1.0), False, [-2 / 3, 0, 2 / 3], [0]),
        (Convention(shrink=1.0, one=-1.0), False, [-1, 0, 1], [-1]),
        (Convention(unit="pixel"), False, [0, 1, 2], [0]),
        (Convention(unit="pixel", origin="corner"), False, [0.5, 1.5, 2.5], [0.5]),
        (Convention(unit="pixel", origin="centre"), False, [-1, 0, 1], [0]),
    ],
)
def test_lattice(rule, align, x, y):
    found = lattice(rule, (1, 3), align)
    np.testing.assert_array_equal(found[0], x)
    np.testing.assert_array_equal(found[1], y)


@pytest.mark.parametrize("align", [True, False])
def test_units_undo_pixels(align):
    rule, moved = Convention(), Numbers(6).integers((2, 5, 9, 2), -9, 9) / 4
    g = units(rule, moved, align, False)
    p = pixels(rule, g, (5, 9), align, False)
    np.testing.assert_allclose(p, lattice_pixels((5, 9)) + moved, rtol=0, atol=1e-14)
