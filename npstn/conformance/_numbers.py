"""Numbers that are the same on every machine and in every version of everything."""

from collections.abc import Callable

import numpy as np

from ..grid import Floats

_WORD = 2**64


class Numbers:
    """Splitmix64 (Steele, Lea and Flood, 2014)."""

    def __init__(self, seed: int) -> None:
        self.state = seed

    def bits(self) -> int:
        """Draw 64 bits."""
        self.state = (self.state + 0x9E3779B97F4A7C15) % _WORD
        z = self.state
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % _WORD
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB % _WORD
        return z ^ (z >> 31)

    def integers(self, shape: tuple[int, ...], low: int, high: int) -> Floats:
        """Draw whole numbers from low to high, as float64."""
        return self._array(shape, lambda bits: low + bits % (high - low + 1))

    def uniform(self, shape: tuple[int, ...], low: float = -1.0, high: float = 1.0) -> Floats:
        """Draw multiples of (high - low) / 2**53."""
        return self._array(shape, lambda bits: low + (high - low) * ((bits >> 11) / 2**53))

    def choice(self, values: list[float], shape: tuple[int, ...]) -> Floats:
        """Draw some of the values."""
        return self._array(shape, lambda bits: values[bits % len(values)])

    def _array(self, shape: tuple[int, ...], number: Callable[[int], float]) -> Floats:
        flat = [number(self.bits()) for _ in range(int(np.prod(shape)))]
        return np.array(flat, np.float64).reshape(shape)
