"""Call all functions on arrays between pages that nobody may touch, at coordinates of any bits.

What NumPy's ``empty`` and ``zeros`` make, and the inputs, end where such a page begins, or begin
where one ends: to read or write beside them kills this process. The results of the digests must be
those committed. Then coordinates of random bits, half of them of all exponents, NaN and subnormal
numbers among them, half near the image, go through the sampler, its derivatives and second
derivatives in every rank, mode, padding and dtype, and some of them through plain Python as well,
for the same bits. Arrays begin beside a fence in one call and end beside one in the next. Exits
with 1 if any differ; the system ends it if a fence is touched. ``--part 1/2`` and ``--part 2/2``
are all of it for two processes, which take half an hour.
"""

import argparse
import ctypes
import itertools
import json
import math
import mmap
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import digests
import numpy as np
from _parts import part_of

import npstn
from npstn import _options
from npstn.jit import compiler

Array = np.ndarray[Any, Any]

PAGE, NONE = mmap.PAGESIZE, 0  # PROT_NONE
SIZES, CHANNELS = {2: (5, 7), 3: (3, 5, 4)}, (1, 3, 5)
LAYOUTS = {2: ("NHWC", "NCHW"), 3: ("NDHWC", "NCDHW")}
POINTS = 2**16  # of a call
AGAIN = 200  # of each that plain Python computes as well
_libc = ctypes.CDLL(None, use_errno=True)
_empty = np.empty


