"""The thin-plate spline: the smoothest map that takes control points to where they should go."""

from functools import lru_cache, partial

import numpy as np

from .._check import Array
from ..grid import Floats
from . import _params as check
from ._linear import KEPT, Linear, lattice_rows

_BAND = 2**21  # numbers
_WORST = 1e12  # condition: of 16 digits at least 4 are left
_TINY = float(np.finfo(np.float64).tiny)  # r**2 log(r) is 0 at 0


def tps_grid(
    params: Array,
    out_dims: tuple[int, ...],
    *,
    align_corners: bool = True,
    control_points: Array | None = None,
    regularization: float = 0.0,
) -> Floats:
    """Sampling grid of a thin-plate spline.

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
    Errors are about the condition times 2**-53 times the largest parameter; LAPACK and the
    logarithm leave the last bits to the machine. A parameter that is NaN or Inf makes all points
    NaN or Inf in its coordinate.

    See Also
    --------
    scipy.interpolate.RBFInterpolator : the same with ``kernel="thin_plate_spline"``, degree 1 and
        ``smoothing=regularization``.

    References
    ----------
    Bookstein, Principal Warps: Thin-Plate Splines and the Decomposition of Deformations, 1989.
    Jaderberg et al., Spatial Transformer Networks, 2015, section 3.2.
    """
    return _spline(control_points, regularization).grid(params, out_dims, align_corners)


def tps_grid_jvp(
    params: Array,
    t_params: Array,
    out_dims: tuple[int, ...],
    *,
    align_corners: bool = True,
    control_points: Array | None = None,
    regularization: float = 0.0,
) -> tuple[Floats, Floats]:
    """Grid of :func:`tps_grid` and its tangent, which is that of t_params: the map is linear.

    Parameters
    ----------
    params
        As in :func:`tps_grid`.
    t_params : shape of ``params``, float32 or float64
        Tangent of the parameters.
    out_dims, align_corners, control_points, regularization
        As in :func:`tps_grid`.

    Returns
    -------
    grid, t_grid : as of :func:`tps_grid`

    Raises
    ------
    TypeError, ValueError
        As :func:`tps_grid`.
    """
    spline = _spline(control_points, regularization)
    return spline.jvp(params, t_params, out_dims, align_corners)


def tps_grid_vjp(
    d_grid: Array,
    params: Array,
    *,
    align_corners: bool = True,
    control_points: Array | None = None,
    regularization: float = 0.0,
) -> Array:
    """Cotangent of the parameters of :func:`tps_grid`: the adjoint of a linear map.

    Parameters
    ----------
    d_grid : (B, Ho, Wo, 2) or (B, n, Ho, Wo, 2) float32 or float64
        Cotangent of the grid.
    params, align_corners, control_points, regularization
        As in :func:`tps_grid`; only the shape and the dtype of params count.

    Returns
    -------
    shape and (native) dtype of ``params``
        Cotangent of the parameters.

    Raises
    ------
    TypeError, ValueError
        As :func:`tps_grid`.
    """
    return _spline(control_points, regularization).vjp(d_grid, params, align_corners)


def tps_identity(*, control_points: Array | None = None) -> Floats:
    """The parameters of the identity, with any regularisation: the control points themselves.

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
    """Condition (2-norm) of the system behind :func:`tps_grid`.

    That of control points moved to the origin and scaled to an extent of about 1, which changes
    the system but not the spline. Points close together, or nearly on one line, raise it.

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
    return _system(key, check.number("regularization", regularization))[1]


def _spline(control_points: object, regularization: object) -> Linear:
    key = check.control_points(control_points)
    solution = _solution(key, check.number("regularization", regularization))
    return Linear(solution.shape[1], len(solution), _BAND, partial(_band, key), solution)


@lru_cache(KEPT // _BAND)
def _band(key: bytes, dims: tuple[int, int], align: bool, first: int, last: int) -> Floats:
    xs, ys = lattice_rows(dims, align, first, last)
    return _basis(check.points_of(key), xs, ys[:, None]).reshape(-1, len(xs) * len(ys))


def _basis(points: Floats, x: Floats, y: Floats) -> Floats:
    """(K + 3, ...): U of the distances to the control points, then 1, x and y, all in the frame."""
    centre, scale = check.frame(points)
    shape = np.broadcast_shapes(x.shape, y.shape)
    basis = np.empty((len(points) + 3, *shape))
    for row, (at_x, at_y) in zip(basis[:-3], points, strict=True):
        dx, dy = (x - at_x) * scale, (y - at_y) * scale
        square = dx * dx + dy * dy
        np.multiply(square, np.log(np.maximum(square, _TINY)), out=row)
    basis[:-3] *= 0.5
    basis[-3] = 1.0
    basis[-2], basis[-1] = (x - centre[0]) * scale, (y - centre[1]) * scale
    return basis


def _system(key: bytes, weight: float) -> tuple[Floats, float, float]:
    """The matrix, its condition, and λ if that is above 1: its first K rows are divided by it."""
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
    """(K + 3, K): the coefficients w and a of the splines of unit parameters."""
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
