"""What the tests of the numbers share: cases from whole numbers, and the bounds of truth."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

import npstn
from npstn.conformance._numbers import Numbers
from npstn.conformance.case import frozen
from npstn.contract import bound
from npstn.oracle import exact
from npstn.oracle.bounds import ratios

__all__ = ["Numbers", "frozen"]
ROOT = Path(__file__).resolve().parents[3]


def lattice_points(
    numbers: Numbers, shape: tuple[int, ...], size: tuple[int, int], bits: int = 3
) -> np.ndarray:
    """Pixel coordinates with few fraction bits, in and around an image of ``size`` = (H, W)."""
    scale = 2**bits
    axes = [numbers.integers(shape, -2 * n * scale, 3 * n * scale) / scale for n in reversed(size)]
    return np.stack(axes, -1)


def excess(result: np.ndarray, term: exact.Term, factor: object) -> float:
    """Largest |result - value| / bound, bound = factor * u * M (+ ulp/2 in float32); <= 1 is truth.

    ``factor`` is a number or a function of n, the number of terms of the sum.
    """
    found = ratios(result, term, factor if callable(factor) else lambda _: factor)
    return float(found.max(initial=0.0))


def assert_exact(result: np.ndarray, term: exact.Term) -> None:
    """Tolerance 0: the exact value in float64, rounded to the dtype of the result."""
    flat = zip(result.reshape(-1), term.value.reshape(-1), strict=True)
    for at, (got, value) in enumerate(flat):
        expected = result.dtype.type(float(value))
        where = np.unravel_index(at, result.shape)
        assert got == expected, f"entry {where}: {got!r}, exact {value} = {expected!r}"


def run_sample(
    x: np.ndarray, grid: np.ndarray, d: np.ndarray, **options: object
) -> Iterator[np.ndarray]:
    """out, d_x, d_grid of the library."""
    yield npstn.grid_sample(x, grid, **options)
    yield from npstn.grid_sample_vjp(d, x, grid, **options)


def run_module(
    x: np.ndarray, theta: np.ndarray, d: np.ndarray, dims: tuple[int, int], **options: object
) -> Iterator[np.ndarray]:
    """out, d_x, d_theta of the library."""
    yield npstn.spatial_transformer_network(x, theta, dims, **options)
    yield from npstn.spatial_transformer_network_vjp(d, x, theta, **options)


def truth_sample(x, grid, d, **options) -> tuple[float, float, float]:
    """The three ratios error / bound of grid_sample."""
    out, d_x, d_grid = run_sample(x, grid, d, **options)
    want = exact.grid_sample(x, grid, d, **options)
    c = x.shape[-1]
    return (
        excess(out, want.out, bound("out").factor),
        excess(d_x, want.d_x, bound("d_x").factor),
        excess(d_grid, want.d_coords, lambda n: bound("d_grid").factor(n, c)),
    )


def truth_module(x, theta, d, dims, **options) -> tuple[float, float, float]:
    """The three ratios error / bound of the module."""
    out, d_x, d_theta = run_module(x, theta, d, dims, **options)
    want = exact.spatial_transformer_network(x, theta, dims, d, **options)
    return (
        excess(out, want.out, bound("out").factor),
        excess(d_x, want.d_x, bound("d_x").factor),
        excess(d_theta, want.d_coords, lambda n: bound("d_theta").factor(n, x.shape[-1], dims)),
    )
