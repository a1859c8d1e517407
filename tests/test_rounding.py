"""Rounding to 16 bits, once."""

from fractions import Fraction

import numpy as np
import pytest

from npstn._rounding import narrowed, odd, widened


def to_even(v, digits, least):
    """A number rounded to so many digits, by fractions."""
    exact = Fraction(v)
    if exact == 0:
        return 0.0
    power = max(int(np.floor(np.log2(abs(v)))), least) - digits + 1
    return float(round(exact / Fraction(2) ** power) * Fraction(2) ** power)


@pytest.mark.parametrize(("digits", "least", "name"), [(8, -126, "bfloat16"), (11, -14, "float16")])
def test_one_rounding(digits, least, name):
    """Numbers beside the middle of two: another rounding on the way would lose the side."""
    rng = np.random.default_rng(1)
    base = rng.uniform(1, 2, 200) * 2.0 ** rng.integers(-12, 12, 200)
    kept = np.array([to_even(v, digits, least) for v in base])
    half = np.spacing(kept) * 2.0 ** (52 - digits)
    a = np.concatenate(
        [base, kept + half, kept + half * (1 + 2.0**-40), kept + half * (1 - 2.0**-40)]
    )
    a = np.concatenate([a, -a, [0.0, 1e-30 if name == "bfloat16" else 1e-7]])
    want = [to_even(v, digits, least) for v in a]
    if name == "float16":
        found = narrowed(a, "float16").astype(float)
    else:
        bits = odd(a).view(np.uint32)
        even = (bits + 0x7FFF + ((bits >> 16) & 1)) & np.uint32(0xFFFF0000)
        found = even.view(np.float32).astype(float)
    assert (found == want).all()


def test_what_is_not_finite_and_what_is_wide_enough():
    a = np.array([np.inf, -np.inf, np.nan, 1e300, -0.0])
    assert odd(a)[3] == np.finfo(np.float32).max  # which rounds to Inf in 8 digits
    assert np.isnan(odd(a)[2])
    assert (odd(a)[:2] == a[:2]).all()
    assert np.signbit(odd(a)[4])
    single = np.ones(3, np.float32)
    assert narrowed(single, np.float32) is single
    assert widened(single) is single
    assert widened(np.float16([1.5])).dtype == np.float64
    assert narrowed(np.array([1e9]), "float16") == np.inf
