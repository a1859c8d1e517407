"""What the tests of the numbers share: cases from whole numbers, and the bounds of truth."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

import npstn
from npstn.contract import bound
from npstn.oracle import exact
from npstn.oracle.bounds import ratios

ROOT = Path(__file__).resolve().parents[2]


class Numbers:
    """splitmix64: the same numbers on every machine and in every version of everything."""

    def __init__(self, seed: int) -> None:
        self.state = seed

    def bits(self) -> int:
        self.state = (self.state + 0x9E3779B97F4A7C15) % 2**64
        z = self.state
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB % 2**64
        return z ^ (z >> 31)

    def integers(self, shape: tuple[int, ...], low: int, high: int) -> np.ndarray:
        """Whole numbers in [low, high] as float64."""
        flat = [low + self.bits() % (high - low + 1) for _ in range(int(np.prod(shape)))]
        return np.array(flat, float).reshape(shape)

    def uniform(self, shape: tuple[int, ...], low: float = -1.0, high: float = 1.0) -> np.ndarray:
        flat = [
            low + (high - low) * ((self.bits() >> 11) / 2**53) for _ in range(int(np.prod(shape)))
        ]
        return np.array(flat).reshape(shape)

    def choice(self, values: list[float], shape: tuple[int, ...]) -> np.ndarray:
        flat = [values[self.bits() % len(values)] for _ in range(int(np.prod(shape)))]
        return np.array(flat).reshape(shape)


def frozen(a: np.ndarray) -> np.ndarray:
    """A read-only copy, in the same order and byte order."""
    a = a.copy(order="K")
    a.flags.writeable = False
    return a


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
