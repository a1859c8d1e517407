"""One axis: what a padding and a kernel mean, for a coordinate and for a texel.

A coordinate is known as p = r + f: an integer r next to it, and the rest f, rounded once, so that
the cell of p and its distance to both neighbours are known to full relative accuracy, however close
it is to a texel. Four points at a time: see :mod:`npstn.jit.lanes`.

A kernel is a number of taps and a branch of :func:`weights`, the paper's k(.; Phi), of
:func:`distances` and of :func:`first_texel`. A padding is a branch of :func:`fold` and one of
:func:`texel_for`, and of :func:`period_of` if it goes on for ever; for d_x it also says which
texels a tile may touch (:mod:`.visits`) and where the images of a texel are (:mod:`.cells`).
"""

from ..jit.lanes import floor, splat, where
from .coordinate import FAR
from .eft import inline

NEAREST, LINEAR, CUBIC = 0, 1, 2
TAPS_OF = (1, 2, 4)  # texels an axis of each kernel
ZEROS, BORDER, REFLECTION, WRAP = 0, 1, 2, 3  # the last two are periodic

# The constants of a clone: ROOM is that of a texel in a window, in numbers; 0 if there is none.
RANK, KERNEL, TAPS, TEXELS, ROOM = 2, LINEAR, 2, 4, 1
WIDE_GRID = True  # whether a grid is float64
IS_BILINEAR = True  # whether KERNEL is LINEAR in two dimensions: most samples are

DROPPED = -1  # the index of a texel that does not take part
ASIDE = -32.0  # the cell of a NaN: on no texel, whatever the padding
BEYOND = 5.0  # texels beyond which all points outside are alike


@inline
def distances(f):
    """(s, t) of f: t is the distance from the texel at or below p, s = 1 - t; NaN if f is."""
    if KERNEL == NEAREST:
        t = f - f
        return t + 1.0, t
    left = where(f < 0.0, splat(1.0), splat(0.0))
    return (1.0 - left) - f, left + f


@inline
def weights(order, s, t, b):
    """Weights of up to four texels, or their derivatives of an ``order`` up to 2 by p.

    At kinks derivatives are right ones. Cubic convolution with the coefficient a = -b is k(t) =
    ((a + 2) |t| - (a + 3)) t**2 + 1 for |t| <= 1, and a (|t| - 1) (|t| - 2)**2 for 1 <= |t| <= 2;
    written in s and t, both of its weights beside p are sums of what is not negative.
    """
    zero = splat(0.0)
    if KERNEL == NEAREST:
        return (s if order == 0 else t), zero, zero, zero
    if KERNEL == LINEAR:
        if order == 0:
            return s, t, zero, zero
        one = splat(1.0 if order == 1 else 0.0)
        return 0.0 - one, one, zero, zero
    s2, t2 = s - 2.0 * t, t - 2.0 * s
    if order == 0:
        w1 = s * ((1.0 + 2.0 * t) * s + b * (t * t))
        w2 = t * ((1.0 + 2.0 * s) * t + b * (s * s))
        return -b * t * (s * s), w1, w2, -b * s * (t * t)
    if order == 1:
        return -b * s * s2, -t * (6.0 * s + b * t2), s * (6.0 * t + b * s2), b * t * t2
    w1, w2 = 6.0 * (t - s) + 2.0 * b * s2, 6.0 * (s - t) + 2.0 * b * t2
    return -2.0 * b * t2, w1, w2, -2.0 * b * s2


@inline
def first_texel(r, f):
    """The first of the texels that the kernel has around r + f; nearest takes ties to even."""
    if KERNEL == NEAREST:
        odd = r - 2.0 * floor(r * 0.5)
        return r + where(abs(f) == 0.5, 2.0 * f * odd, splat(0.0))
    k = r - where(f < 0.0, splat(1.0), splat(0.0))
    return k - 1.0 if KERNEL == CUBIC else k


