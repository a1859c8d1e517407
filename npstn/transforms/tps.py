"""The thin-plate spline: the smoothest map that takes control points to given places."""

from functools import lru_cache, partial

import numpy as np

from .. import _check
from .._check import Array
from ..grid import Floats
from . import _door as door
from . import _params as check
from ._core import Dims
from ._derived import grid_derivatives
from ._linear import KEPT, Linear, lattice_rows

_BASIS_BLOCK = 2**21  # numbers
_WORST = 1e12  # condition: of 16 digits at least 4 are left
_TINY = float(np.finfo(np.float64).tiny)  # r**2 log(r) is 0 at 0


def spline(*, control_points: Array | None = None, regularization: float = 0.0) -> Linear:
    """Make the core of the family."""
    key = check.control_points(control_points)
    solution = _solution(key, _check.number("regularization", regularization, 0.0))
    identities = {2: check.points_of(key).flatten()}
    return Linear(identities, len(solution), _BASIS_BLOCK, partial(_band, key), solution)


def tps_grid(
    params: Array,
    out_dims: tuple[int, ...],
    *,
    align_corners: bool = True,
    control_points: Array | None = None,
    regularization: float = 0.0,
) -> Floats:
    """Compute the sampling grid of a thin-plate spline.

    Each coordinate of the grid is ``f(q) = sum over k of w_k U(|q - c_k|) + a_0 + a_1 x + a_2 y``
    at q = (x, y) of the base lattice, with ``U(r) = r**2 log(r)`` and

        [K + λ I  P] [w]   [v]     K_kl = U(|c_k - c_l|),  rows of P: (1, x_k, y_k),
        [P^T      0] [a] = [0],    v_k: where the parameters send control point c_k.

    With λ = 0 it is the interpolant of least bending energy: f(c_k) = v_k. It is linear in the
    parameters, and the system is solved once for all of them.

    Parameters
    ----------
    params : (B, 2K) or (B, n, 2K) float32 or float64
        (x_1, y_1, x_2, y_2, ...): for each control point its place in the input, in normalised
        coordinates.
    out_dims, align_corners
        As in :func:`npstn.affine_grid`.
    control_points : (K, 2) float32 or float64, optional
        Their places (x, y) in the output, normalised, x first: 3 or more, distinct, not all on one
        line. By default the 16 of a 4 x 4 lattice on [-1, 1]**2, row by row.
    regularization : float
        λ of at least 0: the larger, the closer to the affine map that fits best.

    Returns
    -------
    (B, Ho, Wo, 2) or (B, n, Ho, Wo, 2) float64
        Normalised coordinates, x first.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype, shape or value, or the condition of the system
        exceeds 1e12 (see :func:`tps_condition`).

    Notes
    -----
    Errors are up to a few times the condition times 2**-53 times the largest parameter; LAPACK
    and the logarithm leave the last bits to the machine. A parameter that is NaN or Inf makes all
    points NaN or Inf in its coordinate.

    See Also
    --------
    scipy.interpolate.RBFInterpolator : this map with ``kernel="thin_plate_spline"``, degree 1 and
        ``smoothing=regularization``.

    References
    ----------
    Bookstein, Principal Warps: Thin-Plate Splines and the Decomposition of Deformations, 1989.
    Jaderberg et al., Spatial Transformer Networks, 2015, section 3.2.
    """
    core = spline(control_points=control_points, regularization=regularization)
    return door.grid(core, params, out_dims, align_corners)


tps_grid_jvp, tps_grid_vjp = grid_derivatives(tps_grid, spline)


def tps_identity(*, control_points: Array | None = None) -> Floats:
    """Copy the parameters of the identity for any regularisation: the control points.

    Parameters
    ----------
    control_points
        As in :func:`tps_grid`.

    Returns
    -------
    (2K,) float64
        One row of ``params``. The grid is that of the identity within the error of the spline.

    Raises
    ------
    TypeError, ValueError
        If the control points have the wrong type, dtype, shape or value.
    """
    return check.points_of(check.control_points(control_points)).flatten()


def tps_condition(*, control_points: Array | None = None, regularization: float = 0.0) -> float:
    """Compute the condition (2-norm) of the system behind :func:`tps_grid`.

    The control points are first moved to the origin and scaled to an extent of about 1, which
    changes the system but not the spline. Points close together, or nearly on one line, raise it.

    Parameters
    ----------
    control_points, regularization
        As in :func:`tps_grid`.

    Returns
    -------
    float
        1 or more; up to 1e12 is accepted.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype, shape or value.
    """
    key = check.control_points(control_points)
    return _system(key, _check.number("regularization", regularization, 0.0))[1]


@lru_cache(KEPT // _BASIS_BLOCK)
def _band(key: bytes, dims: Dims, align: bool, first: int, last: int) -> Floats:
    """Compute the transpose (K + 3, points) of the rows of M of output rows [first, last)."""
    xs, ys = lattice_rows(dims, align, first, last)
    return _basis(check.points_of(key), xs, ys[:, None]).reshape(-1, len(xs) * len(ys))


def _basis(points: Floats, x: Floats, y: Floats) -> Floats:
    """Compute (K + 3, ...): U of the distances to the control points, then 1, x and y.

    All are in the frame of the control points, see :func:`._params.frame`.
    """
    centre, scale = check.frame(points)
    shape = np.broadcast_shapes(x.shape, y.shape)
    basis = np.empty((len(points) + 3, *shape))
    for row, (point_x, point_y) in zip(basis[:-3], points, strict=True):
        dx, dy = (x - point_x) * scale, (y - point_y) * scale
        square = dx * dx + dy * dy
        np.multiply(square, np.log(np.maximum(square, _TINY)), out=row)
    basis[:-3] *= 0.5
    basis[-3] = 1.0
    basis[-2], basis[-1] = (x - centre[0]) * scale, (y - centre[1]) * scale
    return basis


def _system(key: bytes, weight: float) -> tuple[Floats, float, float]:
    """Build the matrix: itself, its condition, and the divisor max(1, λ) of its first K rows."""
    points = check.points_of(key)
    count, strength = len(points), weight * check.frame(points)[1] ** 2
    divisor = max(1.0, strength)
    system = np.zeros((count + 3, count + 3))
    system[:count] = _basis(points, points[:, 0], points[:, 1]).T
    system[:count, :count] /= divisor
    system[count:, :count] = system[:count, count:].T
    system[np.arange(count), np.arange(count)] += strength / divisor
    return system, float(np.linalg.cond(system)), divisor


@lru_cache(16)
def _solution(key: bytes, weight: float) -> Floats:
    """Solve for the coefficients (K + 3, K), w and a, of the splines of unit parameters."""
    from scipy import linalg

    system, condition, divisor = _system(key, weight)
    count = len(system) - 3
    if not condition <= _WORST:
        msg = f"control_points give a thin-plate spline of condition {condition:.1e}"
        raise ValueError(f"{msg}, expected at most {_WORST:.0e}: move them apart or regularise")
    units = np.eye(count + 3)[:, :count]
    solution = np.asarray(linalg.solve(system, units, assume_a="sym"), np.float64)
    solution[:count] /= divisor
    return solution
