"""The texels of a point, their weights and the order of their sums."""

import numpy as np
import pytest
from support import Numbers

from npstn.kernels import cell
from npstn.kernels.axis import BICUBIC, BILINEAR, BORDER, DROPPED, NEAREST, REFLECTION, ZEROS

pytestmark = pytest.mark.truth
NONE = np.empty((0, 0))


def find(p, size, rule):
    """The cell of the pixel point p = (x, y) or (x, y, z) in an input of ``size`` (W, H, D)."""
    point, rank = cell.scratch(), len(p)
    scale = np.array([[1.0, 0.0, 0.0]] * rank)
    where = np.empty((0, rank, rank + 1)), NONE, NONE, NONE, scale, np.array(p, float)
    with np.errstate(all="ignore"):
        number = cell.find(0, 0, 0, 0, 0, where, size, rule, point)
        weights = np.zeros(cell.MOST)
        cell.product(0, 0, 0, point, weights)
    return point[4][:number].tolist(), weights[:number]


def test_two_dimensions():
    texels, weights = find((1.25, 0.5), (4, 3, 1), (BILINEAR, ZEROS, 1))
    assert texels == [1, 2, 5, 6]
    assert weights.tolist() == [0.375, 0.125, 0.375, 0.125]
    texels, weights = find((-0.25, 2.0), (4, 3, 1), (BILINEAR, ZEROS, 1))
    assert texels == [DROPPED, 8, DROPPED, DROPPED]
    assert weights.tolist() == [0.25, 0.75, 0, 0]


def test_three_dimensions():
    texels, weights = find((1.0, 0.5, 0.75), (4, 3, 2), (BILINEAR, ZEROS, 1))
    assert texels == [1, 2, 5, 6, 13, 14, 17, 18]
    assert weights.tolist() == [0.125, 0, 0.125, 0, 0.375, 0, 0.375, 0]


@pytest.mark.parametrize("z", [0.0, -0.5, 1.25, -7.0, 9.0])
def test_slices_outside_are_left_out(z):
    texels, weights = find((1.25, 0.5, z), (4, 3, 2), (BILINEAR, ZEROS, 1))
    slices = [k for k in (np.floor(z), np.floor(z) + 1) if 0 <= k < 2]
    assert len(texels) == 4 * len(slices) == len(weights)


@pytest.mark.parametrize("at", [0, 1, 2])
@pytest.mark.parametrize("other", [0.5, -9.0, np.inf])
def test_a_nan_coordinate_is_in_every_weight(at, other):
    p = [other] * 3
    p[at] = np.nan
    texels, weights = find(p, (4, 3, 2), (BILINEAR, ZEROS, 1))
    assert len(texels) == 8
    assert set(texels) == {DROPPED}
    assert np.isnan(weights).all()


@pytest.mark.parametrize("padding", [ZEROS, BORDER, REFLECTION])
def test_sixteen_texels(padding):
    texels, weights = find((0.5, 1.5), (3, 4, 1), (BICUBIC, padding, 1))
    column = {ZEROS: [DROPPED, 0, 1, 2], BORDER: [0, 0, 1, 2], REFLECTION: [1, 0, 1, 2]}[padding]
    assert texels == [3 * y + x if x >= 0 else DROPPED for y in range(4) for x in column]
    ends, middle = -0.09375, 0.59375  # k(3/2) and k(1/2)
    line = np.array([ends, middle, middle, ends])
    assert (weights == np.outer(line, line).reshape(-1)).all()


def test_nearest():
    texels, weights = find((1.25, 0.5), (4, 3, 1), (NEAREST, ZEROS, 1))
    assert [t for t, w in zip(texels, weights, strict=True) if w] == [1]


@pytest.mark.parametrize("side", [2, 4])
def test_a_sum_has_the_symmetries_of_the_square(side):
    """Terms of very different sizes: any other order would be rounded in other places."""
    numbers = Numbers(72)
    for _ in range(40):
        terms = numbers.uniform((side, side)) * 2.0 ** np.round(
            numbers.uniform((side, side), 0, 50)
        )
        want = cell.total(terms.reshape(-1), side * side, 1)
        for turned in (terms[::-1], terms[:, ::-1], terms.T, terms[::-1, ::-1].T):
            assert cell.total(turned.reshape(-1), side * side, 1) == want
        assert abs(want - terms.sum()) <= 1e-14 * abs(terms).sum()


def test_a_sum_of_two_slices_and_of_none():
    terms = np.arange(1.0, 9.0)
    assert cell.total(terms, 8, 2) == 36
    assert cell.total(terms, 0, 0) == 0
