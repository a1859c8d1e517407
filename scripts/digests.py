"""SHA-256 of the results of fixed cases: one digest for each function and dtype.

The inputs are made by splitmix64, so they are the same everywhere, and so must the digests be: on
every machine, for every number of threads, compiled or not (NPSTN_JIT=0). Prints JSON; ``--threads
1 2 5`` prints one object for each number of threads, ``--write`` updates the committed file, and
the digest of the self-test.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator
from itertools import chain, product
from pathlib import Path
from typing import Any

import numpy as np

import npstn
from npstn._selftest import DIGEST, self_test

SHIPPED = Path(npstn.__file__).parent / "conformance" / "data" / DIGEST
COMMITTED = Path(__file__).parent.parent / "tests" / "data" / "digests.json"
B, K, H, W, C = 2, 2, 5, 7, 5
Array = np.ndarray[Any, Any]


def uniform(seed: int, shape: tuple[int, ...], width: float, dtype: type) -> Array:
    """Multiples of 2**-20 in [-width, width), from splitmix64."""
    values = []
    for _ in range(int(np.prod(shape))):
        seed = (seed + 0x9E3779B97F4A7C15) % 2**64
        z = (seed ^ (seed >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB % 2**64
        values.append(((z ^ (z >> 31)) >> 43) / 2**20)
    return ((2 * np.array(values) - 1) * width).reshape(shape).astype(dtype)


def results(dtype: type) -> Iterator[tuple[str, Array]]:
    """Every result of every function and option, with the name of the function."""
    x = uniform(1, (B, H, W, C), 1.0, dtype)
    planes = np.ascontiguousarray(np.moveaxis(x, -1, 1))
    theta = uniform(2, (B, K, 6), 1.5, dtype)
    combinations = product(
        ("nearest", "bilinear"), ("zeros", "border", "reflection"), (True, False), ((3, 4), (6, 7))
    )
    for mode, padding, align, dims in combinations:
        options: dict[str, Any] = {"mode": mode, "padding_mode": padding, "align_corners": align}
        d_out = uniform(3, (B, K, *dims, C), 1.0, dtype)
        grid = uniform(4, (B, K, *dims, 2), 1.5, dtype)
        yield "affine_grid", npstn.affine_grid(theta, dims, align_corners=align)
        yield "affine_grid_vjp", npstn.affine_grid_vjp(grid, align_corners=align)
        yield "grid_sample", npstn.grid_sample(x, grid, **options)
        for result in npstn.grid_sample_vjp(d_out, x, grid, **options):
            yield "grid_sample_vjp", result
        name = "spatial_transformer_network"
        yield name, npstn.spatial_transformer_network(x, theta, dims, **options)
        for result in npstn.spatial_transformer_network_vjp(d_out, x, theta, **options):
            yield f"{name}_vjp", result
        d_planes = np.ascontiguousarray(np.moveaxis(d_out, -1, 2))
        options["layout"] = "NCHW"
        yield name, npstn.spatial_transformer_network(planes, theta, dims, **options)
        for result in npstn.spatial_transformer_network_vjp(d_planes, planes, theta, **options):
            yield f"{name}_vjp", result


def further_results(dtype: type) -> Iterator[tuple[str, Array]]:
    """The same for volumes, bicubic, tangents and second derivatives."""
    kinds = (("bilinear", 2), ("bicubic", 2), ("nearest", 3), ("bilinear", 3))
    combinations = product(kinds, ("zeros", "border", "reflection", "wrap"), (True, False))
    for (mode, rank), padding, align in combinations:
        size, dims = (3, H, W)[3 - rank :], (2, 3, 4)[3 - rank :]
        kind = f"{mode} {rank}-D" + " wrap" * (padding == "wrap")  # its digests came later
        options: dict[str, Any] = {"mode": mode, "padding_mode": padding, "align_corners": align}
        options["layout"] = "NHWC" if rank == 2 else "NDHWC"
        x, t_x = uniform(5, (2, B, *size, C), 1.0, dtype)
        theta, t_theta = uniform(6, (2, B, K, rank * (rank + 1)), 1.2, dtype)
        grid, t_grid = uniform(7, (2, B, K, *dims, rank), 1.5, dtype)
        d_out = uniform(8, (B, K, *dims, C), 1.0, dtype)
        found: list[Any] = [npstn.affine_grid(theta, dims, align_corners=align)]
        found += npstn.grid_sample_jvp(x, grid, t_x, t_grid, **options)
        found += npstn.grid_sample_vjp(d_out, x, grid, **options)
        found += npstn.grid_sample_vjp_vjp(t_x, t_grid, d_out, x, grid, **options)
        stn = npstn.spatial_transformer_network
        found += [stn(x, theta, dims, **options)]
        found += npstn.spatial_transformer_network_jvp(x, theta, t_x, t_theta, dims, **options)[1:]
        found += npstn.spatial_transformer_network_vjp(d_out, x, theta, **options)
        second = npstn.spatial_transformer_network_vjp_vjp
        found += second(t_x, t_theta, d_out, x, theta, **options)
        yield from ((kind, result) for result in found)


def other_results(dtype: type) -> Iterator[tuple[str, Array]]:
    """A fill, another cubic kernel, and tricubic."""
    options: dict[str, Any] = {"mode": "bicubic", "cubic_coefficient": -0.4}
    x, d_out = uniform(12, (2, B, H, W, C), 1.0, dtype)
    theta, fill = uniform(13, (B, 6), 1.5, dtype), uniform(14, (C,), 1.0, dtype)
    options["fill_value"], every = fill, ("x", "theta", "fill_value")
    name = "fill and coefficient"
    yield name, npstn.spatial_transformer_network(x, theta, **options)
    for result in npstn.spatial_transformer_network_vjp(d_out, x, theta, wrt=every, **options):
        yield name, result
    if dtype is np.float64:
        volume, grid = (
            uniform(15, (1, 3, 5, 4, 1), 1.0, dtype),
            uniform(16, (1, 2, 3, 4, 3), 1.5, dtype),
        )
        options = {"mode": "bicubic", "layout": "NDHWC", "padding_mode": "reflection"}
        out = npstn.grid_sample(volume, grid, **options)
        yield "bicubic 3-D", out
        for result in npstn.grid_sample_vjp(out, volume, grid, **options):
            yield "bicubic 3-D", result


def larger_results(dtype: type) -> Iterator[tuple[str, Array]]:
    """Outputs of several tiles, with one channel and with three."""
    for channels in 1, 3:
        x = uniform(9, (B, 20, 40, channels), 1.0, dtype)
        theta = uniform(10, (B, 6), 1.2, dtype)
        d_out = uniform(11, (B, 19, 70, channels), 1.0, dtype)
        name = f"{channels} channels in tiles"
        yield name, npstn.spatial_transformer_network(x, theta, (19, 70))
        for result in npstn.spatial_transformer_network_vjp(d_out, x, theta):
            yield name, result


def digests(few: bool = False) -> dict[str, str]:
    """SHA-256 of the little-endian bytes of all results, by function and dtype.

    A ``few`` are those of images in float32, without bicubic, tangents and second derivatives.
    """
    hashes: dict[str, Any] = {}
    for dtype in (np.float32,) if few else (np.float32, np.float64):
        others = further_results, other_results, larger_results
        more = [] if few else [f(dtype) for f in others]
        for name, result in chain(results(dtype), *more):
            sha = hashes.setdefault(f"{name} {dtype.__name__}", hashlib.sha256())
            sha.update(result.astype(result.dtype.newbyteorder("<")).tobytes())
    return {name: sha.hexdigest() for name, sha in sorted(hashes.items())}


def main() -> None:
    """Print, or write, the digests."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--threads", type=int, nargs="*", help="numbers of threads to run with")
    parser.add_argument("--few", action="store_true", help="leave out what takes long to compile")
    parser.add_argument("--write", action="store_true", help=f"write {COMMITTED.name} and {DIGEST}")
    args = parser.parse_args()
    if args.threads:
        import numba

        from npstn.jit import compiler

        compiler.SMALL = 0  # these cases are small, and shall use the threads all the same
        for threads in args.threads:
            numba.set_num_threads(threads)
            print(json.dumps(digests(args.few)))
        print(f"threading layer: {numba.threading_layer()}", file=sys.stderr)
        return
    found = {"truth_version": npstn.TRUTH_VERSION, "sha256": digests(args.few)}
    if args.write:
        COMMITTED.write_text(json.dumps(found, indent=1) + "\n")
        SHIPPED.write_text(self_test()["digest"] + "\n")
    else:
        print(json.dumps(found["sha256"]))


if __name__ == "__main__":
    main()
