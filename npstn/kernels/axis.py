"""One axis: what a coordinate, a padding rule and an interpolation mean, and their derivative.

A pixel coordinate p is an unevaluated sum (hi, lo) with hi = RN(p), so that the cell it falls in
and its distance to both neighbours are known to full relative accuracy, however close to a texel.
:func:`weights` is the paper's generic kernel k(.; Phi): a mode is a branch of it.
"""

import math

import numpy as np

from .eft import fast_two_sum, inline, two_product, two_sum

NEAREST, BILINEAR, BICUBIC = 0, 1, 2
ZEROS, BORDER, REFLECTION = 0, 1, 2

DROPPED = -1  # the index of a texel that does not take part
FAR = 2.0**52  # from here on float64 has no fractions
LEAST = 5e-324
HUGE, DOWN = 2.0**700, 2.0**-200  # products of huge numbers overflow unless scaled down,
SMALL, UP = 2.0**-900, 2.0**200  # the errors of small ones underflow unless scaled up


def power_for(least, largest):
    """The power of two by which to scale numbers of this range; exact either way."""
    if largest >= HUGE:
        return DOWN
    return UP if least < SMALL else 1.0


def settle(hi, lo, rest, power):
    """The sum, |rest| <= ulp(lo), as (hi', lo') with hi' = RN(sum); all are times ``power``."""
    h, l = fast_two_sum(hi, lo)
    if rest != 0.0 and abs(h) >= FAR * power:
        # A tie of h + l was rounded to even; the rest decides it.
        other = h + 2.0 * l
        if other - h == 2.0 * l and (l > 0.0) == (rest > 0.0):
            return other, -l
        return h, l
    return fast_two_sum(h, l + rest)


def unscale(hi, lo, power):
    """(hi, lo) / power; what underflows leaves its sign, which decides the cell."""
    h, l = hi / power, lo / power
    lost = hi if h == 0.0 else lo
    return h, (math.copysign(LEAST, lost) if l == 0.0 and lost != 0.0 else l)


def from_grid(g, c, d):
    """p = g * c + d of one grid coordinate, as (hi, lo)."""
    if c == 0.0 and g == g:  # a size-1 axis: every point is on its texel
        return 0.0, 0.0
    if not abs(g) < math.inf:
        return g, 0.0
    power = power_for(abs(g), abs(g))
    q, r = two_product(g * power, c)
    z, e = two_sum(q, d * power)
    w, rest = two_sum(e, r)
    hi, lo = settle(z, w, rest, power)
    return unscale(hi, lo, power)


def fold(r, f, size, align):
    """The point r + f mirrored into [0, size - 1], with the slope of the mirror there.

    About 0 and size - 1 (align), or about -1/2 and size - 1/2 followed by a clamp. The slope is 0
    at the folds and wherever the clamp acts.
    """
    last = size - 1
    period = 2 * last if align else 2 * size
    if period == 0:
        return 0, 0.0, 0.0
    r = int(r % period)
    slope = 1.0
    if align:
        if r > last or (r == last and f > 0.0):
            r, f, slope = period - r, -f, -1.0
        elif r == 0 and f < 0.0:
            f, slope = -f, -1.0
    elif r > last:
        r, f, slope = period - 1 - r, -f, -1.0
    return clamp(r, f, slope, last)


def clamp(r, f, slope, last):
    """The point r + f clamped to [0, last]; the slope becomes 0 on the closed outside."""
    if r < 0 or (r == 0 and f <= 0.0):
        return 0, 0.0, 0.0
    if r > last or (r == last and f >= 0.0):
        return last, 0.0, 0.0
    return r, f, slope


def nearest_integer(hi, lo):
    """p = r + f with r = rint(p), |f| <= 1/2 rounded once; and whether |f| is exactly 1/2."""
    r = np.rint(hi)
    t = hi - r
    if t == 0.5 and lo > 0.0:
        r, t = r + 1.0, -0.5
    elif t == -0.5 and lo < 0.0:
        r, t = r - 1.0, 0.5
    return r, t + lo, abs(t) == 0.5 and lo == 0.0


def is_far(hi, lo):
    """Whether |p| >= FAR."""
    return abs(hi) >= FAR and not (abs(hi) == FAR and hi * lo < 0.0)


def taps(hi, lo, size, mode, padding, align):
    """Texels and weights of the point p = hi + lo, and the slope dp'/dp of the padding rule.

    Returns (i0, i1, w0, w1, slope): value w0 * v[i0] + w1 * v[i1], derivative slope * (v[i1] -
    v[i0]); a DROPPED texel counts as 0. At an integer the cell is [p', p' + 1).
    """
    far = is_far(hi, lo)
    if hi != hi or (padding == REFLECTION and abs(hi) == math.inf):
        return DROPPED, DROPPED, math.nan, math.nan, math.nan

    r, f, tie = hi, 0.0, False
    if not far:
        r, f, tie = nearest_integer(hi, lo)
    elif padding != REFLECTION:
        r = math.copysign(size + 1.0, hi)  # outside as well, and safe to cast
    return texels(r, f, tie, size, mode, padding, align)


