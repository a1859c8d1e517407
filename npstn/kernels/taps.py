"""The texels of a point, TAPS an axis and TEXELS in all: their weights, values, and sums.

All is done for the points of a row of a tile, in the work space of :mod:`.space`. Weights of axis
a, order o and tap q are in row (3 a + o) TAPS + q of AXES; those of texel q, x fastest, in row q of
FOUND, and one channel of its values in row q of VALUES.
"""

from ..jit.lanes import keep, load, pairs, quads, singles, splat, strided
from .axis import RANK, TAPS, TEXELS, distances, weights
from .eft import inline
from .space import AXES, BLOCK, ROW, SLICES, VALUES, WINDOW

# What a sum is over: weights and values of four points; those of one point and four channels; four
# channels of numbers that are weighted already; one of them of four texels.
POINT, CHANNEL, CELL, CELLS = 0, 1, 2, 3


@inline
def weigh(orders, lattice, row, count, scratch):
    """Write the weights of all axes for the points of a row, of derivatives below ``orders``."""
    b = -lattice[0, 3]
    for a in range(RANK):
        for j in range(0, count, 4):
            s, t = distances(load(scratch, (3 * a + 1) * BLOCK + row + j))
            for o in range(orders):
                w0, w1, w2, w3 = weights(o, s, t, b)
                to = AXES + (3 * a + o) * TAPS * ROW + j
                keep(scratch, to, w0)
                if TAPS > 1:
                    keep(scratch, to + ROW, w1)
                if TAPS > 2:
                    keep(scratch, to + 2 * ROW, w2)
                    keep(scratch, to + 3 * ROW, w3)


