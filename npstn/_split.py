"""How a sampling problem is split: tiles of the output, parts of its maps, owners of parts of d_x.

The split decides how much memory is at work and what threads share, never a bit of a result.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ._arrays import flat, wide
from ._check import Array
from ._options import Options
from ._points import Points
from .grid import Floats
from .jit import compiler
from .kernels import axis, cells, sizes, space, tables, visits

Integers = NDArray[np.int64]

_TABLES = 2**20  # numbers in the tables of all maps at work: 8 MiB
CELLS = 2**17  # numbers that an owner of a part of d_x sums into: 1 MiB
_LONG = 2**22  # texels that a task reads, about: some 10 ms
_BOXES = 2**23  # numbers of the boxes of tiles at work: 32 MiB


NOTHING = np.empty(0)
NOTHING.flags.writeable = False


@dataclass(frozen=True)
class Split:
    """An input, the points where it is sampled, and the rule: in the numbers that kernels see."""

    x: Array
    points: Points
    options: Options
    # (C,) and four zeros, or nothing: the values of missing texels.
    fill: Array = field(default_factory=lambda: NOTHING)

    @cached_property
    def size(self) -> tuple[int, ...]:
        """(H, W) or (D, H, W) of x."""
        return self.x.shape[self.options.first :][: self.x.ndim - 2]

    @property
    def _channels(self) -> tuple[int, int]:
        """Groups of x, and channels of a group."""
        return (1, self.x.shape[-1]) if self.options.first == 1 else (self.x.shape[1], 1)

    @property
    def _maps(self) -> int:
        """Maps of an image."""
        return math.prod(self.points.leading[1:])

    @property
    def _out_size(self) -> tuple[int, int, int]:
        return _three(self.points.out_dims)

    def out_shape(self) -> tuple[int, ...]:
        """Shape of the output as the caller sees it."""
        leading, dims = self.points.leading, self.points.out_dims
        if self.options.first == 1:
            return (*leading, *dims, self.x.shape[-1])
        return (*leading, self.x.shape[1], *dims)

    def _work(self) -> int:
        return math.prod(self.out_shape())

    @property
    def _room(self) -> int:
        """Numbers that a texel has in a window: 0 if it has none."""
        _, channels = self._channels
        return 1 if channels == 1 else 4 if channels < 4 else 0

    @property
    def _many(self) -> int:
        """Numbers for all texels of a point with many channels."""
        texels: int = axis.TAPS_OF[self.options.mode] ** len(self.size)
        return texels * self._channels[1] + 8

    @cached_property
    def _constants(self) -> dict[str, Any]:
        """The constants of the clones for this problem."""
        taps, rank = axis.TAPS_OF[self.options.mode], len(self.size)
        return {
            "RANK": rank,
            "KERNEL": self.options.mode,
            "TAPS": taps,
            "TEXELS": taps**rank,
            "ROOM": self._room,
            "WIDE_GRID": self.points.grid.dtype.itemsize == 8,
            "IS_BILINEAR": self.options.mode == axis.LINEAR and rank == 2,
        }

    @cached_property
    def _lattice(self) -> Floats:
        """The lattice of the points, with the coefficient of the cubic kernel."""
        if self.options.mode != axis.CUBIC:
            return self.points.lattice
        lines = self.points.lattice.copy()
        lines[:, 3] = self.options.coefficient
        lines.flags.writeable = False
        return lines

    @cached_property
    def _kept(self) -> dict[range, Floats]:
        """Tables of all maps, if they are small enough to be at work together."""
        return {}

    def _tile(self, most: int) -> tuple[int, int, int]:
        """Columns, rows and slices of a tile of up to ``most`` points."""
        width, height, depth = self._out_size
        wide = min(width, space.WIDE if depth == 1 else 32)
        high = min(height, max(1, most // sizes.fours(wide)) if depth == 1 else 8)
        return wide, high, min(depth, max(1, most // (sizes.fours(wide) * high)))

    def _parts(self, most: int = space.POINTS, images: bool = False) -> Iterator["_Part"]:
        """Split by maps, so that the tables of a part are small, and them by tiles.

        Tiles have up to ``most`` points; with ``images``, which keeps the maps of an image
        together, they are the small ones of d_x.
        """
        groups, channels = self._channels
        theta, _, grid, leading, _ = self.points
        lines = self._lattice
        maps, rank, out_size = math.prod(leading), len(self.size), self._out_size
        small = visits.FLAT if rank == 2 else visits.DEEP
        tile = small if images else self._tile(most)
        tiles = math.prod(-(-n // t) for n, t in zip(out_size, tile, strict=True))
        few, work = 1, self._work()
        if work >= compiler.SMALL:
            # Enough for all threads, and none so long that Ctrl-C would wait for it.
            wanted = max(8 * compiler.threads(), work * self._constants["TEXELS"] // _LONG)
            few = min(tiles, -(-wanted // maps))
        portion = -(-tiles // few)
        tasks = -(-tiles // portion)
        length, step = rank * tables.length(*out_size), maps
        if not grid.size:
            step = max(1, _TABLES // length)
        if images:  # whole ones, with boxes for all tiles of their maps
            boxes = tiles * rank * 2
            step = -(-max(1, min(step, _BOXES // boxes)) // self._maps) * self._maps
        for first in range(0, maps, step):
            some = range(first, min(first + step, maps))
            table = self._kept.get(some)
            if table is None:
                table = np.empty(0 if grid.size else len(some) * length)
                if not grid.size:
                    args = theta[first : some.stop], lines, *out_size, table
                    compiler.call(tables.fill, len(some) * rank, *args, work=len(table))
            if len(some) == maps:
                self._kept[some] = table
            offset = first if not images else 0
            sides = *_three(self.size), self._maps, *out_size
            rule = self.options.padding, self.options.align
            dims = np.array(
                [groups, channels, *sides, *rule, offset, *tile, tasks, portion], np.int64
            )
            near = flat(grid[first : some.stop] if grid.size else grid)
            place = lines, table, near
            yield _Part(some, maps, len(some) * tasks, place, dims)

    def _owners(self) -> tuple[tuple[int, int, int], int]:
        """How many owners d_x has by axis, and numbers in the cells of one."""
        size, rank = _three(self.size), len(self.size)
        taps = axis.TAPS_OF[self.options.mode]
        many = math.prod(self._channels)
        alone = many > 1  # a texel in each cell
        cell = sizes.fours(many) if alone else min(taps**rank, 4)
        side = max(1.0, CELLS / cell / 2) ** (1 / rank)
        frame = 2 * (taps - 1) + (2 * cells.FRAME if taps == 4 else 0)
        longest = [max(8, int(side * (2 if a == 0 else 1))) for a in range(rank)]
        owners = [-(-n // most) for n, most in zip(size, longest, strict=False)]
        # With less work than threads are worth, or images for all of them, one owner is enough.
        wanted = (
            -(-4 * compiler.threads() // max(1, len(self.x)))
            if self._work() >= compiler.SMALL
            else 1
        )
        for a in reversed(range(rank)):
            while math.prod(owners) < wanted and size[a] // (owners[a] + 1) >= 16:
                owners[a] += 1
        owners += [1] * (3 - rank)
        sides = [
            -(-n // k) + frame if a < rank else 1
            for a, (n, k) in enumerate(zip(size, owners, strict=True))
        ]
        count = math.prod(sides) + 1 + taps * (1 + sides[0] + sides[0] * sides[1])
        return (owners[0], owners[1], owners[2]), count * cell

    def _visits(
        self, part: "_Part", owners: tuple[int, int, int]
    ) -> tuple[Integers, NDArray[np.int32]]:
        """Which tiles each owner visits; nothing if there is but one owner."""
        if math.prod(owners) == 1:
            return np.empty(0, np.int64), np.empty(0, np.int32)
        maps, rank, constants = len(part.maps), len(self.size), self._constants
        tiles = int(sizes.tiles_of(part.dims))
        found = np.empty(maps * tiles * rank * 2, np.int32)
        bands, all_owners = -(-self._maps * tiles // visits.BAND), np.array(owners, np.int64)
        images = maps // self._maps
        counts = np.zeros(1 + images * math.prod(owners) * bands, np.int64)
        args = *part.place, part.dims, all_owners, found, counts[1:]
        work = maps * math.prod(self._out_size)
        compiler.call(visits.boxes, images * bands, *args, work=work, **constants)
        starts = np.cumsum(counts)
        visited, fill = np.empty(starts[-1], np.int32), starts[:-1].copy()
        args = part.dims, all_owners, found, fill, visited
        compiler.call(visits.lists, images * bands, *args, work=maps * tiles, **constants)
        return starts[::bands].copy(), visited


class _Part(NamedTuple):
    """Some of the maps of a problem: their range, how many there are, and what kernels see."""

    maps: range
    all_maps: int
    tasks: int
    place: tuple[Any, ...]
    dims: NDArray[np.int64]

    def of(self, a: Array) -> Array:
        """The numbers of an array that belong to these maps."""
        rows = a.reshape(self.all_maps, -1)[self.maps.start : self.maps.stop]
        return rows.reshape(-1)

    def tangent(self, t: Array | None) -> Array:
        """The numbers of a tangent that belong to these maps, in float64; none if it is zero."""
        return wide(None if t is None else self.of(t))


def _three(size: tuple[int, ...]) -> tuple[int, int, int]:
    """(x, y, z) of (H, W) or (D, H, W)."""
    x, y, *z = reversed(size)
    return x, y, z[0] if z else 1
