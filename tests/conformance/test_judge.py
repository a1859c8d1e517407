"""The judge: errors over what is allowed, exactly."""

from fractions import Fraction

import numpy as np

from npstn.conformance.answers import Answer
from npstn.conformance.judge import MOST, judge


def answer(value, *, low=0.0, high=0.0, arithmetic=0.0, coordinate=0.0, also=None):
    one = np.ones(1)
    values = np.array([value], object)
    rest = (np.array([a]) for a in (low, high, arithmetic, coordinate))
    also = None if also is None else np.array([also])
    return Answer(values, one, one.astype(int), *rest, also)


def ratio(got, *args, exact=False, **given):
    return float(judge(np.array([got]), answer(*args, **given), exact=exact).ratio[0])


def test_ratios():
    assert ratio(1.5, Fraction(1), arithmetic=0.25, coordinate=0.25) == 1
    assert ratio(0.5, Fraction(1), arithmetic=0.25) == 2
    assert ratio(1.0, Fraction(1)) == 0
    assert ratio(1.0 + 2**-52, Fraction(1)) == MOST
    third = Fraction(1, 3)
    assert ratio(1 / 3, third, exact=True) == MOST  # the nearest number is not the answer
    assert np.isclose(ratio(1 / 3, third, arithmetic=1e-17), float(third - Fraction(1 / 3)) * 1e17)


def test_sides():
    sides = {"low": -2.0, "high": 1.0}
    for got, expected in ((-1.0, 0), (2.0, 0), (0.0, 0), (2.5, 1), (-1.75, 1.5)):
        assert ratio(got, Fraction(1), arithmetic=0.5, **sides) == expected
    found = judge(np.array([0.0]), answer(Fraction(1), arithmetic=0.5, **sides))
    assert found.beside.all()
    assert not judge(np.array([1.0]), answer(Fraction(1), arithmetic=0.5, **sides)).beside.any()
    found = judge(np.array([1.0]), answer(Fraction(1), arithmetic=1.0, coordinate=3.0))
    assert found.coordinate[0] == 0.75


def test_what_is_not_finite():
    nan, inf = float("nan"), float("inf")
    assert ratio(nan, nan) == 0
    assert ratio(inf, inf) == 0
    assert ratio(1.0, nan) == MOST
    assert ratio(nan, Fraction(1), arithmetic=1.0) == MOST
    assert ratio(nan, Fraction(1), low=-inf, high=inf) == 0  # anything
    assert ratio(nan, Fraction(1), also=nan) == 0
    assert ratio(2.0, Fraction(1), also=2.0) == 0
