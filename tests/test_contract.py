"""The constants of the contract, and how they add up to a bound."""

import pytest

from npstn import contract
from npstn.contract import Bound, bound


@pytest.mark.parametrize(
    ("found", "factor", "text"),
    [
        (bound("out"), 8, "8u·M"),
        (bound("out", "nearest", 3), 8, "8u·M"),
        (bound("out", "bilinear", 3), 12, "12u·M"),
        (bound("out", "bicubic"), 24, "24u·M"),
        (bound("out", "bicubic", 3), 36, "36u·M"),
        (bound("d_x"), 100 + 6, "(n + 6)u·M"),
        (bound("d_grid"), 3 + 8, "(C + 8)u·M"),
        (bound("d_theta"), 3 + 11 + 8, "(C + Ho + Wo + 8)u·M"),
        (bound("d_theta", rank=3), 100 + 3 + 10, "(n + C + 10)u·M"),
        (bound("t_out"), 100 + 3 + 10, "(n + C + 10)u·M"),
        (bound("dd_grid", "bicubic"), 100 + 3 + 20, "(n + C + 20)u·M"),
        (bound("d_x", "bicubic", 3), 100 + 3 + 30, "(n + C + 30)u·M"),
    ],
    ids=str,
)
def test_bounds(found, factor, text):
    """Of 100 terms and 3 channels, in an output of 5 x 6."""
    assert found.factor(100, 3, (5, 6)) == factor
    assert str(found) == text


def test_nothing_counts_by_default():
    assert Bound(7).factor(100, 3, (5, 6)) == 7
    assert bound("d_theta").factor(100, 0, (5, 6)) == 11 + 8


def test_names_are_public():
    assert set(contract.__all__) >= {"Bound", "bound", "FLOOR", "SLACK", "U"}


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("d_y",), "result is 'd_y', expected one of out, d_x"),
        (("out", "linear"), "mode is 'linear' and rank 2, expected one of"),
        (("d_x", "bilinear", 4), "mode is 'bilinear' and rank 4"),
    ],
)
def test_no_such_bound(asked, said):
    with pytest.raises(ValueError, match=said):
        bound(*asked)
