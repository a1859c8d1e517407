"""Two limits of the benchmark: how fast sampling would be if it had little to compute."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numba
import numpy as np

from .contestants import Entry
from .workloads import Array, Inputs, Task, Workload


def copy_entries(inputs: Inputs, task: Task) -> Iterator[Entry]:
    """Read the image once and write the output once; for the backward pass, the cotangents too.

    np.copyto in one thread, into memory that is there already.
    """
    if inputs.workload != Workload(inputs.x.shape):
        return
    pairs = [(np.empty_like(a), a) for a in (inputs.x, inputs.d_out)[: 1 + task.backward]]

    def run() -> None:
        for to, of in pairs:
            np.copyto(to, of)

    yield Entry("copy", "one thread", run, lambda _: ())


def gather_entries(inputs: Inputs, task: Task) -> Iterator[Entry]:
    """Forward with everything about the points known: their cells' offsets and float32 weights."""
    _, height, width, channels = inputs.x.shape
    if task.backward or min(height, width) < 2 or inputs.workload != Workload(inputs.x.shape):
        return
    offsets, weights = cells(inputs.pixels(task.fused), (height, width))
    offsets *= channels
    kernel, flat = gather(channels), inputs.x.reshape(-1)

    def run() -> Array:
        out = np.empty_like(inputs.x)
        kernel(offsets, weights, width * channels, flat, out.reshape(*offsets.shape, channels))
        return out

    yield Entry("gather", "NHWC", run, lambda out: (out,))


def cells(points: Array, size: tuple[int, int]) -> tuple[Array, Array]:
    """Pixels of the upper left corners (rows, Wo), -1 for cells outside, and weights (rows, Wo, 4).

    A cell half outside is replaced by its neighbour inside, its weights shifted to fit.
    """
    corner, weights = [], []
    for a, n in enumerate(reversed(size)):
        p = points[..., a]
        first = np.clip(np.floor(p), 0, n - 2)
        corner.append(first.astype(np.int32))
        weights.append([np.maximum(0, 1 - np.abs(p - first - k)) for k in (0, 1)])
    image = np.arange(len(points), dtype=np.int32)[:, None, None] * np.int32(size[0] * size[1])
    offsets = image + corner[1] * np.int32(size[1]) + corner[0]
    four = np.stack([y * x for y in weights[1] for x in weights[0]], -1).astype(np.float32)
    offsets[~four.any(axis=-1)] = -1
    width = points.shape[2]
    return offsets.reshape(-1, width), four.reshape(-1, width, 4)


@cache
def gather(channels: int) -> Callable[..., Any]:
    """A kernel for so many channels: a constant, so that their loop is unrolled."""

    def kernel(offsets: Any, weights: Any, row: int, x: Any, out: Any) -> None:
        for i in numba.prange(offsets.shape[0]):
            for j in range(offsets.shape[1]):
                if offsets[i, j] < 0:
                    for c in range(channels):
                        out[i, j, c] = 0
                    continue
                a = np.uintp(offsets[i, j])
                b, one = a + np.uintp(row), np.uintp(channels)
                w = weights[i, j]
                for c in range(channels):
                    k = np.uintp(c)
                    upper = w[0] * x[a + k] + w[1] * x[a + one + k]
                    out[i, j, c] = upper + w[2] * x[b + k] + w[3] * x[b + one + k]

    compiled: Callable[..., Any] = numba.njit(parallel=True, error_model="numpy")(kernel)
    return compiled
