"""One pixel coordinate, exactly: an unevaluated sum (hi, lo) with hi = RN(p).

These are the slow and certain ways to a coordinate. :mod:`.locate` takes them where its own few
operations are not enough.
"""

import math

import numpy as np

from .eft import distill, fast_two_sum, two_product, two_sum

FAR = 2.0**52  # from here on float64 has no fractions
LEAST = 5e-324
HUGE, DOWN = 2.0**700, 2.0**-200  # products of huge numbers overflow unless scaled down,
SMALL, UP = 2.0**-700, 2.0**200  # the errors of small ones underflow unless scaled up
FAINT = 2.0**-400  # too small to be scaled down
MORE = 1.0 + 2.0**-49  # times a number that may be a few roundings off


def power_for(least, largest):
    """The power of two by which to scale numbers of this range, exactly; Inf if none will do."""
    if largest >= HUGE:
        return DOWN if least >= FAINT else math.inf
    return UP if least < SMALL else 1.0


def settle(hi, lo, rest):
    """The sum of numbers that do not overlap as (hi', lo') with hi' = RN(sum)."""
    l, e = two_sum(lo, rest)
    h, l = fast_two_sum(hi, l)
    if e != 0.0:
        # A tie of h + l was rounded to even; the rest decides it.
        other = h + 2.0 * l
        if other - h == 2.0 * l and (l > 0.0) == (e > 0.0):
            h, l = other, -l
    return h, l + e


def quotient(v, n, div):
    """p = (v[0] + ... + v[n - 1]) / div as (hi, lo): hi = RN(p), and lo is p - hi to two roundings.

    ``v`` has eight numbers more. What a step leaves over is known without error.
    """
    hi = lo = 0.0
    end = n
    for _ in range(4):  # pragma: no branch: three rounds find hi, at ties as well
        distill(v[:end])
        lo = v[0] / div
        if hi + lo == hi:
            break
        v[end], v[end + 1] = two_product(hi - (hi + lo), div)
        hi, end = hi + lo, end + 2
    other = hi + lo * MORE
    if other == hi:
        return hi, lo
    half = 0.5 * (other - hi)  # p is next to a tie: what is left decides it
    v[end], v[end + 1] = two_product(-half, div)
    distill(v[: end + 2])
    rest = v[0] / div
    return settle(hi, half, rest if rest != 0.0 else v[0])


def unscale(hi, lo, power):
    """(hi, lo) / power; a number that underflows leaves its sign, which decides the cell."""
    h, l = hi / power, lo / power
    off = hi - h * power
    if off != 0.0 and abs(off) == LEAST * (0.5 * power) and lo != 0.0 and (off > 0.0) == (lo > 0.0):
        h += math.copysign(LEAST, off)  # no tie, as it looked like
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
    hi, lo = settle(z, w, rest)
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
