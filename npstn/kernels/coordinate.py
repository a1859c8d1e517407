"""One pixel coordinate, exactly: an unevaluated sum (hi, lo) with hi = RN(p).

These are the slow and certain ways to a coordinate. :mod:`.locate` takes them where its own few
operations are not enough.
"""

import math

import numpy as np

from .eft import fast_two_sum, two_product, two_sum

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
    """(hi, lo) / power; a number that underflows leaves its sign, which decides the cell."""
    h, l = hi / power, lo / power
    lost = hi if h == 0.0 else (lo if abs(h) > SMALL else 0.0)
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


def nearest_integer(hi, lo):
    """p = r + f with r = rint(p), and f rounded once but never to a tie that p is not."""
    if abs(hi) >= FAR and not (abs(hi) == FAR and hi * lo < 0.0):
        return hi, 0.0
    r = np.rint(hi)
    t = hi - r
    if t == 0.5 and lo > 0.0:
        r, t = r + 1.0, -0.5
    elif t == -0.5 and lo < 0.0:
        r, t = r - 1.0, 0.5
    f = t + lo
    if abs(f) == 0.5 and lo != 0.0:
        f *= 1.0 - 2.0**-53
    return r, f
