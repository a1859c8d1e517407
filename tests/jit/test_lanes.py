"""Four numbers side by side: compiled and plain, the same bits for any numbers."""

import numpy as np
import pytest

from npstn.jit import instructions, lanes
from npstn.jit.clones import names_in
from npstn.jit.compiler import JIT, call
from npstn.jit.lanes import (
    add_to,
    fetch,
    floor,
    keep,
    lane,
    load,
    pack,
    pairs,
    quads,
    rint,
    singles,
    splat,
    store,
    store_index,
    store_strided,
    strided,
    total,
    transpose,
    unzip,
    where,
)

pytestmark = pytest.mark.skipif(not JIT, reason="NPSTN_JIT=0: nothing is compiled")

NAN, INF, TINY = np.nan, np.inf, 5e-324
ODD = [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 1.5, 2.5, -2.5, 0.1, -1 / 3, 1e300, -1e300, 2.0**52 + 1]
ODD += [NAN, -NAN, INF, -INF, TINY, -TINY, 1e-310, -(2.0**-1022), 2.0**-1074 * 7, 1e38, 2.0**-149]
CASES = np.array([(a, b) for a in ODD for b in ODD] + [(1.0, 1.0), (2.0, 2.0), (NAN, NAN)]).T


def arithmetic(task, scratch, index, a, b, out):
    """Every operator, between lanes and with a number on either side."""
    j, to = 4 * task, 80 * task
    v, w, x, y = load(a, j), load(b, j), a[j], b[j]
    store(out, to, v + w)
    store(out, to + 4, v - w)
    store(out, to + 8, v * w)
    store(out, to + 12, v / w)
    store(out, to + 16, v + y)
    store(out, to + 20, v - y)
    store(out, to + 24, v * y)
    store(out, to + 28, v / y)
    store(out, to + 32, x + w)
    store(out, to + 36, x - w)
    store(out, to + 40, x * w)
    store(out, to + 44, x / w)
    store(out, to + 48, -v)
    store(out, to + 52, abs(v))
    store(out, to + 56, rint(v))
    store(out, to + 60, floor(v))
    store(out, to + 64, splat(x))
    store(out, to + 68, pack(x, y, b[j + 1], a[j + 3]))
    p, q, r, s, t = at_each(v, task % 4)
    store(out, to + 72, pack(p, q, r, s))
    store(out, to + 76, pack(total(v), t, total(w), t))


def at_each(v, q):
    """All lanes, by constants and by a variable."""
    return lane(v, 0), lane(v, 1), lane(v, 2), lane(v, 3), lane(v, q)


def comparisons(task, scratch, index, a, b, out):
    """Every comparison, and what is made of them."""
    j, to = 4 * task, 88 * task
    v, w, x, y = load(a, j), load(b, j), a[j], b[j]
    one, zero = splat(1.0), splat(0.0)
    keep(out, to, where(v < w, one, zero))
    keep(out, to + 4, where(v <= w, one, zero))
    keep(out, to + 8, where(v > w, one, zero))
    keep(out, to + 12, where(v >= w, one, zero))
    keep(out, to + 16, where(v == w, one, zero))
    keep(out, to + 20, where(v != w, one, zero))
    keep(out, to + 24, where(v < y, one, zero))
    keep(out, to + 28, where(v <= y, one, zero))
    keep(out, to + 32, where(v > y, one, zero))
    keep(out, to + 36, where(v >= y, one, zero))
    keep(out, to + 40, where(v == y, one, zero))
    keep(out, to + 44, where(v != y, one, zero))
    keep(out, to + 48, where(x < w, one, zero))
    keep(out, to + 52, where(x <= w, one, zero))
    keep(out, to + 56, where(x > w, one, zero))
    keep(out, to + 60, where(x >= w, one, zero))
    keep(out, to + 64, where(x == w, one, zero))
    keep(out, to + 68, where(x != w, one, zero))
    keep(out, to + 72, where((v < w) | (v == y), v, w))
    keep(out, to + 76, where((v <= w) & (v != y), v, w))
    keep(out, to + 80, where((v != v) | ((v > w) & (v >= y)), v, w))
    keep(out, to + 84, v)


