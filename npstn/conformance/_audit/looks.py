"""Where a grid of a running program looks, and whether it seems to be a mistake."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..._arithmetic import ieee
from ...grid import Floats
from ...operator import coverage
from .._precision import UNITS, rounded
from .judged import Call

Array = NDArray[Any]
FAR = 1e3  # a coordinate beyond it is huge; 1 is the edge of the image
LINE = 0.9  # of the mean length of steps is that of their mean, if they are in line
CLEAR = 2.0  # times that one entry of a map is larger than the others of its row
_NARROW = {"bfloat16": 8, "float16": 11}  # bits of a number
FRAMES, SIDE, EDGE = 3, 48, 9  # images of a frame, their sides, the points of a side of an outline


class Look(NamedTuple):
    """Shares are of points, or of texels."""

    outside: float
    kinks: float  # within an ulp of one
    strange: float  # not finite
    huge: float
    unread: float  # texels that no point reads
    apart: float  # texels from a point to the next, where they are in line
    reach: float  # the median of the largest coordinate of a point
    narrow: str  # the dtype of 16 bits through which the coordinates went, or ""
    lost: float  # by that, pixels at most
    turned: bool  # whether axes seem to be in another order


class Frame(NamedTuple):
    """A few images, and the outlines of what is sampled from them."""

    images: list[Array]
    outlines: list[Floats]  # (points, 2) in [-1, 1]


@ieee
def look(call: Call) -> Look:
    """Look at the grid of a call."""
    grid, size = call.given["grid"], call.size
    found = coverage(grid, size, **call.options)
    finite = np.isfinite(grid).all(-1)
    largest = abs(grid[finite]).max(-1) if finite.any() else np.full(1, np.inf)
    narrow = call.dtype if call.dtype in _NARROW else _passed(grid[finite])
    near = min(float(largest.max()), 1.0)
    lost = UNITS[narrow] * near * max(size) / 2 if narrow else 0.0
    return Look(
        1.0 - float((largest <= 1.0).sum() / finite.size),
        float(found.kinks.mean()),
        1.0 - float(finite.mean()),
        float((largest > FAR).sum() / finite.size),
        float((found.splat == 0).mean()),
        _steps(grid, size),
        min(float(np.median(largest)), 1e300),
        narrow,
        lost,
        _turned(grid),
    )


@ieee
def frame(call: Call) -> Frame | None:
    """Keep a few images of a call, small, and the outlines of their grids; None for volumes."""
    x, grid = call.given["input"], call.given["grid"]
    if grid.shape[-1] != 2 or 0 in x.shape or 0 in grid.shape:
        return None
    steps = [max(1, -(-n // SIDE)) for n in x.shape[2:]]
    small = x.mean(1)[:, :: steps[0], :: steps[1]].astype(np.float32)
    i, j = (np.linspace(0, n - 1, EDGE).round().astype(int) for n in grid.shape[1:3])
    first, last = np.zeros_like(i), np.full_like(i, -1)
    rows = np.concatenate([first, i, last, i[::-1]])
    columns = np.concatenate([j, last, j[::-1], first])
    return Frame(list(small), list(grid[:, rows, columns].astype(np.float64)))


def _steps(grid: Array, size: tuple[int, ...]) -> float:
    """The largest mean step between neighbours on an axis of the output, in texels, if in line."""
    p = grid.astype(np.float64) * (np.array(size[::-1]) / 2)
    most = 0.0
    for axis in range(1, grid.ndim - 1):
        steps = np.diff(p, axis=axis)
        if steps.size and np.isfinite(steps).all():
            every = np.linalg.norm(steps, axis=-1).mean()
            each = steps.mean(tuple(range(1, grid.ndim - 1)))
            straight = float(np.linalg.norm(each, axis=-1).mean())
            most = max(most, straight if straight > LINE * every else 0.0)
    return most


def _passed(grid: Array) -> str:
    """The dtype of 16 bits that holds all coordinates, which are on no lattice of its steps."""
    if grid.size == 0:
        return ""
    largest = max(float(abs(grid).max()), 2.0**-60)
    with np.errstate(over="ignore"):
        for dtype, bits in _NARROW.items():
            steps = grid * 2.0 ** (bits - np.ceil(np.log2(largest)))
            if (steps != np.round(steps)).any() and (rounded(grid, dtype) == grid).all():
                return dtype
    return ""


def _turned(grid: Array) -> bool:
    """Whether x of most grids grows along another axis of the output than the last, and so on."""
    rank = grid.shape[-1]
    axes = [np.linspace(-1.0, 1.0, n) for n in grid.shape[1:-1]]
    if min(map(len, axes)) < 2 or not np.isfinite(grid).all():
        return False
    found = []
    for g in grid:
        # The slope of each coordinate along each axis, x first, as least squares have it.
        m = np.array(
            [
                [
                    np.tensordot(g[..., k].mean(tuple(i for i in range(rank) if i != a)), t, 1)
                    / (t @ t)
                    for a, t in reversed(list(enumerate(axes)))
                ]
                for k in range(rank)
            ]
        )
        order = m.argmax(1)
        most = m[np.arange(rank), order]
        rest = np.where(np.arange(rank) == order[:, None], 0.0, abs(m)).max(1)
        other = len(set(order)) == rank and (order != np.arange(rank)).any()
        found.append(bool(other and (most > CLEAR * rest).all()))
    return bool(np.mean(found) > 0.9)
