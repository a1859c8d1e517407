"""Texels that points read: sums over what a point reads there, and over all points."""

import numpy as np
from numpy.typing import NDArray

from ..grid import Floats
from ._cells import Cells


class Reads:
    """Pairs of a point and a texel that it may read, in some of its rows of cells."""

    def __init__(self, cells: Cells, image: NDArray[np.intp], images: int, count: int) -> None:
        self.cells, self.images, self.count = cells, images, count  # of texels, the missing as one
        rows = np.arange(len(cells.point))[:, None]
        once, own = np.unique(cells.texels % count + count * rows, return_inverse=True)
        self.row, texel = np.divmod(once, count)  # a texel that a row reads, once
        self.own = own.reshape(-1)
        pairs, self.where = np.unique(cells.point[self.row] * count + texel, return_inverse=True)
        self.owner, texel = np.divmod(pairs, count)
        self.target = image[self.owner] * count + texel

    def most(self, w: Floats) -> Floats:
        """The largest sum of weights (rows, T), at least 0, for each pair."""
        return self._largest(self._read(w), np.zeros(len(self.owner)))

    def range(self, w: Floats) -> tuple[Floats, Floats]:
        """How far sums of weights (rows, T) fall and rise from those of the exact rows."""
        cells, read = self.cells, self._read(w)
        main = np.zeros(len(self.owner))
        first = cells.first[cells.point[self.row]] == self.row
        main[self.where[first]] = read[first]
        # A texel that some of a point's rows do not read has the weight 0 there.
        rows = np.bincount(self.where, minlength=len(main))
        each = np.diff(np.append(cells.first, len(cells.point)))[self.owner]
        some = np.where(rows < each, 0.0, -np.inf)
        return -self._largest(-read, some) - main, self._largest(read, some) - main

    def summed(self, w: Floats, d: Floats) -> Floats:
        """Sums (N texels, C) of weights of pairs times cotangents (P, C) of their points."""
        found = np.zeros((self.images * self.count, d.shape[1]))
        np.add.at(found, self.target, w[:, None] * d[self.owner])
        return found.reshape(self.images, self.count, d.shape[1])[:, :-1].reshape(-1, d.shape[1])

    def _read(self, w: Floats) -> Floats:
        return np.asarray(np.bincount(self.own, w.reshape(-1), len(self.row)), np.float64)

    def _largest(self, w: Floats, least: Floats) -> Floats:
        found = least.copy()
        np.maximum.at(found, self.where, w)
        return found
