"""Room in memory for what libraries allocate without a look at whether they got it.

Where memory is short, Numba writes to address 0, NumPy fails without an exception, LLVM ends the
process and OpenBLAS tries for ever. So room is tried for first, where a lack of it is an error.
"""

import sys

import numpy as np

CALL = 2**15  # bytes for a call; few enough to come from the heap, where they stay when freed
COMPILER = 2**28  # for LLVM and the largest kernel
LIBRARIES = 2**29  # for Numba, LLVM, SciPy and their OpenBLAS


def require(room: int) -> None:
    """Raise MemoryError unless so many bytes can be had; they are free again afterwards."""
    np.empty(room, np.uint8)


def require_for(library: str) -> None:
    """Raise MemoryError unless a library is loaded, or there is room to load it."""
    if library not in sys.modules:
        require(LIBRARIES)
