"""The numbers of a problem: how kernels see sizes, options and tiles, as one array ``dims``.

Sizes and tiles are (x, y, z), where z is 1 in two dimensions. x is (B, groups, D, H, W, channels),
one of which is 1: channels last has one group, channels first one channel in a group.
"""

from typing import Any

GROUPS, CHANNELS = 0, 1
SIZE = 2  # of the input
MAPS = 5  # of an image
OUT = 6  # size of the output
PADDING, ALIGN = 9, 10
FIRST = 11  # the first map there are tables for
TILE = 12  # columns, rows and slices of a tile
TASKS, PORTION = 15, 16  # tasks of a map, tiles of a task


def points_of(dims):
    """How many points a map has."""
    return dims[OUT] * dims[OUT + 1] * dims[OUT + 2]


def texels_of(dims):
    """How many texels an image has."""
    return dims[SIZE] * dims[SIZE + 1] * dims[SIZE + 2]


def image_of(dims, n, g):
    """Where group g of the image of map n begins in x."""
    image = (n + dims[FIRST]) // dims[MAPS] * dims[GROUPS] + g
    return image * texels_of(dims) * dims[CHANNELS]


def tiles_of(dims: Any) -> Any:
    """How many tiles a map has."""
    tiles = -(-dims[OUT] // dims[TILE]) * -(-dims[OUT + 1] // dims[TILE + 1])
    return tiles * -(-dims[OUT + 2] // dims[TILE + 2])


def tiles_at(dims, task):
    """Map, first tile and the tile behind the last one of a portion of the tiles of a map."""
    n, part = task // dims[TASKS], task % dims[TASKS]
    return n, part * dims[PORTION], min((part + 1) * dims[PORTION], tiles_of(dims))


def tile_of(dims, t):
    """First slice, row and column of tile t, how many of each, and the pitch of its rows."""
    wide, high, deep = dims[TILE], dims[TILE + 1], dims[TILE + 2]
    across, down = -(-dims[OUT] // wide), -(-dims[OUT + 1] // high)
    left, top, front = t % across * wide, t // across % down * high, t // across // down * deep
    columns = min(wide, dims[OUT] - left)
    rows, slices = min(high, dims[OUT + 1] - top), min(deep, dims[OUT + 2] - front)
    return front, top, left, slices, rows, columns, fours(columns)


def row_at(dims, tile, r):
    """Where row r of a tile begins among the points of a map."""
    line = (tile[0] + r // tile[4]) * dims[OUT + 1] + tile[1] + r % tile[4]
    return line * dims[OUT] + tile[2]


def fours(n: Any) -> Any:
    """The next multiple of four."""
    return n + 3 - (n + 3) % 4
