"""The comparator: what it allows, and that it sees what is beyond."""

from fractions import Fraction

import numpy as np
import pytest

from npstn.contract import U
from npstn.oracle.bounds import ratios
from npstn.oracle.exact import Term


def term(value, magnitude, count=1):
    arrays = (np.array([number], dtype=object) for number in (value, magnitude))
    return Term(*arrays, np.array([count]))


def ratio(found, of, factor=8, dtype=np.float64, **more):
    return ratios(np.array([found], dtype), of, lambda n: factor + n, **more).item()


def test_the_unit_is_the_magnitude():
    """Three units off, where nine are allowed of 2: the value itself may be 0."""
    found = 3 * 2.0**-53
    assert ratio(found, term(Fraction(0), Fraction(2))) == pytest.approx(3 / 18)
    assert ratio(found, term(Fraction(0), Fraction(2), 6)) == pytest.approx(3 / 28)
    assert ratio(found, term(Fraction(0), Fraction(0)), slack=6) == pytest.approx(3 / 6)
    assert ratio(found, term(Fraction(0), Fraction(0)), floor=4 * U) == pytest.approx(3 / 4)
    assert ratio(2.0**-1070, term(Fraction(0), Fraction(0))) == 1


def test_float32_has_half_a_unit_more():
    third = term(Fraction(1, 3), Fraction(0))
    assert 0.5 < ratio(np.float32(1 / 3), third, dtype=np.float32) <= 1
    assert ratio(np.nextafter(np.float32(1 / 3), np.float32(1)), third, dtype=np.float32) > 1


@pytest.mark.parametrize("strange", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_never_right(strange):
    assert ratio(strange, term(Fraction(0), Fraction(0))) == np.inf
    assert ratio(strange, term(Fraction(2), Fraction(2))) == np.inf


def test_far_off_and_shapes():
    assert ratio(1.0, term(Fraction(0), Fraction(0))) > 1e250
    assert ratio(0.0, term(Fraction(1), Fraction(1))) > 1e14
    assert ratios(np.zeros((1, 1)), term(Fraction(0), Fraction(0)), lambda _: 1).shape == (1, 1)
    with pytest.raises(ValueError, match=r"shape \(2,\).*\(1,\): expected as many"):
        ratios(np.zeros(2), term(Fraction(0), Fraction(0)), lambda _: 1)


def test_the_largest_number_has_a_unit():
    largest = np.finfo(np.float32).max
    with np.errstate(all="raise"):
        assert ratio(largest, term(Fraction(float(largest)), Fraction(0)), dtype=np.float32) == 0
        below = Fraction(float(largest)) - 2**104
        assert ratio(largest, term(below, Fraction(0)), dtype=np.float32) == pytest.approx(2)
