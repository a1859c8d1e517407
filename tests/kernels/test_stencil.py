"""Weights and values of the points of a tile, and the sums into their texels."""

from itertools import pairwise, product

import numpy as np
import pytest
from support import Numbers
from support.points import COUNT, KINDS, tile

from npstn.kernels import axis, near, stencil
from npstn.kernels.axis import BICUBIC, BILINEAR
from npstn.kernels.near import MOST, ROW
from npstn.kernels.tile import OUTSIDE

pytestmark = pytest.mark.truth


def of_rows(a, number):
    """The numbers of the points of a tile, a row for each point."""
    return a[: number * ROW].reshape(number, ROW)[:, :COUNT].T


@pytest.mark.parametrize(("rank", "mode"), KINDS)
def test_weights_are_products(rank, mode):
    work, _, _ = tile(rank, mode)
    axes, weights, many = np.zeros(36 * ROW), np.zeros(MOST * ROW), near.taps(mode)
    stencil.weigh(3, rank, COUNT, mode, work[0], axes)
    for orders in product(range(3), repeat=rank):
        stencil.product(*orders, *[0] * (3 - rank), rank, COUNT, mode, axes, weights)
        for j, found in enumerate(of_rows(weights, many**rank)):
            lines = []
            for a in range(rank):
                s, t, _ = work[0][near.PLACE + j + ROW * (3 * a + np.arange(3))]
                lines.append(np.array(axis.weights(mode, orders[a], s, t))[:many])
            want = np.multiply.outer(lines[1], lines[0])
            want = want if rank == 2 else np.multiply.outer(lines[2], want)
            assert (found == want.reshape(-1)).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("rank", "mode"), KINDS)
def test_gather(rank, mode, dtype):
    work, sizes, texels = tile(rank, mode)
    x = Numbers(92).uniform((2 * (sizes[0] + 3) * sizes[1] * sizes[2],)).astype(dtype)
    values, number = np.zeros(MOST * ROW), texels.shape[1]
    stencil.gather(x, len(x) // 2, COUNT, number, work, values)
    for found, at in zip(of_rows(values, number), texels, strict=True):
        want = [x[len(x) // 2 + t] if t >= 0 else 0 for t in at]
        if work[0][0] != OUTSIDE and (at >= 0).any():
            assert found.tolist() == want


@pytest.mark.parametrize(("groups", "channels"), [(1, 1), (3, 1), (6, 1), (1, 2), (1, 3), (1, 7)])
@pytest.mark.parametrize(("rank", "mode"), KINDS)
def test_sums_over_channels(rank, mode, groups, channels):
    """On whole numbers, where all sums are exact."""
    work, sizes, texels = tile(rank, mode, channels)
    numbers, number = Numbers(93), texels.shape[1]
    volume, plane = (sizes[0] * channels + 3) * sizes[1] * sizes[2], COUNT * channels
    x = numbers.integers((groups, volume), -9, 9)
    d = numbers.integers((groups, COUNT, channels), -9, 9)
    shape, sums, values = (groups, channels, volume, plane), np.zeros(MOST * ROW), np.zeros(6000)
    stencil.against(x.ravel(), 0, shape, d.ravel(), 0, COUNT, number, work, values, sums)
    for j, (found, at) in enumerate(zip(of_rows(sums, number), texels, strict=True)):
        for q, t in enumerate(at):
            if t >= 0:
                assert found[q] == (d[:, j] * x[:, t : t + channels]).sum()
            elif (at >= 0).any():
                assert found[q] == 0


@pytest.mark.parametrize(("groups", "channels"), [(1, 1), (3, 1), (6, 1), (1, 2), (1, 3), (1, 7)])
@pytest.mark.parametrize(("rank", "mode"), KINDS)
def test_sums_into_texels(rank, mode, groups, channels):
    """The transpose, by bands; three channels have room for four."""
    step = 4 if channels == 3 else channels
    work, sizes, texels = tile(rank, mode, step)
    numbers, number = Numbers(94), texels.shape[1]
    row = sizes[0] * step + 3
    volume, plane = row * sizes[1] * sizes[2], COUNT * channels
    d = numbers.integers((groups, COUNT, channels), -9, 9)
    weights, want = np.zeros(MOST * ROW), np.zeros((groups, volume))
    of_rows(weights, number)[:] = numbers.integers((COUNT, number), -9, 9)
    counts = np.zeros(volume, bool)
    for j, at in enumerate(texels):
        for q, t in enumerate(at):
            if t >= 0:
                want[:, t : t + channels] += of_rows(weights, number)[j, q] * d[:, j]
                counts[t : t + channels] = True
    for bands in ([0, volume], [0, row, 3 * row, volume]):
        total = np.zeros((groups, volume))
        for low, high in pairwise(bands):
            part = np.zeros(groups * (high - low))
            form = groups, channels, high - low, plane
            args = d.ravel(), 0, COUNT, number, form, low, high, work, part
            stencil.scatter(weights, *args)
            total[:, low:high] = part.reshape(groups, -1)
        assert (total == want)[:, counts].all()
        assert not total[:, ~counts].any() or step == 4


def test_sums_into_a_texel_have_the_order_of_the_points():
    work, _, texels = tile(2, BILINEAR)
    same = int(texels.max())
    work[0][:COUNT], work[3][:4] = same, 0  # all four texels of all points are one
    weights, d, d_x = np.ones(MOST * ROW), 2.0 ** -np.arange(0, 60, 60 / COUNT), np.zeros(same + 9)
    d[0] = 2.0**30
    want = 0.0
    for part in np.repeat(d, 4):
        want += part
    assert want != sum(np.repeat(d, 4)[::-1])
    shape = 1, 1, len(d_x), COUNT
    stencil.scatter(weights, d, 0, COUNT, 4, shape, 0, len(d_x), work, d_x)
    assert d_x[same] == want


@pytest.mark.parametrize(("groups", "channels"), [(1, 1), (3, 1), (6, 1), (1, 2), (1, 3), (1, 7)])
def test_sums_over_channels_begin_with_0(groups, channels):
    """So a sum of negative zeros is 0, in every layout."""
    work, sizes, texels = tile(2, BICUBIC, channels)
    volume = (sizes[0] * channels + 3) * sizes[1]
    shape, sums = (groups, channels, volume, COUNT * channels), np.full(MOST * ROW, 7.0)
    d, x = np.full(groups * COUNT * channels, -0.0), np.ones(groups * volume)
    stencil.against(x, 0, shape, d, 0, COUNT, 16, work, np.zeros(6000), sums)
    found = of_rows(sums, 16)[(texels >= 0).any(1)]
    assert not found.any()
    assert not np.signbit(found).any()
