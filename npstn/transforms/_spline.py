"""The basis of thin-plate splines, and the system whose solution are their coefficients.

``units`` are the lengths of a normalised unit along each axis. All is computed in the frame of the
control points in these units, where their extent is about 1: see :func:`._params.frame`.
"""

from functools import lru_cache

import numpy as np

from ..grid import Floats
from ..jit import heap
from . import _params as check

Units = tuple[float, ...]  # x first

_WORST = 1e12  # condition: of 16 digits at least 4 are left
_TINY = float(np.finfo(np.float64).tiny)  # r**2 log(r) is 0 at 0


def basis(points: Floats, units: Units, *places: Floats) -> Floats:
    """Compute (K + R + 1, ...): U of the distances to the control points, then 1, x, y (and z)."""
    count, rank = points.shape
    centre, scales = check.frame(points)[0], _power(points, units) * np.array(units)
    rows = np.empty((count + rank + 1, *np.broadcast_shapes(*(place.shape for place in places))))
    for row, point in zip(rows[:count], points, strict=True):
        offsets = [(q - c) * s for q, c, s in zip(places, point, scales, strict=True)]
        square = np.asarray(sum(d * d for d in offsets))
        if rank == 2:
            np.multiply(square, np.log(np.maximum(square, _TINY)), out=row)
        else:
            np.sqrt(square, out=row)
    rows[:count] *= 0.5 if rank == 2 else -1.0
    rows[count] = 1.0
    for row, q, c, s in zip(rows[count + 1 :], places, centre, scales, strict=True):
        row[...] = (q - c) * s
    return rows


def system(key: bytes, units: Units, weight: float) -> tuple[Floats, float, float]:
    """Build the matrix: itself, its condition, and the divisor max(1, λ) of its first K rows."""
    rank = len(units)
    points = check.points_of(key, rank)
    count, power = len(points), _power(points, units)
    strength = weight * (power**2 if rank == 2 else power)  # as U, but for what is affine
    divisor = max(1.0, strength)
    matrix = np.zeros((count + rank + 1, count + rank + 1))
    matrix[:count] = basis(points, units, *points.T).T
    matrix[:count, :count] /= divisor
    matrix[count:, :count] = matrix[:count, count:].T
    matrix[np.arange(count), np.arange(count)] += strength / divisor
    return matrix, float(np.linalg.cond(matrix)), divisor


@lru_cache(16)
def solution(key: bytes, units: Units, weight: float) -> Floats:
    """Solve for the coefficients (K + R + 1, K), w and a, of the splines of unit parameters."""
    heap.require_for("scipy.linalg")
    from scipy import linalg

    matrix, condition, divisor = system(key, units, weight)
    count = len(matrix) - len(units) - 1
    if not condition <= _WORST:
        msg = f"control_points give a thin-plate spline of condition {condition:.1e}"
        raise ValueError(f"{msg}, expected at most {_WORST:.0e}: move them apart or regularise")
    unit_params = np.eye(len(matrix))[:, :count]
    coefficients = np.asarray(linalg.solve(matrix, unit_params, assume_a="sym"), np.float64)
    coefficients[:count] /= divisor
    return coefficients


def _power(points: Floats, units: Units) -> float:
    """Find the power of two from these units to the frame of the points."""
    return check.frame(points * np.array(units))[1]
