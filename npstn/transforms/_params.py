"""What the families share at the door: parameters, tangents, cotangents and control points."""

import math
from functools import lru_cache

import numpy as np

from .. import _arrays, _check
from .._check import Array
from ..grid import Floats

_THIN = 1e-9  # points this close to a line, relative to its length, are on it


def params(value: object, count: int, name: str = "params") -> tuple[Floats, tuple[int, ...]]:
    """Parameters as (N, count), and the leading shape (B,) or (B, K) they came in."""
    shapes = f"(B, {count}) or (B, K, {count})"
    given = _check.array(name, value, f"of shape {shapes}")
    if given.ndim not in (2, 3) or given.shape[-1] != count:
        raise ValueError(f"{name} has shape {given.shape}, expected {shapes}")
    leading = given.shape[:-1]
    return given.reshape(math.prod(leading), count).astype(np.float64), leading


def tangent(value: object, of: Array, name: str = "t_params") -> Array:
    """A tangent of an array that has passed its own check."""
    return _arrays.like(name, value, of.shape, name[2:])


def d_theta(value: object, leading: tuple[int, ...]) -> Array:
    """The cotangent (N, 2, 3) of the theta that parameters of this leading shape gave."""
    given, found = _check.theta(value, name="d_theta")
    _same_maps("d_theta", found, leading)
    return given


def d_grid(value: object, leading: tuple[int, ...]) -> Array:
    """The cotangent (B, Ho, Wo, 2) or (B, K, Ho, Wo, 2) of the grid of such parameters."""
    given, found = _check.grid(value, name="d_grid")
    _same_maps("d_grid", found, leading)
    return given.reshape(*leading, *given.shape[1:])


def like(d_params: Floats, given: Array) -> Array:
    """A cotangent in the shape and the native dtype of what it belongs to."""
    return _arrays.narrow(d_params.reshape(given.shape), given.dtype)


def number(name: str, value: object) -> float:
    """An option that is a finite number of at least 0."""
    if isinstance(value, bool | np.bool_) or not isinstance(
        value, int | float | np.integer | np.floating
    ):
        raise TypeError(f"{name} is {value!r}, expected a number")
    if not 0.0 <= value < math.inf:
        raise ValueError(f"{name} is {value!r}, expected a finite number of at least 0")
    return float(value)


def control_points(value: object) -> bytes:
    """The float64 bytes of control points (K, 2), by which caches know them."""
    if value is None:
        return _FIDUCIALS
    given = _check.array("control_points", value, "of shape (K, 2)")
    if given.ndim != 2 or given.shape[1] != 2:
        raise ValueError(f"control_points has shape {given.shape}, expected (K, 2)")
    if len(given) < 3:
        raise ValueError(f"control_points has shape {given.shape}, expected 3 points or more")
    key = (given.astype(np.float64) + 0.0).tobytes()  # -0.0 and 0.0 are the same place
    _check_points(key)
    return key


def points_of(key: bytes) -> Floats:
    """The control points (K, 2) behind their bytes."""
    return np.frombuffer(key).reshape(-1, 2)


def frame(points: Floats) -> tuple[Floats, float]:
    """Centre of the points, and the power of two that scales their extent to about 1."""
    low, high = points.min(0), points.max(0)
    half = float((high / 2 - low / 2).max())
    return low / 2 + high / 2, math.ldexp(1.0, min(500, -math.frexp(half)[1]))


@lru_cache
def _check_points(key: bytes) -> None:
    """Raise unless the points are finite, distinct and not all on one line."""
    points = points_of(key)
    bad = np.flatnonzero(~np.isfinite(points).all(axis=1))
    if len(bad):
        at = int(bad[0])
        raise ValueError(f"control_points[{at}] is {points[at]}, expected finite numbers")
    seen: dict[bytes, int] = {}
    for at, point in enumerate(points):
        first = seen.setdefault(point.tobytes(), at)
        if first != at:
            msg = f"control_points[{first}] and [{at}] are both {point}"
            raise ValueError(f"{msg}, expected distinct points")
    centre, scale = frame(points)
    sizes = np.linalg.svd((points - centre) * scale, compute_uv=False)
    if sizes[1] <= _THIN * sizes[0]:
        raise ValueError("control_points are all on one line, expected three that are not")


def _same_maps(name: str, found: tuple[int, ...], leading: tuple[int, ...]) -> None:
    if found != leading:
        msg = f"{name} has a shape that starts {found}"
        raise ValueError(f"{msg}, expected that of params, which starts {leading}")


_LINE = np.array([-3.0, -1.0, 1.0, 3.0]) / 3.0
_FIDUCIALS = np.stack(np.meshgrid(_LINE, _LINE), axis=-1).tobytes()  # x fastest
