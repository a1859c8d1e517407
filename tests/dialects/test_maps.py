"""Maps: their forms, directions and points, and the adjoints of these."""

import numpy as np
import pytest
from support import Numbers

from npstn.dialects._maps import FORMS, Mapped, Maps
from npstn.dialects.row import Convention

SIZES = {2: (3, 4), 3: (2, 3, 4)}
FORMS_AND_RANKS = [("affine", 2), ("affine", 3), ("eight", 2), ("homogeneous", 2)]


def parameters(form, rank, numbers, n=2):
    """Maps near the identity."""
    m = np.tile(np.eye(rank + 1), (n, 1, 1)) + 0.1 * numbers.uniform((n, rank + 1, rank + 1))
    if form != "homogeneous":
        m[:, -1, -1] = 1.0
    return m.reshape(n, -1)[:, : FORMS[form](rank)]


def mapped(rule, given, rank, faithful=False):
    maps = Maps(rule, "theta", given, rank)
    m = maps.matrices()
    return maps, Mapped(rule, m, SIZES[rank], True, np.dtype(np.float64), faithful)


@pytest.mark.parametrize(
    ("form", "rank", "numbers"),
    [("affine", 2, 6), ("affine", 3, 12), ("eight", 2, 8), ("homogeneous", 2, 9)],
)
def test_numbers_of_forms(form, rank, numbers):
    assert FORMS[form](rank) == numbers


def test_a_form_fills_the_last_row():
    six, eight = np.arange(1.0, 7), np.arange(1.0, 9)
    m = Maps(Convention(), "M", six[None], 2).matrices()
    np.testing.assert_array_equal(m, [[[1, 2, 3], [4, 5, 6], [0, 0, 1]]])
    m = Maps(Convention(form="eight"), "M", eight[None], 2).matrices()
    np.testing.assert_array_equal(m, [[[1, 2, 3], [4, 5, 6], [7, 8, 1]]])


def test_rows_and_columns_of_ij_are_turned():
    m = Maps(Convention(order="ij"), "M", np.arange(1.0, 7)[None], 2).matrices()
    np.testing.assert_array_equal(m, [[[5, 4, 6], [2, 1, 3], [0, 0, 1]]])


def test_push_is_inverted():
    """Twice as wide and one to the right: from output to input, x/2 − 1/2."""
    rule = Convention(unit="pixel", direction="push")
    maps, points = mapped(rule, np.array([[2.0, 0, 1, 0, 1, 0]]), 2)
    np.testing.assert_array_equal(maps.matrices()[0], [[0.5, 0, -0.5], [0, 1, 0], [0, 0, 1]])
    np.testing.assert_array_equal(points.points[0, 1, :, 0], [-0.5, 0, 0.5, 1])


def test_homogeneous_points_are_divided():
    rule = Convention(unit="pixel", form="eight")
    _, points = mapped(rule, np.array([[1.0, 0, 2, 0, 1, 0, 1, 0]]), 2)
    np.testing.assert_array_equal(points.points[0, 2, 3], [5 / 4, 2 / 4])


def test_fixed_point():
    """In 1/1024: 0.3 j is 0, 307, 614, 922, and 0.01 is 10; 16 is added, and 1/32 is 32 of them."""
    rule = Convention(unit="pixel", quantum=1 / 32, matrix_quantum=1 / 1024)
    given = np.array([[0.3, 0, 0.01, 0, 1, 0]])
    _, points = mapped(rule, given, 2, faithful=True)
    np.testing.assert_array_equal(points.points[0, 0, :, 0] * 32, [0, 10, 20, 29])
    _, points = mapped(rule, given, 2)
    np.testing.assert_allclose(points.points[0, 0, :, 0], [0.01, 0.31, 0.61, 0.91], atol=1e-15)


@pytest.mark.parametrize("order", ["xy", "ij"])
@pytest.mark.parametrize("direction", ["pull", "push"])
@pytest.mark.parametrize(("form", "rank"), FORMS_AND_RANKS)
def test_adjoint(form, rank, direction, order):
    """<A t, d> = <t, A* d>, where A is the derivative, by central differences of step 1e-5."""
    rule = Convention(unit="pixel", form=form, direction=direction, order=order)
    numbers = Numbers(9)
    given = parameters(form, rank, numbers)
    t = numbers.uniform(given.shape)
    maps, points = mapped(rule, given, rank)
    d = numbers.uniform(points.points.shape)
    h = 1e-5
    ahead, behind = (mapped(rule, given + s * t, rank)[1].points for s in (h, -h))
    found = float((maps.vjp(points.vjp(d)) * t).sum())
    assert found == pytest.approx(float(((ahead - behind) / (2 * h) * d).sum()), rel=1e-7)


@pytest.mark.parametrize("rank", [2, 3])
def test_adjoint_of_what_is_linear(rank):
    rule, numbers = Convention(), Numbers(10)
    t = numbers.integers((2, rank * (rank + 1)), -4, 4).astype(float)
    maps, points = mapped(rule, t, rank)
    d = numbers.integers(points.points.shape, -4, 4).astype(float)
    found = float((maps.vjp(points.vjp(d)) * t).sum())
    assert found == pytest.approx(float((points.points * d).sum()), rel=1e-14)