@inline
def multiply(x, y, z, count, scratch, to):
    """Write the weights of all texels: products of axis weights of the orders x, y and z."""
    for q in range(TEXELS):
        across = AXES + (x * TAPS + q % TAPS) * ROW
        down = AXES + ((3 + y) * TAPS + q // TAPS % TAPS) * ROW
        deep = AXES + ((6 + z) * TAPS + q // TAPS // TAPS) * ROW
        for j in range(0, count, 4):
            w = load(scratch, down + j) * load(scratch, across + j)
            if RANK == 3:
                w = load(scratch, deep + j) * w
            keep(scratch, to + q * ROW + j, w)


@inline
def gather(index, step_y, step_z, count, scratch):
    """Write the values of all texels of the points whose addresses in the window are ``index``."""
    for q in range(TEXELS // TAPS):
        shift, to = WINDOW + q % TAPS * step_y + q // TAPS * step_z, VALUES + q * TAPS * ROW
        for j in range(0, count, 4):
            if TAPS == 1:
                keep(scratch, to + j, singles(scratch, index, j, shift))
            elif TAPS == 2:
                v0, v1 = pairs(scratch, index, j, shift)
                keep(scratch, to + j, v0)
                keep(scratch, to + ROW + j, v1)
            else:
                v0, v1, v2, v3 = quads(scratch, index, j, shift)
                keep(scratch, to + j, v0)
                keep(scratch, to + ROW + j, v1)
                keep(scratch, to + 2 * ROW + j, v2)
                keep(scratch, to + 3 * ROW + j, v3)


@inline
def summed(kind, a, at, x, y, z, found, j):
    """The sum over the texels at a[at:], steps of x, y and z apart, with weights at found[j:].

    ``found`` is the work space. Every sum is of two numbers that a flip or a transposition swaps.
    """
    if TAPS == 1:
        return term(kind, a, at, found, j) + 0.0
    if TAPS == 4 and RANK == 2:
        return sixteen(kind, a, at, x, y, found, j)
    if TAPS == 4:
        for l in range(4):  # a loop, since 64 terms written out take a minute to compile
            s = sixteen(kind, a, at + l * z, x, y, found, j + 16 * l * ROW)
            keep(found, SLICES + 4 * l, s)
        s = load(found, SLICES) + load(found, SLICES + 12)
        return s + (load(found, SLICES + 4) + load(found, SLICES + 8))
    s = four(kind, a, at, x, y, found, j)
    if RANK == 3:
        s = s + four(kind, a, at + z, x, y, found, j + 4 * ROW)
    return s


@inline
def term(kind, a, at, found, of):
    """Weight times value of a texel."""
    if kind == POINT:
        return load(found, of) * load(a, at)
    if kind == CHANNEL:
        return splat(found[of]) * load(a, at)
    return load(a, at) if kind == CELL else strided(a, at, min(TEXELS, 4))


@inline
def pair(kind, a, at, across, found, of, other):
    """The sum over two texels that lie across the middle from each other."""
    return term(kind, a, at, found, of) + term(kind, a, across, found, other)


@inline
def four(kind, a, at, x, y, found, j):
    """The sum over 2 x 2 texels."""
    s = pair(kind, a, at, at + x + y, found, j, j + 3 * ROW)
    return s + pair(kind, a, at + x, at + y, found, j + ROW, j + 2 * ROW)


@inline
def sixteen(kind, a, at, x, y, found, j):
    """The sum over 4 x 4 texels."""
    end, last = at + 3 * y + 3 * x, j + 15 * ROW
    s = pair(kind, a, at, end, found, j, last)
    s = s + pair(kind, a, at + 3 * x, end - 3 * x, found, j + 3 * ROW, last - 3 * ROW)
    t = pair(kind, a, at + y + x, end - y - x, found, j + 5 * ROW, last - 5 * ROW)
    s = s + (t + pair(kind, a, at + y + 2 * x, end - y - 2 * x, found, j + 6 * ROW, last - 6 * ROW))
    t = pair(kind, a, at + x, end - x, found, j + ROW, last - ROW)
    t = t + pair(kind, a, at + 2 * x, end - 2 * x, found, j + 2 * ROW, last - 2 * ROW)
    r = pair(kind, a, at + y, end - y, found, j + 4 * ROW, last - 4 * ROW)
    r = r + pair(kind, a, at + y + 3 * x, end - y - 3 * x, found, j + 7 * ROW, last - 7 * ROW)
    return s + (t + r)


@inline
def differences(a, j, at, long, scratch):
    """The derivative by axis a of the sum of weight * value of a linear kernel, for four points.

    Values of texels are ``long`` numbers apart. Differences come first: of equal texels nothing is
    left.
    """
    axes = AXES + j
    if RANK == 3 and a == 2:
        x0, x1 = load(scratch, axes), load(scratch, axes + ROW)
        y0, y1 = load(scratch, axes + 3 * TAPS * ROW), load(scratch, axes + (3 * TAPS + 1) * ROW)
        s = rise(scratch, at, at + 4 * long) * (y0 * x0)
        s = s + rise(scratch, at + 3 * long, at + 7 * long) * (y1 * x1)
        t = rise(scratch, at + long, at + 5 * long) * (y0 * x1)
        return s + (t + rise(scratch, at + 2 * long, at + 6 * long) * (y1 * x0))
    s = slope_in_slice(a, at, axes, long, scratch)
    if RANK == 3:
        s = s * load(scratch, axes + 6 * TAPS * ROW)
        t = slope_in_slice(a, at + 4 * long, axes, long, scratch)
        s = s + t * load(scratch, axes + (6 * TAPS + 1) * ROW)
    return s


@inline
def rise(scratch, at, to):
    """From one texel to another."""
    return load(scratch, to) - load(scratch, at)


@inline
def slope_in_slice(a, at, axes, long, scratch):
    """The derivative by x (a = 0) or y (a = 1) of the slice whose first texel is at ``at``."""
    step, side = (1 + a) * long, (2 - a) * long  # to the next texel on this axis, and on the other
    other = axes + (1 - a) * 3 * TAPS * ROW
    s = rise(scratch, at, at + step) * load(scratch, other)
    return s + rise(scratch, at + side, at + side + step) * load(scratch, other + ROW)
