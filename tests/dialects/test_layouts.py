"""Arrangements of axes, there and back."""

import numpy as np
import pytest

from npstn.dialects import ROWS
from npstn.dialects._layouts import canonical, original, spatial


def words():
    rules = [f.convention for row in ROWS for f in row.functions]
    found = {
        (word, rank) for rule in rules for word in rule.layout.split("|") for rank in rule.ranks
    }
    return sorted(found | {(rule.points, rank) for rule in rules for rank in rule.ranks})


@pytest.mark.parametrize(("word", "rank"), words())
def test_there_and_back(word, rank):
    shape = [n for letter in word for n in {"N": [2], "*": [3, 4, 5][:rank]}.get(letter, [6])]
    a = np.arange(np.prod(shape), dtype=float).reshape(shape)
    found = canonical(a, word)
    batch, last = (2 if "N" in word else 1), (6 if set("CR") & set(word) else 1)
    assert found.shape == (batch, *[3, 4, 5][:rank], last)
    assert spatial(word, a.ndim) == rank
    np.testing.assert_array_equal(original(found, word), a)
    assert original(found, word).flags.c_contiguous


def test_an_axis_goes_where_its_letter_is():
    a = np.arange(24.0).reshape(2, 3, 4)
    np.testing.assert_array_equal(canonical(a, "C*"), a.transpose(1, 2, 0)[None])
    np.testing.assert_array_equal(canonical(a, "*C"), a[None])
    np.testing.assert_array_equal(canonical(a, "N*"), a[..., None])
    np.testing.assert_array_equal(canonical(a[0], "*"), a[0][None, ..., None])
