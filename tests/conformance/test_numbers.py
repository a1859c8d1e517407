"""The generator: published numbers of splitmix64, and the shapes and ranges of what is drawn."""

import numpy as np

from npstn.conformance._numbers import Numbers
from npstn.conformance._precision import rounded


def test_published_numbers():
    """Of the seed 1234567, as in the reference implementation's own test."""
    numbers = Numbers(1234567)
    first = [6457827717110365317, 3203168211198807973, 9817491932198370423]
    assert [numbers.bits() for _ in range(3)] == first


def test_ranges():
    numbers = Numbers(1)
    whole = numbers.integers((50, 4), -3, 3)
    assert (whole.shape, whole.dtype) == ((50, 4), np.float64)
    assert set(whole.reshape(-1)) == set(range(-3, 4))
    some = numbers.uniform((500,), -2.0, 6.0)
    assert -2 <= some.min() < -1.8 < 5.8 < some.max() < 6
    assert set(numbers.choice([1.0, 5.0], (40,))) == {1.0, 5.0}


def test_rounding_to_a_dtype():
    third = np.array([1 / 3, -1e-3, np.nan, np.inf, 1 + 2**-9 + 2**-30, 1 + 3 * 2**-8])
    brain = rounded(third, "bfloat16")
    assert brain.dtype == np.float32
    assert brain[0] == 0.333984375
    assert np.isnan(brain[2])
    assert brain[3] == np.inf
    assert brain[4:].tolist() == [1.0, 1 + 2**-6]  # to even, both
    assert rounded(third, "float16").dtype == np.float16