def memory(task, scratch, index, single, double, wide, narrow, numbers):
    """Every way to read and to write, at any place."""
    j, to = 3 * task, 104 * task
    fetch(single, j)
    fetch(double, len(double) + 10**6)
    keep(wide, to, load(single, j))
    keep(wide, to + 4, load(double, j))
    store(narrow, 16 * task, load(double, j))
    store(narrow, 16 * task + 4, load(single, j))
    add_to(wide, to, load(double, j + 1))
    add_to(narrow, 16 * task, load(double, j + 2))
    store(wide, to, load(wide, to))  # which of two NaN a sum is differs
    store(narrow, 16 * task, load(narrow, 16 * task))
    store(narrow, 16 * task + 8, strided(single, j, 3))
    store(narrow, 16 * task + 12, strided(double, j, 2))
    keep(wide, to + 8, strided(single, j, 2))
    keep(wide, to + 12, strided(double, j, 3))
    store_strided(wide, to + 16, 2, load(double, j))
    store_strided(wide, to + 17, 2, load(single, j))
    v, w = unzip(single, j)
    keep(wide, to + 24, v)
    keep(wide, to + 28, w)
    v, w = unzip(double, j)
    keep(wide, to + 32, v)
    keep(wide, to + 36, w)
    store_index(index, 1, pack(task + 0.0, 2.0, 0.0, 5.0))
    store_index(numbers, 4 * task, pack(task - 3.0, -0.0, 2147483647.0, -2147483648.0))
    keep(wide, to + 40, singles(double, index, 1, 0))
    v, w = pairs(double, index, 1, 1)
    keep(wide, to + 44, v)
    keep(wide, to + 48, w)
    a, b, c, d = quads(double, index, 1, 2)
    keep(wide, to + 52, a)
    keep(wide, to + 56, b)
    keep(wide, to + 60, c)
    keep(wide, to + 64, d)
    a, b, c, d = transpose(a, load(double, j), b, load(single, j))
    keep(wide, to + 68, a)
    keep(wide, to + 72, b)
    keep(wide, to + 76, c)
    keep(wide, to + 80, d)
    store(wide, to + 84, load(double, j))
    keep(wide, to + 88, singles(double, index, 1, task))
    keep(wide, to + 92, splat(single[j]))
    keep(wide, to + 96, pack(single[j], double[j], single[j + 1], double[j + 1]))
    keep(wide, to + 100, splat(0.0))


for kernel in arithmetic, at_each, comparisons, memory:
    kernel.__module__ = "npstn.kernels.test"


def both(monkeypatch, kernel, tasks, arguments):
    """What a kernel writes to new arguments, compiled and plain, as whole numbers."""
    found = []
    for jit in True, False:
        monkeypatch.setattr("npstn.jit.compiler.JIT", jit)
        args = arguments()
        call(kernel, tasks, *args, work=0, space=(8, 8))
        found.append([a.view(f"i{a.itemsize}") for a in args])
    return found


def same(found, width):
    """Raise where the bits differ; payloads and signs of NaN count."""
    for compiled, plain in zip(*found, strict=True):
        wrong = np.flatnonzero(compiled != plain)
        assert wrong.size == 0, [(k // width, k % width, hex(compiled[k])) for k in wrong[:5]]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_operators(monkeypatch, dtype):
    def arguments():
        with np.errstate(over="ignore"):
            a, b = CASES.astype(dtype, order="C")
        return a, b, np.zeros(80 * tasks, dtype)

    tasks = CASES.shape[1] // 4
    assert 4 * tasks == CASES.shape[1]
    same(both(monkeypatch, arithmetic, tasks, arguments), 80)


def test_comparisons(monkeypatch):
    def arguments():
        return *CASES.copy("C"), np.zeros(88 * tasks)

    tasks = CASES.shape[1] // 4
    found = both(monkeypatch, comparisons, tasks, arguments)
    same(found, 88)
    written = found[0][2].view(float).reshape(tasks, 88)
    assert set(written[:, :72].flat) == {0.0, 1.0}


def test_memory(monkeypatch):
    def arguments():
        numbers = np.array(ODD)
        with np.errstate(over="ignore"):
            single = numbers[::-1].astype(np.float32)
        wide, narrow, whole = np.zeros(104 * 5), np.zeros(16 * 5, np.float32), np.ones(20, np.int32)
        return single, numbers, wide, narrow, whole

    found = both(monkeypatch, memory, 5, arguments)
    same(found, 104)
    _, _, _, narrow, whole = found[0]
    assert set(narrow[np.isnan(narrow.view(np.float32))]) == {0x7FC00000}  # the canonical NaN
    assert whole[:8].tolist() == [-3, 0, 2**31 - 1, -(2**31), -2, 0, 2**31 - 1, -(2**31)]


def test_every_primitive_has_a_twin_and_a_test():
    names = {n for n, f in vars(lanes).items() if getattr(f, "__module__", "") == lanes.__name__}
    assert {f.__name__ for f in instructions.primitives()} == names
    assert names < set().union(*map(names_in, (arithmetic, comparisons, memory)))


def test_other_bits_are_found():
    one = np.array([NAN, 0.0]).view(np.int64)
    same(([one], [one.copy()]), 1)
    for other in (-NAN, 0.0), (NAN, -0.0):
        with pytest.raises(AssertionError):
            same(([one], [np.array(other).view(np.int64)]), 1)
