"""Points of a tile, as the kernels find them: what the tests of several kernels share."""

import numpy as np

from npstn.grid import pixel_scale
from npstn.kernels import cell, near
from npstn.kernels.axis import BICUBIC, BILINEAR, NEAREST, ZEROS
from npstn.kernels.near import ROW
from npstn.kernels.tile import OUTSIDE
from support import Numbers

NONE = np.empty((0, 0))
KINDS = [(2, NEAREST), (2, BILINEAR), (2, BICUBIC), (3, NEAREST), (3, BILINEAR)]
SIZE, COUNT = (5, 6, 7), 23  # (D, H, W); points of a tile


def of_grid(grid, size, align):
    rank = len(size)
    scale = np.array([[*pixel_scale(n, align), 1.0] for n in reversed(size)])
    return np.empty((0, rank, rank + 1)), NONE, NONE, NONE, scale, grid.reshape(-1)


def tile(rank, mode, channels=1, pad=3):
    """Points in and around an input, found: (work, size, texels or -1 of each point)."""
    size = SIZE[3 - rank :]
    grid = Numbers(90 + rank).uniform((1, 1, COUNT, rank), -1.6, 1.6)
    grid[0, 0, 3], grid[0, 0, 4] = 7.0, 0.1
    where, sizes = of_grid(grid, size, True), (*size[::-1], 1)[:3]
    row = sizes[0] * channels + pad
    work = cell.workspace(where, (channels, row, row * sizes[1]), mode, (COUNT, 1, 1))
    rule = mode, ZEROS, 1
    cell.find(0, 0, 0, 0, COUNT, 0, where, sizes, rule, work)
    number, texels = near.taps(mode) ** rank, []
    for j in range(COUNT):
        code = work[0][j]
        if code >= 0:
            texels.append([int(code) + t for t in work[3][:number]])
        else:
            texels.append([-1 if code == OUTSIDE else t for t in work[1][j : number * ROW : ROW]])
    return work, sizes, np.array(texels)
