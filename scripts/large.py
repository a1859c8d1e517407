"""Call functions on arrays of more than 2**31 elements, and judge their last ones.

An index of 32 bits would overflow there. Large inputs are zeros, which take no memory until
they are written to, but for their last elements; the last results must be those of a small array
with the same values. Takes minutes, and 20 GiB of memory; a case for which that is missing is left
out, and says so. Transforms without kernels have no case: NumPy counts for them. Exits with 1 if a
result is wrong.
"""

import argparse
import re
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

import npstn
from npstn import _memory, _options, transforms

Array = np.ndarray[Any, Any]
Pairs = list[tuple[Array, Array]]  # the last results of a large call, and those expected
Case = tuple[str, float, Callable[[], Pairs]]  # its name, the GiB that it writes, and itself

SIDES = {2: (46_342,) * 2, 3: (1_291,) * 3}  # of more than 2**31 texels
HALF = 32_768, 32_769  # more than 2**31 coordinates of points
LAYOUTS: dict[int, _options.Layout] = {2: "NHWC", 3: "NDHWC"}
SMALL = {2: (9, 8), 3: (9, 7, 8)}  # the last is even: no point of a row is at a kink
CROP, FEW = 12, 50


def few_points(rank: int, mode: str, first: bool) -> Pairs:
    """Sample few points of a large image or volume, forward and backward."""
    rng, side = np.random.default_rng(rank), SIDES[rank][0]
    corner = (Ellipsis, *(slice(-CROP, None),) * rank, *((slice(None),) if not first else ()))
    layout = {2: "NCHW", 3: "NCDHW"}[rank] if first else LAYOUTS[rank]
    options: dict[str, Any] = {"mode": mode, "layout": layout, "coordinates": "pixel"}
    options["padding_mode"] = "border"
    shapes = ((1, 1, *size) if first else (1, *size, 1) for size in ((CROP,) * rank, SIDES[rank]))
    small, large = (np.zeros(shape, np.float32) for shape in shapes)
    small[...] = rng.standard_normal(small.shape)
    large[corner] = small
    # Multiples of 1/256 have the same fractions there as here; some are outside.
    here = np.round(rng.uniform(4, CROP, (1, *(1,) * (rank - 1), FEW, rank)) * 256) / 256
    found = []
    for x, grid in (large, here + side - CROP), (small, here):
        ones = np.ones_like(grid)
        out, t_out = npstn.grid_sample_jvp(x, grid, x, ones, **options)
        d_x, d_grid = npstn.grid_sample_vjp(out, x, grid, **options)
        results = [npstn.grid_sample(x, grid, **options), out, t_out, d_grid, d_x[corner].copy()]
        del d_x  # before the next large one
        dd_out, d_x, dd_grid = npstn.grid_sample_vjp_vjp(x, ones, out, x, grid, **options)
        results += [dd_out, dd_grid, d_x[corner].copy()]
        found.append(results)
    return list(zip(*found, strict=True))


def many_points(mode: str) -> Pairs:
    """Sample a small image at more points than that; all but the last are its first texel."""
    rng = np.random.default_rng(3)
    x = rng.standard_normal((1, 9, 7, 1)).astype(np.float32)
    grid = np.zeros((1, *SIDES[2], 2), np.float32)
    grid[0, -1, -FEW:] = rng.uniform(-1.5, 9, (FEW, 2))
    options: dict[str, Any] = {"mode": mode, "coordinates": "pixel"}
    out = npstn.grid_sample(x, grid, **options)
    return [(out[:, -1:, -FEW:], npstn.grid_sample(x, grid[:, -1:, -FEW:], **options))]


def cotangents_of_many_points() -> Pairs:
    """Cotangents of more points than that: all but the last are zero."""
    rng = np.random.default_rng(4)
    x = rng.standard_normal((1, 9, 7, 1)).astype(np.float32)
    grid, d_out = np.zeros((1, *HALF, 2), np.float32), np.zeros((1, *HALF, 1), np.float32)
    last = slice(None), slice(-1, None), slice(-FEW, None)
    grid[last], d_out[last] = rng.uniform(0, 6, (FEW, 2)), rng.standard_normal((FEW, 1))
    d_x, d_grid = npstn.grid_sample_vjp(d_out, x, grid, coordinates="pixel")
    expected = npstn.grid_sample_vjp(d_out[last], x, grid[last], coordinates="pixel")
    return [(d_x, expected[0]), (d_grid[last], expected[1])]


