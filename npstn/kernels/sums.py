"""Weighted sums over the texels of the points of a tile, and their slopes.

What there is of each point and texel comes in rows: see :mod:`.stencil`.
"""

import numpy as np

from .eft import ONE, THREE, TWO, UNIT, ZERO, inline
from .near import CODE, MOST, ROW, TAKEN
from .tile import OUTSIDE, RULED

FOUR = np.int64(4)


def total(count, number, w, weights, values, sums):
    """Sums of weight * value over the texels; 0 for points that are OUTSIDE."""
    if number == 16:
        for j in range(count):
            s = sixteen(values, j, ROW, 4 * ROW, weights, j)
            sums[np.uint64(j)] = s if w[np.uint64(CODE + j)] != OUTSIDE else 0.0
    elif number == 8:
        for j in range(count):
            s = eight(values, weights, w, j)
            sums[np.uint64(j)] = s if w[np.uint64(CODE + j)] != OUTSIDE else 0.0
    elif number == 4:
        for j in range(count):
            s = four(values, weights, j)
            sums[np.uint64(j)] = s if w[np.uint64(CODE + j)] != OUTSIDE else 0.0
    else:
        for j in range(count):
            s = term(values, j, weights, j) + 0.0
            sums[np.uint64(j)] = s if w[np.uint64(CODE + j)] != OUTSIDE else 0.0


@inline
def term(x, at, weights, of):
    """Weight times value of a texel."""
    return weights[np.uint64(of)] * np.float64(x[np.uint64(at)])


@inline
def pair(x, at, across, weights, of, other):
    """The sum over two texels that lie across the middle from each other."""
    return term(x, at, weights, of) + term(x, across, weights, other)


@inline
def four(values, weights, j):
    """The sum over a slice of 2 x 2 texels, or rows j, j + ROW, j + 2 * ROW and j + 3 * ROW.

    Here and below every sum is of two numbers that a flip or a transposition swaps.
    """
    s = pair(values, j, j + 3 * ROW, weights, j, j + 3 * ROW)
    return s + pair(values, j + ROW, j + 2 * ROW, weights, j + ROW, j + 2 * ROW)


@inline
def eight(values, weights, w, j):
    """The sum over two slices, of those that take part."""
    s, t = four(values, weights, j), four(values, weights, j + 4 * ROW)
    s = s if w[np.uint64(TAKEN + j)] != 0.0 else -0.0  # adds nothing, not even a sign
    return s + (t if w[np.uint64(TAKEN + ROW + j)] != 0.0 else -0.0)


@inline
def sixteen(x, at, right, down, weights, j):
    """The sum over 4 x 4 texels: ``right`` and ``down`` lead from one to the next."""
    end, last = at + 3 * down + 3 * right, j + 15 * ROW
    s = pair(x, at, end, weights, j, last)
    s += pair(x, at + 3 * right, end - 3 * right, weights, j + 3 * ROW, last - 3 * ROW)
    t = pair(x, at + down + right, end - down - right, weights, j + 5 * ROW, last - 5 * ROW)
    s += t + pair(
        x, at + down + 2 * right, end - down - 2 * right, weights, j + 6 * ROW, last - 6 * ROW
    )
    t = pair(x, at + right, end - right, weights, j + ROW, last - ROW)
    t += pair(x, at + 2 * right, end - 2 * right, weights, j + 2 * ROW, last - 2 * ROW)
    r = pair(x, at + down, end - down, weights, j + 4 * ROW, last - 4 * ROW)
    r += pair(
        x, at + down + 3 * right, end - down - 3 * right, weights, j + 7 * ROW, last - 7 * ROW
    )
    return s + (t + r)


