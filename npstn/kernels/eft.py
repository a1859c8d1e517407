"""Error-free transformations: the exact sum or product of two float64 as two float64.

All are Knuth's and Dekker's; they need round-to-nearest, no overflow, and no contraction into FMA.
"""

from typing import Any

import numpy as np

ZERO, UNIT = np.int64(0), np.int64(1)  # a literal would have Numba compile a callee once more
ONE, TWO, THREE = np.uint64(1), np.uint64(2), np.uint64(3)


def inline(function):
    """Force inlining: what a caller passes as a constant then is one."""
    function.inline = True
    return function


def two_sum(a: Any, b: Any) -> Any:
    """(s, e) with s = fl(a + b) and s + e = a + b."""
    s = a + b
    t = s - a
    return s, (a - (s - t)) + (b - t)


def fast_two_sum(a, b):
    """The same for |a| >= |b| or a = 0."""
    s = a + b
    return s, b - (s - a)


def split(a):
    """(h, l) with h + l = a, each of at most 26 bits; |a| < 2**996."""
    t = 134217729.0 * a
    h = t - (t - a)
    return h, a - h


def two_product(a: Any, b: Any) -> Any:
    """(p, e) with p = fl(a * b) and p + e = a * b."""
    p = a * b
    ah, al = split(a)
    bh, bl = split(b)
    return p, ((ah * bh - p) + ah * bl + al * bh) + al * bl


def distill(v):
    """Make the terms of ``v`` non-overlapping, largest first, without changing their sum."""
    n = len(v)
    for _ in range(n):
        for q in range(n - 1, 0, -1):
            v[q - 1], v[q] = two_sum(v[q - 1], v[q])


def dot(a, at, step, b, of, stride, n):
    """Sum of a[at + j * step] * b[of + j * stride], j < n, in four lanes: fixed, and yet fast."""
    return lanes(a, at, step, b, of, stride, n)


@inline
def lanes(a, at, step, b, of, stride, n):
    """The same as a part of its caller: with steps of 1 it is vectorised."""
    whole = n - n % 4
    s0 = s1 = s2 = s3 = 0.0
    for j in range(0, whole, 4):
        s0 += times(a, at + j * step, b, of + j * stride)
        s1 += times(a, at + (j + 1) * step, b, of + (j + 1) * stride)
        s2 += times(a, at + (j + 2) * step, b, of + (j + 2) * stride)
        s3 += times(a, at + (j + 3) * step, b, of + (j + 3) * stride)
    s = (s0 + s1) + (s2 + s3)
    for j in range(whole, n):
        s += times(a, at + j * step, b, of + j * stride)
    return s


def times(a, at, b, of):
    """a[at] * b[of] in float64; unsigned, or every index would be tested for its sign."""
    return np.float64(a[np.uint64(at)]) * np.float64(b[np.uint64(of)])