class Fences:
    """A maker of arrays between fences, beside the ``first`` or the last one."""

    first, made = False, 0

    def empty(self, shape: Any, dtype: Any = np.float64, *args: Any, **options: Any) -> Array:
        """``np.empty``, of zeros; arrays without bytes, and of objects, are NumPy's own."""
        kind = np.dtype(dtype)
        shape = tuple(shape) if np.iterable(shape) else (int(shape),)
        size = math.prod(shape) * kind.itemsize
        if not size or kind.hasobject or args or options:
            return _empty(shape, kind, *args, **options)
        within = -(-size // PAGE) * PAGE
        pages = mmap.mmap(-1, within + 2 * PAGE)
        address = ctypes.addressof(ctypes.c_char.from_buffer(pages))
        for fence in address, address + PAGE + within:
            if _libc.mprotect(ctypes.c_void_p(fence), ctypes.c_size_t(PAGE), NONE):
                raise OSError(ctypes.get_errno(), "mprotect failed")
        self.made += 1
        at = PAGE if self.first else PAGE + within - size
        array: Array = np.frombuffer(pages, np.uint8)[at : at + size].view(kind).reshape(shape)
        return array

    def like(self, array: Array) -> Array:
        """A copy of an array."""
        copy = self.empty(array.shape, array.dtype)
        copy[...] = array
        return copy


def fence_all() -> Fences:
    """Have NumPy's ``empty`` and ``zeros``, and the inputs of the digests, between fences."""
    fences, uniform = Fences(), digests.uniform
    for name in "empty", "zeros":
        setattr(np, name, fences.empty)
    digests.uniform = lambda *args: fences.like(uniform(*args))
    return fences


def coordinates(rng: np.random.Generator, shape: tuple[int, ...], dtype: type) -> Array:
    """Numbers of random bits; the exponents of every second one are between -8 and 3."""
    bits, mantissa, bias = (32, 23, 127) if dtype is np.float32 else (64, 52, 1023)
    kind = np.dtype(f"u{bits // 8}")
    raw = rng.integers(0, 2**bits, shape, dtype=kind)
    near = rng.integers(bias - 8, bias + 4, shape).astype(kind) << kind.type(mantissa)
    keep = kind.type(2**mantissa - 1 | 1 << (bits - 1))
    return np.where(rng.integers(0, 2, shape, dtype=bool), raw, raw & keep | near).view(dtype)


def results(x: Array, grid: Array, d_out: Array, options: dict[str, Any]) -> list[Array]:
    """All that the sampler computes."""
    compiler._spaces.clear()  # or this call would work in the space of a larger one
    every = ("x", "grid", *(("fill_value",) if "fill_value" in options else ()))
    found = [npstn.grid_sample(x, grid, **options)]
    found += npstn.grid_sample_vjp(d_out, x, grid, wrt=every, **options)
    found += npstn.grid_sample_jvp(x, grid, x, grid, **options)
    found += npstn.grid_sample_vjp_vjp(x, grid, d_out, x, grid, **options)
    return found


def agree(function: Callable[[], list[Array]]) -> bool:
    """Whether compiled code and plain Python give the same bytes."""
    found = []
    for compiler.JIT in False, True:
        found.append([a.tobytes() for a in function()])
    return found[0] == found[1]


def patterns(fences: Fences, count: int, seed: int, part: int, parts: int) -> int:
    """Sample at ``count`` coordinates with all options; return how many calls differ."""
    rng, wrong = np.random.default_rng([seed, part]), 0
    paddings = [*_options.PADDING_MODES, "a fill"]
    dtypes = (np.float32, np.float64)
    combinations = [*itertools.product(SIZES, _options.MODES, paddings, dtypes, dtypes)]
    combinations = combinations[part - 1 :: parts]
    for number, (rank, mode, padding, dtype, grid_dtype) in enumerate(combinations, 1):
        about = f"{rank}-D {mode}, {padding}, x {dtype.__name__}, grid {grid_dtype.__name__}"
        done, calls = 0, 0
        while done < count:
            points = min(POINTS, -(-(count - done) // rank))
            width = min(points, 256)
            dims = (1,) * (rank - 2) + (-(-points // width), width)
            channels = CHANNELS[calls % 3]
            fences.first = (number // 2 + calls) % 2 == 0
            options: dict[str, Any] = {"mode": mode, "align_corners": bool(rng.integers(2))}
            first = bool(rng.integers(2))
            options["layout"] = LAYOUTS[rank][first]
            options["coordinates"] = ("normalized", "pixel")[rng.integers(2)]
            if padding == "a fill":
                options["fill_value"] = 0.25
            else:
                options["padding_mode"] = padding
            x, d_out = (
                fences.like(rng.standard_normal(shape).astype(dtype))
                for sides in (SIZES[rank], dims)
                for shape in [(1, channels, *sides) if first else (1, *sides, channels)]
            )
            grid = fences.like(coordinates(rng, (1, *dims, rank), grid_dtype))
            results(x, grid, d_out, options)
            if calls < len(CHANNELS):
                few = slice(AGAIN // math.prod(dims[:-1]) or 1)
                d_few = d_out[..., few] if first else d_out[..., few, :]
                some = x, fences.like(grid[..., few, :]), fences.like(d_few), options
                if not agree(partial(results, *some)):
                    wrong += 1
                    print(f"Compiled and plain differ: {about}, {options}", flush=True)
            done, calls = done + grid.size, calls + 1
        print(f"{number}/{len(combinations)} {about}", file=sys.stderr)
    print(f"{len(combinations)} combinations of {count:,} coordinates: {wrong} differ")
    return wrong


def main() -> None:
    """Run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patterns", type=int, default=10**7, help="coordinates (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the coordinates (%(default)s)")
    parser.add_argument(
        "--part", type=part_of, default="1/1", help="which combinations: 1/2 and 2/2 are all"
    )
    options = parser.parse_args()
    part, parts = options.part
    if not hasattr(_libc, "mprotect"):
        sys.exit("This system has no pages that can be protected.")
    fences, wrong = fence_all(), 0
    committed = json.loads(digests.COMMITTED.read_text())["sha256"]
    for fences.first in (False, True) if part == 1 else ():
        compiler._spaces.clear()
        begun, found = fences.made, digests.digests()
        differ = sum(committed[name] != sha for name, sha in found.items())
        pairs = f"{fences.made - begun:,} pairs of fences"
        print(f"{len(found)} digests between {pairs}: {differ} differ", flush=True)
        wrong += differ
    wrong += patterns(fences, options.patterns, options.seed, part, parts)
    sys.exit(int(wrong > 0))


if __name__ == "__main__":
    main()
