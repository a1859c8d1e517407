"""The order of the sums over texels: their symmetries, and what takes no part."""

import numpy as np
import pytest
from support import Numbers
from support.points import COUNT, KINDS, tile

from npstn.kernels import near, stencil, sums
from npstn.kernels.axis import BICUBIC, BILINEAR
from npstn.kernels.near import CODE, MOST, ROW, TAKEN
from npstn.kernels.tile import OUTSIDE

pytestmark = pytest.mark.truth


def total(terms, taken=(1, 1), code=0.0):
    """The sum of the terms of a point, all of weight 1."""
    w, values, found = np.zeros(near.ROWS), np.zeros(MOST * ROW), np.zeros(ROW)
    values[: len(terms) * ROW : ROW] = terms
    w[CODE], w[TAKEN], w[TAKEN + ROW] = code, *taken
    sums.total(1, len(terms), w, np.ones(MOST * ROW), values, found)
    return found[0]


@pytest.mark.parametrize("side", [2, 4])
def test_a_sum_has_the_symmetries_of_the_square(side):
    """Terms of very different sizes: any other order would be rounded in other places."""
    numbers = Numbers(72)
    for _ in range(40):
        scale = 2.0 ** np.round(numbers.uniform((side, side), 0, 50))
        terms = numbers.uniform((side, side)) * scale
        want = total(terms.reshape(-1))
        for turned in (terms[::-1], terms[:, ::-1], terms.T, terms[::-1, ::-1].T):
            assert total(turned.reshape(-1)) == want
        assert abs(want - terms.sum()) <= 1e-14 * abs(terms).sum()


def test_slices_that_take_no_part_add_nothing():
    terms = np.arange(1.0, 9.0)
    assert total(terms) == 36
    assert total(terms, (1, 0)) == 10
    assert total(terms, (0, 1)) == 26
    terms[4:] = np.inf
    assert total(terms, (1, 0)) == 10
    assert np.signbit(total(np.repeat([-0.0, 3.0], 4), (1, 0)))


@pytest.mark.parametrize("number", [1, 4, 8, 16])
def test_a_point_outside_is_0(number):
    assert total(np.full(number, np.nan), code=OUTSIDE) == 0


def test_nearest_has_no_negative_zero():
    assert total(np.array([3.0])) == 3
    assert not np.signbit(total(np.array([-0.0])))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("channels", [2, 3, 4, 5, 9])
def test_channels_side_by_side_are_as_one_by_one(channels, dtype):
    work, sizes, _ = tile(2, BICUBIC, channels)
    numbers, image = Numbers(95), (sizes[0] * channels + 3) * sizes[1]
    x = numbers.uniform((2 * image,)).astype(dtype)
    weights, values, s = numbers.uniform((MOST * ROW,)), np.zeros(MOST * ROW), np.zeros(ROW)
    for base in (0, image):  # at the end of x there is no room to spill
        found = np.full(COUNT * channels + 4, np.nan)
        sums.blend(x, base, channels, COUNT, work, weights, values, found)
        for c in range(channels):
            stencil.gather(x, base + c, COUNT, 16, work, values)
            sums.total(COUNT, 16, work[0], weights, values, s)
            assert (found[c : COUNT * channels : channels] == s[:COUNT]).all()


@pytest.mark.parametrize(("rank", "mode"), [k for k in KINDS if k[1] == BILINEAR])
def test_differences_are_sums_by_derived_weights(rank, mode):
    """Exactly, on whole numbers and eighths."""
    work, _, _ = tile(rank, mode)
    w, numbers, number = work[0], Numbers(96), 2**rank
    axes, values = np.zeros(36 * ROW), np.zeros(MOST * ROW)
    stencil.weigh(2, rank, COUNT, mode, w, axes)
    axes[:] = np.round(axes * 8) / 8
    values[: number * ROW] = numbers.integers((number * ROW,), -99, 99)
    for a in range(rank):
        orders = [int(a == b) for b in range(3)]
        weights, want, e = np.zeros(MOST * ROW), np.zeros(ROW), np.zeros(ROW)
        stencil.product(*orders, rank, COUNT, mode, axes, weights)
        sums.total(COUNT, number, w, weights, values, want)
        sums.differences(a, rank, COUNT, w, axes, values, e)
        taken = np.minimum(w[TAKEN : TAKEN + COUNT], w[TAKEN + ROW : TAKEN + ROW + COUNT]) == 1
        here = taken | (w[CODE : CODE + COUNT] == OUTSIDE) | (rank == 2)
        assert here.sum() > 10
        assert (e[:COUNT] == want[:COUNT])[here].all()


def test_differences_of_equal_numbers_are_0_whatever_their_weights():
    work, _, _ = tile(3, BILINEAR)
    axes, values, e = np.full(36 * ROW, 0.1), np.full(MOST * ROW, 1 / 3), np.ones(ROW)
    for a in range(3):
        sums.differences(a, 3, COUNT, work[0], axes, values, e)
        assert not e[:COUNT].any()


@pytest.mark.parametrize("absent", [0, 1])
def test_a_slice_that_takes_no_part_adds_not_even_a_sign(absent):
    w, axes, values, e = np.zeros(near.ROWS), np.full(36 * ROW, 0.5), np.zeros(8 * ROW), np.ones(1)
    w[TAKEN + (1 - absent) * ROW] = 1.0
    for a, to in ((0, (1, 3)), (1, (2, 3))):
        values[:] = 0.0
        for q in to:
            values[[q * ROW, (q + 4) * ROW]] = -0.0
        sums.differences(a, 3, 1, w, axes, values, e)
        assert e[0] == 0.0
        assert np.signbit(e[0])
