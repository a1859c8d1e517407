"""Error-free transformations: the exact sum or product of two float64 as two float64.

All are Knuth's and Dekker's; they need round-to-nearest, no overflow, and no contraction into FMA.
"""

from typing import Any


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
        done = True
        for q in range(n - 1, 0, -1):
            s, e = two_sum(v[q - 1], v[q])
            done = done and s == v[q - 1]
            v[q - 1], v[q] = s, e
        if done:
            break
