"""Arrays that are not stored: each element is computed from its index."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..grid import Floats

CHUNK = 2**20
GAMMA, MIX = 0x9E3779B97F4A7C15, (0xBF58476D1CE4E5B9, 0x94D049BB133111EB)


@dataclass(frozen=True)
class Formula:
    """An array that is not stored: element k in C order is a draw of splitmix64.

    It is ``(low + z[k] % (high - low + 1)) / over``, where z[0], z[1], ... are the 64-bit outputs
    of splitmix64 from the seed.
    """

    shape: tuple[int, ...]
    dtype: str
    seed: int
    low: int
    high: int
    over: int = 1

    @property
    def size(self) -> int:
        """Number of elements."""
        return int(np.prod(self.shape, dtype=object))

    @property
    def nbytes(self) -> int:
        """Memory that it takes."""
        return self.size * np.dtype(self.dtype).itemsize

    def at(self, indices: NDArray[np.integer[Any]]) -> Floats:
        """Compute elements by their index in C order."""
        with np.errstate(over="ignore"):  # modulo 2**64
            z = np.uint64(self.seed) + (indices.astype(np.uint64) + np.uint64(1)) * np.uint64(GAMMA)
            z = (z ^ (z >> np.uint64(30))) * np.uint64(MIX[0])
            z = (z ^ (z >> np.uint64(27))) * np.uint64(MIX[1])
        drawn = (z ^ (z >> np.uint64(31))) % np.uint64(self.high - self.low + 1)
        return np.asarray((self.low + drawn.astype(np.float64)) / self.over)

    def make(self) -> NDArray[Any]:
        """Compute all elements."""
        flat = np.empty(self.size, self.dtype)
        for first in range(0, self.size, CHUNK):
            last = min(first + CHUNK, self.size)
            flat[first:last] = self.at(np.arange(first, last, dtype=np.uint64))
        return flat.reshape(self.shape)

    def __array__(self, dtype: object = None, copy: bool | None = None) -> NDArray[Any]:
        """Make it where NumPy expects an array."""
        return self.make()
