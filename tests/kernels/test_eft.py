"""Error-free transformations: the exact sum or product, also of numbers that cancel."""

from fractions import Fraction

import numpy as np
import pytest
from support import Numbers

from npstn.kernels import eft

pytestmark = pytest.mark.truth

NUMBERS = Numbers(20)
PAIRS = [
    *NUMBERS.uniform((50, 2)).tolist(),
    *(NUMBERS.uniform((50, 2)) * [1e16, 1]).tolist(),
    *(NUMBERS.uniform((50, 2)) * [1e-30, 1]).tolist(),
    [1.0, -1.0],
    [1.0, 2.0**-53],
    [1 + 2.0**-52, -1.0],
    [0.0, 3.0],
]


def exact(*terms):
    return sum(map(Fraction, terms), Fraction(0))


@pytest.mark.parametrize("pair", PAIRS)
def test_sums_and_products_are_exact(pair):
    a, b = pair
    s, e = eft.two_sum(a, b)
    assert (s, exact(s, e)) == (a + b, exact(a, b))
    p, e = eft.two_product(a, b)
    assert (p, exact(p, e)) == (a * b, Fraction(a) * Fraction(b))
    a, b = sorted(pair, key=abs, reverse=True)
    assert eft.fast_two_sum(a, b) == eft.two_sum(a, b)
    h, low = eft.split(a)
    assert exact(h, low) == exact(a)
    assert h * h == Fraction(h) ** 2  # 26 bits


def test_fast_two_sum_of_zero():
    assert eft.fast_two_sum(0.0, 1e-300) == (1e-300, 0.0)


@pytest.mark.filterwarnings("ignore:invalid")
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_distill_leaves_no_number_of_terms_that_are_none(value):
    v = np.array([1.0, value, 2.0])
    eft.distill(v)
    assert not np.isfinite(v[0])


@pytest.mark.parametrize("seed", range(20))
def test_distill_keeps_the_sum_and_separates_the_terms(seed):
    numbers = Numbers(seed)
    v = numbers.uniform((5,)) * 2.0 ** numbers.integers((5,), -60, 60)
    if seed % 3 == 0:
        v[3] = -v[0]
    want = exact(*v)
    eft.distill(v)
    assert exact(*v) == want
    assert all(abs(v[q + 1]) <= np.spacing(abs(v[q])) / 2 for q in range(4) if v[q + 1] != 0.0)
    assert all(v[q] != 0.0 or v[q + 1] == 0.0 for q in range(4))
