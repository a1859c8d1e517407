"""Piecewise affine: control points joined to triangles, and one affine map in each."""

from functools import lru_cache
from typing import Any

import numpy as np

from .._arithmetic import ieee
from .._check import Array
from ..grid import Floats
from ..jit import heap
from . import _door as door
from . import _params as check
from ._core import Dims
from ._derived import grid_derivatives
from ._linear import KEPT, Linear, lattice_rows
from ._triangles import Indices, barycentric, boundary, triangulate

_WIDTH = 6  # numbers in a row of M: weights and indices
_BASIS_BLOCK = 2**17  # numbers in a band
_INSIDE = -1e-12  # least weight inside a triangle: rounding must leave no cracks between two


class Mesh(Linear):
    """M has three weights in a row, and there is no S."""

    def __init__(self, *, control_points: Array | None = None) -> None:
        self._key = check.control_points(control_points)[2]
        self.identities = {2: check.points_of(self._key).flatten()}
        triangulate(self._key)

    def band(self, dims: Dims, align: bool, first: int, last: int) -> Any:
        """Compute the rows of M of the output rows [first, last)."""
        return _band(self._key, dims, align, first, last)

    def points_in_band(self, rank: int) -> int:
        """How many points of the output a band has."""
        return _BASIS_BLOCK // _WIDTH


def piecewise_affine_grid(
    params: Array,
    out_dims: tuple[int, ...],
    *,
    align_corners: bool = True,
    control_points: Array | None = None,
) -> Floats:
    """Compute a sampling grid that is affine in each triangle of control points.

    A point of the base lattice in the triangle (a, b, c) has barycentric weights w with
    ``(x_j, y_i) = w_a c_a + w_b c_b + w_c c_c``; its place in the input is ``w_a v_a + w_b v_b +
    w_c v_c``, where v_k is where the parameters send control point c_k. The map is linear in the
    parameters, continuous within the hull, and bends at edges only. A point outside the hull is
    mapped by the triangle nearest to it, which is exact for every affine map; where two are
    equally near, by the first of them, so that outside the map may jump.

    Parameters
    ----------
    params : (B, 2K) or (B, n, 2K) float32 or float64
        (x_1, y_1, x_2, y_2, ...): for each control point its place in the input, in normalised
        coordinates. Triangles may turn over or vanish there.
    out_dims, align_corners
        As in :func:`npstn.affine_grid`.
    control_points : (K, 2) float32 or float64, optional
        Their places (x, y) in the output, normalised, x first: 3 or more, distinct, not all on one
        line. By default the 16 of a 4 x 4 lattice on [-1, 1]**2, row by row.

    Returns
    -------
    (B, Ho, Wo, 2) or (B, n, Ho, Wo, 2) float64
        Normalised coordinates, x first.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype, shape or value, or two control points nearly
        coincide (within 1e-9 of the extent of all).

    Notes
    -----
    Triangles are those of :func:`piecewise_affine_triangles`. A parameter that is NaN or Inf
    reaches the points of the triangles around its control point, edges included, in its
    coordinate.

    See Also
    --------
    skimage.transform.PiecewiseAffineTransform : this map, with -1 outside the hull.
    scipy.interpolate.LinearNDInterpolator : this map, with NaN outside the hull.
    """
    return door.grid(Mesh(control_points=control_points), params, out_dims, align_corners)


piecewise_affine_grid_jvp, piecewise_affine_grid_vjp = grid_derivatives(piecewise_affine_grid, Mesh)


def piecewise_affine_identity(*, control_points: Array | None = None) -> Floats:
    """Copy the parameters of the identity: the control points.

    Parameters
    ----------
    control_points
        As in :func:`piecewise_affine_grid`.

    Returns
    -------
    (2K,) float64
        One row of ``params``. The grid is that of the identity within a few roundings.

    Raises
    ------
    TypeError, ValueError
        If the control points have the wrong type, dtype, shape or value.
    """
    return check.points_of(check.control_points(control_points)[2]).flatten()


@ieee
def piecewise_affine_triangles(*, control_points: Array | None = None) -> Indices:
    """Compute the Delaunay triangles of :func:`piecewise_affine_grid`.

    Of four control points or more on one circle, such as those of a square, the one of lowest
    index is joined to all others. Triangles flatter than 1e-9 are left out.

    Parameters
    ----------
    control_points
        As in :func:`piecewise_affine_grid`.

    Returns
    -------
    (T, 3) int64
        Indices of control points, each triangle from its lowest, in the sense from x to y.

    Raises
    ------
    TypeError, ValueError
        As :func:`piecewise_affine_grid`.
    """
    return triangulate(check.control_points(control_points)[2]).copy()


@lru_cache(KEPT * 6 // 7 // _BASIS_BLOCK)  # a row has the number of its first weight as well
def _band(key: bytes, dims: Dims, align: bool, first: int, last: int) -> Any:
    """Compute the rows of M of output rows [first, last): sparse, three weights a point."""
    heap.require_for("scipy.sparse")
    from scipy.sparse import csr_array

    triangles, points = triangulate(key), check.points_of(key)
    xs, ys = (line.ravel() for line in lattice_rows(dims, align, first, last))
    owner, least = _owners(points[triangles], xs, ys)
    x, y = (part.ravel() for part in np.meshgrid(xs, ys))
    outside = np.flatnonzero(least < _INSIDE)
    if len(outside):
        owner[outside] = _nearest(points, boundary(triangles), x[outside], y[outside])
    corners = triangles[owner]
    weights = barycentric(np.moveaxis(points[corners], 0, -1), x, y)
    starts = np.arange(0, 3 * len(x) + 1, 3)
    return csr_array((weights.T.ravel(), corners.ravel(), starts), (len(x), len(points)))


def _owners(corners: Floats, xs: Floats, ys: Floats) -> tuple[Indices, Floats]:
    """Find for each point the triangle (T, 3, 2) it is deepest in, and its least weight there."""
    owner = np.zeros((len(ys), len(xs)), np.int64)
    least = np.full(owner.shape, -np.inf)
    low, high = corners.min(1), corners.max(1)
    left, right = np.searchsorted(xs, low[:, 0]), np.searchsorted(xs, high[:, 0], "right")
    top, bottom = np.searchsorted(ys, low[:, 1]), np.searchsorted(ys, high[:, 1], "right")
    for t in np.flatnonzero((left < right) & (top < bottom)):
        rows, columns = slice(top[t], bottom[t]), slice(left[t], right[t])
        weights = barycentric(corners[t][:, :, None, None], xs[columns], ys[rows, None])
        depth = weights.min(0)
        deeper = depth > least[rows, columns]
        least[rows, columns][deeper] = depth[deeper]
        owner[rows, columns][deeper] = t
    return owner.ravel(), least.ravel()


def _nearest(points: Floats, edges: Indices, x: Floats, y: Floats) -> Indices:
    """Find for each point the nearest edge of the hull, and the triangle behind it."""
    nearest, owner = np.full(len(x), np.inf), np.zeros(len(x), np.int64)
    for a, b, t in edges:
        along = points[b] - points[a]
        dx, dy = x - points[a, 0], y - points[a, 1]
        foot = np.clip((dx * along[0] + dy * along[1]) / (along @ along), 0.0, 1.0)
        end = foot == 1.0  # the corner itself: the next edge must find the same distance to it
        dx = np.where(end, x - points[b, 0], dx - foot * along[0])
        dy = np.where(end, y - points[b, 1], dy - foot * along[1])
        distance = dx * dx + dy * dy
        closer = distance < nearest
        nearest[closer], owner[closer] = distance[closer], t
    return owner
