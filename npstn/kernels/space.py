"""The work space of a task: which numbers of ``scratch`` are for what.

For axis a and point j of row r of a tile there are three numbers at the beginning, each in a block
of BLOCK: the first texel k of the kernel (after padding), the rest f (see :mod:`.axis`), and the
slope of the padding. Rows are a pitch apart; points beyond the last column repeat it. All else is
for one row of points: a row of ROW numbers for each axis, order of derivative and tap, or for each
texel.
"""

WIDE = 64  # columns of a tile, at most
POINTS = 2048  # points of a tile, at most
# No powers of two: such blocks and rows would share lines of the cache.
BLOCK, ROW = POINTS + 72, WIDE + 8
MOST = 64  # texels of a point

BOX = 9 * BLOCK  # the least and the largest first texel, by axis
SUMMARY = BOX + 8  # of the points of a tile on one axis
SPARE = SUMMARY + 16  # for one point that is hard to find
AXES = SPARE + 32  # weights by axis, order and tap
FOUND = AXES + 36 * ROW  # weights of texels, and those derived by each axis
VALUES = FOUND + 4 * MOST * ROW  # values of texels
MOVES = VALUES + MOST * ROW  # tangents, slopes or cotangents of coordinates
SLICES = MOVES + 6 * ROW  # sums over the slices of 4 x 4 x 4 texels
WINDOW = SLICES + 16
SPACE = 2**15  # numbers in a window
END = WINDOW + SPACE
