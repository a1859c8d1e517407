"""A NaN in a result of the sampler, the module or the affine grid is the canonical quiet one.

Truth, section 3.7. Other transformations make no such promise: see README.
"""

from functools import partial
from itertools import product

import numpy as np
import pytest
from support import engine
from support.calls import calls, sines
from support.options import MODES, PADDINGS

import npstn

CANONICAL = {4: 0x7FC00000, 8: 0x7FF8000000000000}
ODD = {
    4: np.array([0xFFC00001, 0x7FC01234, 0xFFC00000], np.uint32).view(np.float32),
    8: np.array([0xFFF8000000000001, 0x7FF8000000001234, 0xFFF8000000000000], np.uint64).view(
        np.float64
    ),
}
PROMISED = ("affine_grid", "grid_sample", "spatial_transformer_network", "coverage")


def nans(results):
    """The bits of all NaN in some arrays."""
    found = [np.asarray(a) for a in results]
    found = [a for a in found if a.dtype.kind == "f"]
    return {int(bits) for a in found for bits in a.view(f"u{a.itemsize}")[np.isnan(a)]}


def poisoned(a, kind):
    """A copy with NaN of odd bits, or infinite numbers of both signs, or overflowing ones."""
    a = a.copy()
    if kind == "nan":
        a.flat[::7], a.flat[3::11], a.flat[5::13] = ODD[a.itemsize]
    elif kind == "inf":
        a.flat[::5], a.flat[3::7] = np.inf, -np.inf
    else:
        a *= np.finfo(a.dtype).max / 4
    return a


@pytest.mark.parametrize("name", engine.ENGINES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_function(name, dtype, monkeypatch):
    engine.choose(name, monkeypatch)
    seen = set()
    for function, call in calls(dtype).items():
        inner = call.args[0]
        if not function.startswith(PROMISED):
            continue
        for at, kind in product(range(len(inner.args)), ("nan", "inf", "huge")):
            if isinstance(inner.args[at], np.ndarray):
                args = list(inner.args)
                args[at] = poisoned(args[at], kind)
                seen |= nans(call.func(partial(inner.func, *args, **inner.keywords)))
    assert seen <= set(CANONICAL.values())
    assert CANONICAL[np.dtype(dtype).itemsize] in seen


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_compiled_and_plain_are_alike(mode, dtype, monkeypatch):
    """Also where all is NaN, Inf, or overflows."""
    x, d, grid = sines(dtype, 1, 5, 6, 2), sines(dtype, 1, 4, 6, 2), sines(dtype, 1, 4, 6, 2)[::-1]
    found = {}
    for name in engine.ENGINES:
        engine.choose(name, monkeypatch)
        found[name] = results = []
        for padding, which, kind in product(PADDINGS, range(3), ("nan", "inf", "huge")):
            given = [x, grid, d]
            given[which] = poisoned(given[which], kind)
            a, g, c = given
            options = {"mode": mode, "padding_mode": padding}
            results += [npstn.grid_sample(a, g, **options)]
            results += npstn.grid_sample_vjp(c, a, g, **options)
            results += npstn.grid_sample_jvp(a, g, a, g, **options)
            results += npstn.grid_sample_vjp_vjp(a, g, c, a, g, **options)
        assert nans(results) == {CANONICAL[np.dtype(dtype).itemsize]}
    bits = [[a.tobytes() for a in results] for results in found.values()]
    assert all(other == bits[0] for other in bits[1:])


def test_another_nan_is_found():
    assert nans([ODD[8], ODD[4], np.ones(2), np.arange(3)]) == {
        0xFFF8000000000001,
        0x7FF8000000001234,
        0xFFF8000000000000,
        0xFFC00001,
        0x7FC01234,
        0xFFC00000,
    }