def blend(x, base, channels, count, work, weights, values, sums):
    """sums = those of weight * texel of 4 x 4 over all channels of the points, the last axis of x.

    Four channels at a time: what spills over at the end of a point belongs to the next one.
    """
    w, texels, step, offsets, _, _, _ = work
    end = len(x) - offsets[MOST - 1] - channels - 4
    for j in range(count):
        code, of = w[np.uint64(CODE + j)], j * channels
        at = base + np.int64(code)
        if code >= 0.0 and at < end:
            for c in range(0, channels, 4):
                if x.itemsize == 8:
                    right, down = step[0], step[1]
                    s0 = sixteen(x, at + c, right, down, weights, j)
                    s1 = sixteen(x, at + c + 1, right, down, weights, j)
                    s2 = sixteen(x, at + c + 2, right, down, weights, j)
                    s3 = sixteen(x, at + c + 3, right, down, weights, j)
                else:  # LLVM does not convert and blend four at a time, unless in two steps
                    for q in range(MOST):
                        copy_four(x, at + c + offsets[np.uint64(q)], values, 4 * q)
                    s0 = sixteen(values, ZERO, FOUR, 4 * FOUR, weights, j)
                    s1 = sixteen(values, UNIT, FOUR, 4 * FOUR, weights, j)
                    s2 = sixteen(values, UNIT + UNIT, FOUR, 4 * FOUR, weights, j)
                    s3 = sixteen(values, FOUR - UNIT, FOUR, 4 * FOUR, weights, j)
                sums[np.uint64(of + c)], sums[np.uint64(of + c + 1)] = s0, s1
                sums[np.uint64(of + c + 2)], sums[np.uint64(of + c + 3)] = s2, s3
            continue
        for c in range(channels):
            for q in range(MOST if code != OUTSIDE else 0):
                texel = texels[q * ROW + j] if code == RULED else np.int64(code) + offsets[q]
                values[4 * q] = x[base + texel + c] if texel >= 0 else 0.0
            s = sixteen(values, ZERO, FOUR, 4 * FOUR, weights, j)
            sums[np.uint64(of + c)] = s if code != OUTSIDE else 0.0


@inline
def copy_four(x, at, values, to):
    """values[to : to + 4] = x[at : at + 4]."""
    at, to = np.uint64(at), np.uint64(to)
    v0, v1, v2, v3 = x[at], x[at + ONE], x[at + TWO], x[at + THREE]
    values[to], values[to + ONE], values[to + TWO], values[to + THREE] = v0, v1, v2, v3


def differences(a, rank, count, w, axes, sums, e):
    """e = derivative by axis a of the sum of weight * sums of a linear kernel, or 0 if OUTSIDE.

    Differences come first, slice by slice, as in two dimensions: see :func:`.corners.slopes`.
    """
    for j in range(count):
        if a == 2:
            s = rise(sums, j, 0) * (axes[np.uint64(12 * ROW + j)] * axes[np.uint64(j)])
            s += rise(sums, j, 3) * (axes[np.uint64(13 * ROW + j)] * axes[np.uint64(ROW + j)])
            t = rise(sums, j, 1) * (axes[np.uint64(12 * ROW + j)] * axes[np.uint64(ROW + j)])
            t += rise(sums, j, 2) * (axes[np.uint64(13 * ROW + j)] * axes[np.uint64(j)])
            s += t
        else:
            s = incline(sums, axes, a, j, 0)
            if rank == 3:
                s2 = incline(sums, axes, a, j, 4) * axes[np.uint64(25 * ROW + j)]
                s *= axes[np.uint64(24 * ROW + j)]
                s = s if w[np.uint64(TAKEN + j)] != 0.0 else -0.0
                s += s2 if w[np.uint64(TAKEN + ROW + j)] != 0.0 else -0.0
        e[np.uint64(j)] = s if w[np.uint64(CODE + j)] != OUTSIDE else 0.0


@inline
def rise(sums, j, q):
    """From texel q of the first slice to that of the second."""
    return sums[np.uint64((q + 4) * ROW + j)] - sums[np.uint64(q * ROW + j)]


@inline
def incline(sums, axes, a, j, first):
    """Derivative by x (a = 0) or y (a = 1) of the slice that begins with texel ``first``."""
    step, side = (1 + a) * ROW, (2 - a) * ROW  # to the next texel on this axis, and the other
    at, other = np.uint64(first * ROW + j), np.uint64((1 - a) * 12 * ROW + j)
    s = sums[at + np.uint64(step)] - sums[at]
    t = sums[at + np.uint64(side + step)] - sums[at + np.uint64(side)]
    return s * axes[other] + t * axes[other + np.uint64(ROW)]