@inline
def period_of(padding, size, align):
    """After how many texels a periodic padding repeats itself: 0 if all of them are one."""
    if padding == WRAP:
        return size
    return 2 * (size - 1) if align else 2 * size


@inline
def is_periodic(padding):
    """Whether a point counts however far outside it is, unless it is infinite."""
    return padding >= REFLECTION


@inline
def beside(padding, number, r, f, size):
    """r + f, or a point just as far outside as counts; aside where ``number`` is False."""
    low, high = -BEYOND, size - 1.0 + BEYOND
    if is_periodic(padding):
        near = abs(r) < FAR
    else:
        near = (r > low) & (r < high)
        r = where(r > low, where(r < high, r, splat(high)), splat(low))
    f = where(near, f, splat(0.0))
    return where(number, r, splat(ASIDE)), where(number, f, splat(float("nan")))


def fold(padding, r, f, size, align):
    """(r, f, slope) of the point that padding makes of r + f; slope is its derivative by p.

    Cubic kernels pad each texel by itself: there only what is periodic acts on the point.
    """
    number, slope = f == f, splat(1.0)
    if padding == REFLECTION:
        r, f, slope = mirror(r, f, slope, size, align)
    elif KERNEL == CUBIC and padding != WRAP:
        slope = where(abs(r - (size - 1.0) * 0.5) < (size - 1.0) * 0.5 + BEYOND, slope, splat(0.0))
    if padding == WRAP:
        r = wrap(r, f, size)
    elif padding != ZEROS and KERNEL != CUBIC:
        r, f, slope = clamp(r, f, slope, size - 1.0)
    if KERNEL == NEAREST:
        slope = splat(0.0)
    nan = splat(float("nan"))
    return where(number, r, splat(ASIDE)), where(number, f, nan), where(number, slope, nan)


@inline
def turn_back(r, period):
    """Move r, whole and up to 2**50, into [0, period): r / period is never rounded to the next."""
    return r - period * floor(r / period)


@inline
def mirror(r, f, slope, size, align):
    """Mirror about 0 and size - 1 (align), or about -1/2 and size - 1/2; r up to 2**50."""
    last, period = size - 1.0, period_of(REFLECTION, size, align)
    if period == 0.0:
        return splat(0.0), splat(0.0), splat(0.0)
    r = turn_back(r, period)
    if align:
        turned = (r > last) | ((r == last) & (f > 0.0))
        r = where(turned, period - r, r)
        turned = turned | ((r == 0.0) & (f < 0.0))
    else:
        turned = r > last
        r = where(turned, period - 1.0 - r, r)
    if KERNEL == CUBIC:  # on a texel the cell is the one behind it, so before it in the mirror
        on_texel = turned & (f == 0.0)
        r, f = where(on_texel, r - 1.0, r), where(on_texel, splat(-1.0), f)
    return r, where(turned, 0.0 - f, f), where(turned, 0.0 - slope, slope)


@inline
def wrap(r, f, size):
    """Move r so that r + f is in [0, size); and then so that its first texel is, which decides."""
    r = turn_back(r, size)
    r = where((r == 0.0) & (f < 0.0), r + size, r)
    k = first_texel(r, f)
    return r + (turn_back(k, size) - k)


@inline
def clamp(r, f, slope, last):
    """Clamp r + f to [0, last]; the slope becomes 0 on the closed outside."""
    low, high = (r + f) <= 0.0, ((r - last) + f) >= 0.0
    zero = splat(0.0)
    r = where(low, zero, where(high, splat(last), r))
    return r, where(low | high, zero, f), where(low | high, zero, slope)


def texel_for(k, size, padding, align):
    """The texel that stands for texel k, or DROPPED; all but wrap do so for cubic kernels only."""
    if 0 <= k < size:
        return k
    if padding != WRAP and (KERNEL != CUBIC or padding == ZEROS):
        return DROPPED
    if padding == BORDER:
        return min(max(k, 0), size - 1)
    period = period_of(padding, size, align)
    if period == 0:
        return 0
    k %= period
    if k < size:
        return k
    return period - k if align else period - 1 - k