def module(rank: int) -> Pairs:
    """The module with an output of that size: its halves mirror each other, as the image does."""
    rng = np.random.default_rng(5)
    x = rng.standard_normal((1, *SMALL[rank], 1)).astype(np.float32)
    x += x[(slice(None), *(slice(None, None, -1),) * rank)]
    theta = np.eye(rank, rank + 1)[None] * 0.8017
    theta[0, 0, 1] = 0.3
    out = npstn.spatial_transformer_network(x, theta, SIDES[rank], layout=LAYOUTS[rank])
    line = out.reshape(-1)
    return [(line[-(2**22) :][::-1], line[: 2**22])]


def cotangents_of_module(rank: int) -> Pairs:
    """Cotangents of such an output: zero but at the end, then zero but at the start."""
    rng = np.random.default_rng(6)
    x = rng.standard_normal((1, *SMALL[rank], 1)).astype(np.float32)
    mirror = (slice(None), *(slice(None, None, -1),) * rank)
    x += x[mirror]
    theta = np.eye(rank, rank + 1)[None] * 0.8017
    layout, found = LAYOUTS[rank], []
    values = rng.standard_normal(FEW).astype(np.float32)
    for at, given in (slice(-FEW, None), values[::-1]), (slice(FEW), values):
        d_out = np.zeros((1, *SIDES[rank], 1), np.float32)
        d_out.reshape(-1)[at] = given
        d_x, d_theta = npstn.spatial_transformer_network_vjp(d_out, x, theta, layout=layout)
        found.append((d_x, d_theta))
    (d_x, d_theta), (expected, slopes) = found
    # A mirrored point has the opposite coordinates, and so has its slope.
    return [(d_x[mirror], expected), (d_theta[..., :-1], slopes[..., :-1])]


def lattice(function: Callable[..., Array], *params: Array) -> Pairs:
    """A grid of so many coordinates: that of opposite parameters mirrors it."""
    grid = function(*params, HALF).reshape(-1)
    return [(grid[-(2**20) :].reshape(-1, 2)[::-1], -grid[: 2**20].reshape(-1, 2))]


def cotangents_of_lattice() -> Pairs:
    """Cotangents of such a grid: zero but at the end, then zero but at the start."""
    found = []
    values = np.random.default_rng(7).standard_normal((FEW, 2))
    for at, given in (slice(-FEW, None), values[::-1]), (slice(FEW), values):
        d_grid = np.zeros((1, *HALF, 2))
        d_grid.reshape(-1, 2)[at] = given
        found.append(npstn.affine_grid_vjp(d_grid).reshape(2, 3))
    return [(found[0] * [-1, -1, 1], found[1])]  # the slopes have the opposite sign


def cases() -> Iterator[Case]:
    """All cases."""
    for rank, mode, first in (
        *((2, m, False) for m in ("nearest", "bilinear", "bicubic")),
        *((3, m, False) for m in ("nearest", "bilinear", "bicubic")),
        (2, "bilinear", True),
        (3, "bilinear", True),
    ):
        name = f"grid_sample, _vjp, _jvp, _vjp_vjp, {rank}-D {mode}{', NC...' * first}"
        yield name, 9, partial(few_points, rank, mode, first)
    for mode in "nearest", "bilinear", "bicubic":
        yield f"grid_sample of many points, {mode}", 9, partial(many_points, mode)
    yield "grid_sample_vjp of many points", 9, cotangents_of_many_points
    for rank in 2, 3:
        yield f"spatial_transformer_network {rank}-D", 9, partial(module, rank)
        name = f"spatial_transformer_network_vjp {rank}-D"
        yield name, 1, partial(cotangents_of_module, rank)
    yield "affine_grid", 17, partial(lattice, npstn.affine_grid, np.eye(2, 3)[None] * 0.75)
    yield "affine_grid_vjp", 1, cotangents_of_lattice
    yield "tps_grid", 17, partial(lattice, transforms.tps_grid, transforms.tps_identity()[None])


def main() -> None:
    """Run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", metavar="REGEX", help="cases to run")
    options = parser.parse_args()
    wrong = left_out = 0
    for name, gib, run in cases():
        if not re.search(options.only, name):
            continue
        free = _memory.free_memory()
        if free is not None and free < gib * 2**30:
            left_out += 1
            print(f"left out   {name}: writes {gib} GiB, {free / 2**30:.0f} are free", flush=True)
            continue
        begin, worst = time.perf_counter(), 0.0
        for found, expected in run():
            scale = max(1e-30, float(np.abs(expected).max()))
            worst = float(np.maximum(worst, np.abs(found - expected).max() / scale))  # or NaN
        wrong += not worst < 1e-6
        verdict = "right" if worst < 1e-6 else "WRONG"
        print(f"{verdict}  {time.perf_counter() - begin:6.1f} s  {worst:.1e}  {name}", flush=True)
    print(f"{wrong} wrong, {left_out} left out")
    sys.exit(int(wrong > 0))


if __name__ == "__main__":
    main()
