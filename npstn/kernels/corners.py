"""The four texels of a point: their weighted sum, and its adjoints; for the points of a tile.

``w`` has the codes and weights of the points, see :mod:`.tile`. A plane of x has rows of ``step``
numbers, and texels of ``channels`` numbers. Indices are unsigned where it counts: Numba tests each
signed one for wrapping around.
"""

import numpy as np

from .eft import ONE, THREE, TWO, UNIT, inline, lanes
from .table import TILE
from .tile import CODE, X0, X1, Y0, Y1


def blend(v00, v01, v10, v11, w00, w01, w10, w11):
    """Sum of weight * texel. Diagonals first: it then has the symmetries of the square, in bits."""
    return (v00 * w00 + v11 * w11) + (v01 * w01 + v10 * w10)


def value(x, base, step, channels, y, k):
    """Texel (y, k) of a plane; 0 where it does not take part."""
    return np.float64(x[np.uint64(base + y * step + k * channels)]) if y >= 0 and k >= 0 else 0.0


@inline
def clear(a, at, count):
    """a[at : at + count] = 0."""
    for j in range(count):
        a[np.uint64(at + j)] = 0.0


@inline
def touch(a, base, step, count, w):
    """Read here and there where the points are going to: the memory then fetches it all at once."""
    upper = lower = 0.0
    for j in range(0, count, 4):
        at = np.int64(w[CODE + j])
        if at >= 0:
            at += base
            upper += np.float64(a[np.uint64(at)])
            lower += np.float64(a[np.uint64(at + step)])
    w[5 * TILE] = upper + lower  # or they would not be read


@inline
def collect(x, base, step, count, w, corners):
    """The four texels of every point inside a plane of one channel."""
    touch(x, base, step, count, w)
    for j in range(count):
        at = np.int64(w[CODE + j])
        if at >= 0:
            at += base
            corners[j] = x[np.uint64(at)]
            corners[TILE + j] = x[np.uint64(at + 1)]
            corners[2 * TILE + j] = x[np.uint64(at + step)]
            corners[3 * TILE + j] = x[np.uint64(at + step + 1)]


@inline
def blend_tile(count, w, corners, out, to):
    """All sums of a tile at once; 0 for points that are not inside."""
    for j in range(count):
        s = blend(
            np.float64(corners[j]),
            np.float64(corners[TILE + j]),
            np.float64(corners[2 * TILE + j]),
            np.float64(corners[3 * TILE + j]),
            w[Y0 + j] * w[X0 + j],
            w[Y0 + j] * w[X1 + j],
            w[Y1 + j] * w[X0 + j],
            w[Y1 + j] * w[X1 + j],
        )
        out[np.uint64(to + j)] = s if w[CODE + j] >= 0.0 else 0.0


@inline
def blend_channels(x, base, step, channels, count, w, out, to):
    """All sums of a tile of several channels, a few of them four at a time; 0 if not inside.

    What spills over at the end of a point belongs to the next one, which is written later.
    """
    touch(x, base, step, count, w)
    few, end = channels < 8, len(x) - step - 2 * channels - 2
    for j in range(count):
        at, of = np.int64(w[CODE + j]), to + j * channels
        if at >= 0:
            at += base
            w00, w01 = w[Y0 + j] * w[X0 + j], w[Y0 + j] * w[X1 + j]
            w10, w11 = w[Y1 + j] * w[X0 + j], w[Y1 + j] * w[X1 + j]
            if few and j + 1 < count and at < end:
                for c in range(0, channels, 4):
                    s0 = blend_at(x, at + c, step, channels, w00, w01, w10, w11)
                    s1 = blend_at(x, at + c + 1, step, channels, w00, w01, w10, w11)
                    s2 = blend_at(x, at + c + 2, step, channels, w00, w01, w10, w11)
                    s3 = blend_at(x, at + c + 3, step, channels, w00, w01, w10, w11)
                    out[np.uint64(of + c)], out[np.uint64(of + c + 1)] = s0, s1
                    out[np.uint64(of + c + 2)], out[np.uint64(of + c + 3)] = s2, s3
            else:
                for c in range(channels):
                    s0 = blend_at(x, at + c, step, channels, w00, w01, w10, w11)
                    out[np.uint64(of + c)] = s0
        else:
            clear(out, of, channels)


@inline
def blend_at(x, at, step, channels, w00, w01, w10, w11):
    """A channel of a cell: ``at`` is its first texel."""
    return blend(
        np.float64(x[np.uint64(at)]),
        np.float64(x[np.uint64(at + channels)]),
        np.float64(x[np.uint64(at + step)]),
        np.float64(x[np.uint64(at + step + channels)]),
        w00,
        w01,
        w10,
        w11,
    )


