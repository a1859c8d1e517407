"""The Jacobian determinant of a sampling grid: how it scales areas, and where it folds."""

from itertools import product

import numpy as np

from .. import _check
from .._arithmetic import ieee
from .._check import Array
from .._options import Coordinates
from ..grid import Floats
from .displacement import placement


@ieee
def jacobian_determinant(
    grid: Array, *, coordinates: Coordinates = "normalized", align_corners: bool = True
) -> Floats:
    """Compute the Jacobian determinants of a grid at the corners of all its cells.

    A cell lies between 2 x 2 neighbouring points (2 x 2 x 2 in a volume), and the grid is
    interpolated bilinearly in it. At a corner of a cell the derivatives of that are the differences
    along the edges of the cell that meet there, and ``det = dx/dj dy/di - dx/di dy/dj``.

    Parameters
    ----------
    grid : (B, Ho, Wo, 2) or (B, K, Ho, Wo, 2) float32 or float64, or that of a volume
        Sampling points, as of :func:`npstn.affine_grid` or :func:`displacement_grid`.
    coordinates : {"normalized", "pixel"}
        Unit of ``grid``.
    align_corners : bool
        What -1 and 1 stand for: which normalised grid is the identity.

    Returns
    -------
    (B, Ho - 1, Wo - 1, 4) or (B, K, Ho - 1, Wo - 1, 4) float64, in a volume (..., 8)
        Those of the corners (i, j), (i, j + 1), (i + 1, j), (i + 1, j + 1) of cell (i, j), x
        fastest, in pixels of an input that has the size of the grid. Exactly 1 for the identity
        grid in float64, in either unit, and for shifts by whole pixels in coordinates "pixel".

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype, shape or value, or the grid is empty.

    Notes
    -----
    A positive determinant keeps the orientation, and is the factor by which areas (volumes) grow
    from output to input; 0 is a collapse, and a negative one is turned over: the grid folds where
    the sign changes (a mirror image is negative everywhere).

    In a cell of an image the determinant is linear in either coordinate, without their product. So
    it is positive in the whole cell if and only if it is at the four corners, and the mean of the
    four is the area of the cell in the input. In a volume eight positive corners are necessary
    for a cell without folds, not sufficient, and their mean is an approximation. Central
    differences skip the point they are for, and miss folds even in images.

    An axis of one point has no cells; it counts as two points of the same displacement.

    Examples
    --------
    The fraction of the cells that fold, of a field that sends one pixel beyond its neighbour:

    >>> import numpy as np
    >>> from npstn.transforms import displacement_grid, jacobian_determinant
    >>> flow = np.zeros((1, 5, 6, 2))
    >>> flow[0, 2, 3] = 1.5, 0
    >>> det = jacobian_determinant(displacement_grid(flow, units="pixel", indexing="xy"))
    >>> float((~(det > 0).all(-1)).mean())
    0.1

    References
    ----------
    Liu et al., On Finite Difference Jacobian Computation in Deformable Image Registration, 2024.
    """
    given, leading = _check.grid(grid, ranks=(2, 3))
    dims, rank = given.shape[1:-1], given.shape[-1]
    if 0 in dims:
        raise ValueError(f"grid has shape {grid.shape}, expected one point or more on each axis")
    place = placement(dims, coordinates, "xy", coordinates, align_corners)
    flow = ((given - place.start) * place.pixels)[..., ::-1]  # components in the order of the axes
    for a, n in enumerate(dims, 1):
        flow = np.repeat(flow, 2, a) if n == 1 else flow
    slopes = [np.diff(flow, axis=a) for a in range(1, rank + 1)]
    cells = tuple(max(n - 1, 1) for n in dims)
    det = np.empty((len(flow), *cells, 2**rank))
    for k, corner in enumerate(product((0, 1), repeat=rank)):
        edges = [slice(s, s + n) for s, n in zip(corner, cells, strict=True)]
        columns = [
            slope[(slice(None), *edges[:a], slice(None), *edges[a + 1 :])]
            for a, slope in enumerate(slopes)
        ]
        det[..., k] = _determinant(np.stack(columns, -1) + np.eye(rank))
    return det.reshape(*leading, *det.shape[1:])


def _determinant(m: Floats) -> Floats:
    """Expand the determinants of matrices (..., R, R), in plain sums and products."""
    if m.shape[-1] == 2:
        return _minor(m, 0, 0, 1)
    x, y, z = (m[..., 0, k] * _minor(m, 1, k - 2, k - 1) for k in range(3))
    return x + y + z


def _minor(m: Floats, row: int, k: int, n: int) -> Floats:
    """Compute the determinants of rows ``row`` and the next, columns k and n."""
    return m[..., row, k] * m[..., row + 1, n] - m[..., row, n] * m[..., row + 1, k]