def texels(r, f, tie, size, mode, padding, align):
    """The same for a point known as p = r + f; ``tie``: whether |f| is exactly 1/2."""
    if padding == ZEROS:
        k, slope = int(r), 1.0
    elif padding == BORDER:
        k, f, slope = clamp(int(r), f, 1.0, size - 1)
    else:
        k, f, slope = fold(r, f, size, align)

    if mode == NEAREST:
        if tie and k % 2 != 0:
            k += int(2.0 * f)
        return (k if 0 <= k < size else DROPPED), DROPPED, 1.0, 0.0, 0.0

    w0, w1 = 1.0 - abs(f), abs(f)
    if f < 0.0:
        k, w0, w1 = k - 1, w1, w0
    i0 = k if 0 <= k < size else DROPPED
    i1 = k + 1 if 0 <= k + 1 < size else DROPPED
    return i0, i1, w0, w1, slope


def spread(hi, lo, size, mode, padding, align, k):
    """The texels k (4,) of the kernel of a mode at the point hi + lo: see :func:`spread_near`."""
    if mode == BICUBIC:
        return cubic(hi, lo, size, padding, align, k)
    k[0], k[1], s, t, slope = taps(hi, lo, size, mode, padding, align)
    return s, t, slope


def spread_near(r, f, size, mode, padding, align, k):
    """The same for a point known as p = r + f, |f| < 1/2.

    Returns (s, t, slope): s and t are the distances to the texels behind and before the padded
    coordinate p', and 1 and 0 for nearest; slope is dp'/dp. :func:`weights` says what they weigh.
    """
    if mode == BICUBIC:
        return around(r, f, 1.0, size, padding, align, k)
    k[0], k[1], s, t, slope = texels(r, f, False, size, mode, padding, align)
    return s, t, slope


@inline
def weights(mode, order, s, t):
    """The paper's k(.; Phi): weights of the (up to four) texels, or their derivatives by p'.

    ``order`` is 0, 1 or 2; at kinks the derivatives are right ones. Bicubic is cubic convolution
    with a = -3/4: k(t) = (5/4 |t| - 9/4) t**2 + 1 for |t| <= 1, and a (|t| - 1) (|t| - 2)**2 for
    1 <= |t| <= 2.
    """
    w0, w1, w2, w3 = s, t, 0.0, 0.0  # returned in one place: else LLVM does not vectorise
    if mode != BICUBIC:
        if order != 0:
            w0, w1 = (-1.0, 1.0) if order == 1 else (0.0, 0.0)
    elif order == 0:
        w0, w3 = -0.75 * t * (s * s), -0.75 * s * (t * t)
        w1, w2 = s * (1.0 + t - 1.25 * (t * t)), t * (1.0 + s - 1.25 * (s * s))
    elif order == 1:
        w0, w3 = -0.75 * s * ((s - t) - t), 0.75 * t * ((t - s) - s)
        w1, w2 = t * (3.75 * t - 4.5), s * (4.5 - 3.75 * s)
    else:
        w0, w1, w2, w3 = 3.0 - 4.5 * t, 7.5 * t - 4.5, 7.5 * s - 4.5, 3.0 - 4.5 * s
    return w0, w1, w2, w3


def cubic(hi, lo, size, padding, align, k):
    """Bicubic. Each texel is padded by itself, so that the slope is 1."""
    slope, r, f = 1.0, hi, 0.0
    if hi != hi or (padding == REFLECTION and abs(hi) == math.inf):
        slope = r = f = math.nan
    elif not is_far(hi, lo):
        r, f, _ = nearest_integer(hi, lo)
    elif padding != REFLECTION:  # far outside, where all texels are the same
        slope, r = 0.0, math.copysign(size + 3.0, hi)
    return around(r, f, slope, size, padding, align, k)


def around(r, f, slope, size, padding, align, k):
    """The four texels around r + f."""
    if padding == REFLECTION and r == r:
        r = r % max(1.0, 2.0 * (size - 1) if align else 2.0 * size)
    first, t, s = int(r) - 1 if r == r else 0, abs(f), 1.0 - abs(f)
    if f < 0.0:
        first, t, s = first - 1, s, t
    for q in range(4):
        k[q] = padded(first + q, size, padding, align) if r == r else DROPPED
    return s, t, slope


def padded(k, size, padding, align):
    """The texel that stands for texel k, or DROPPED."""
    if padding == ZEROS:
        return k if 0 <= k < size else DROPPED
    if padding == BORDER:
        return min(max(k, 0), size - 1)
    k, _, _ = fold(float(k), 0.0, size, align)
    return k