@inline
def scatter(total, to, step, channels, w00, w01, w10, w11, d_out, of):
    """Add weight * d_out to the four texels of a cell: ``to`` is its first."""
    d = np.float64(d_out[np.uint64(of)])
    total[np.uint64(to)] += w00 * d
    total[np.uint64(to + channels)] += w01 * d
    total[np.uint64(to + step)] += w10 * d
    total[np.uint64(to + step + channels)] += w11 * d


@inline
def scatter_three(total, to, step, w00, w01, w10, w11, d_out, of):
    """The same for three channels, whose texels have room for four: one instruction adds to all."""
    of = np.uint64(of)
    d0, d1, d2 = np.float64(d_out[of]), np.float64(d_out[of + ONE]), np.float64(d_out[of + TWO])
    add_three(total, to, w00, d0, d1, d2)
    add_three(total, to + 4, w01, d0, d1, d2)
    add_three(total, to + step, w10, d0, d1, d2)
    add_three(total, to + step + 4, w11, d0, d1, d2)


@inline
def add_three(total, at, weight, d0, d1, d2):
    """Add weight * d to a texel; the fourth number has no meaning.

    What it wrote is just what that for the next point reads: else that would have to wait.
    """
    at = np.uint64(at)
    s0, s1, s2, s3 = total[at], total[at + ONE], total[at + TWO], total[at + THREE]
    s0, s1, s2, s3 = s0 + weight * d0, s1 + weight * d1, s2 + weight * d2, s3 + weight * d2
    total[at], total[at + ONE], total[at + TWO], total[at + THREE] = s0, s1, s2, s3


def scatter_channels(total, to, step, channels, w00, w01, w10, w11, d_out, of):
    """The same for all channels."""
    for c in range(channels):
        scatter(total, to + c, step, channels, w00, w01, w10, w11, d_out, of + c)


@inline
def hand_out(total, of, room, d_x, to, width, channels):
    """A row of d_x from its sums, whose texels have ``room`` for more channels than there are."""
    if room == channels:
        for k in range(width * channels):
            d_x[np.uint64(to + k)] = total[np.uint64(of + k)]
    else:
        for k in range(width):
            for c in range(channels):
                d_x[np.uint64(to + k * channels + c)] = total[np.uint64(of + k * room + c)]


@inline
def products(x, base, step, channels, count, d_out, of, w, sums):
    """sums = products of d_out with the four texels of the points inside, summed over channels."""
    touch(x, base, step, count, w)
    for j in range(count):
        at, start = np.int64(w[CODE + j]), of + j * channels
        if at >= 0:
            at += base
            if channels < 4:
                s00 = s01 = s10 = s11 = 0.0
                for c in range(channels):
                    d = np.float64(d_out[np.uint64(start + c)])
                    s00 += d * np.float64(x[np.uint64(at + c)])
                    s01 += d * np.float64(x[np.uint64(at + channels + c)])
                    s10 += d * np.float64(x[np.uint64(at + step + c)])
                    s11 += d * np.float64(x[np.uint64(at + step + channels + c)])
            else:
                s00 = lanes(d_out, start, UNIT, x, at, UNIT, channels)
                s01 = lanes(d_out, start, UNIT, x, at + channels, UNIT, channels)
                s10 = lanes(d_out, start, UNIT, x, at + step, UNIT, channels)
                s11 = lanes(d_out, start, UNIT, x, at + step + channels, UNIT, channels)
            sums[j], sums[TILE + j], sums[2 * TILE + j], sums[3 * TILE + j] = s00, s01, s10, s11


@inline
def accumulate(sums, at, count, d_out, of, corners):
    """sums += d_out * texel of one channel, for the texels that were collected."""
    for j in range(count):
        d = np.float64(d_out[np.uint64(of + j)])
        for a in range(4):
            sums[np.uint64(at + a * TILE + j)] += d * np.float64(corners[a * TILE + j])


@inline
def slopes(count, sums, w, e):
    """e = d_p of the points of a tile, x first, from the products with their texels, or 0."""
    for j in range(count):
        d00, d01, d10, d11 = sums[j], sums[TILE + j], sums[2 * TILE + j], sums[3 * TILE + j]
        along = (d01 - d00) * w[Y0 + j] + (d11 - d10) * w[Y1 + j]
        across = (d10 - d00) * w[X0 + j] + (d11 - d01) * w[X1 + j]
        e[j], e[TILE + j] = (along, across) if w[CODE + j] >= 0.0 else (0.0, 0.0)


def chain(slope, derivative, weight):
    """slope * derivative; a slope of 0 wins over Inf and NaN texels, not over a NaN coordinate."""
    return 0.0 if slope == 0.0 and weight == weight else slope * derivative
