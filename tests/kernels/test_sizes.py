"""Tiles: every point of the output is in one of them, and rows of a tile are a multiple of four."""

import math

import numpy as np
import pytest
from support.points import on_grid

from npstn.kernels import sizes, space


@pytest.mark.parametrize("most", [1, 7, 64, 1024, space.POINTS])
@pytest.mark.parametrize("dims", [(1, 1), (5, 70), (70, 5), (33, 129), (9, 10, 33), (1, 3, 200)])
def test_tiles_share_the_points(dims, most):
    grid = np.zeros((1, *dims, len(dims)))
    problem = on_grid(grid, (4, 5, 6)[: len(dims)], 1, 0, 1)
    seen = np.zeros(math.prod(dims), int)
    for part in problem._parts(most):
        assert sizes.points_of(part.dims) == len(seen)
        for t in range(sizes.tiles_of(part.dims)):
            tile = sizes.tile_of(part.dims, t)
            _, _, _, slices, rows, columns, pitch = tile
            assert pitch == sizes.fours(columns) == -(-columns // 4) * 4
            assert slices * rows * pitch <= max(most, 256)
            assert columns <= space.WIDE
            for r in range(slices * rows):
                at = sizes.row_at(part.dims, tile, r)
                seen[at : at + columns] += 1
        assert part.dims[sizes.TASKS] * part.dims[sizes.PORTION] >= sizes.tiles_of(part.dims)
    assert (seen == 1).all()


def test_images_of_maps():
    problem = on_grid(np.zeros((2, 3, 4, 5, 2)), (6, 7), 1, 0, 1, x=np.zeros((2, 4, 6, 7)), first=2)
    part = next(iter(problem._parts(64)))
    at = [sizes.image_of(part.dims, n, g) for n in range(6) for g in range(4)]
    assert at == [42 * (n // 3 * 4 + g) for n in range(6) for g in range(4)]
