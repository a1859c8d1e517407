"""Checks that families share: parameters, tangents, cotangents and control points."""

import math
from functools import lru_cache

import numpy as np

from .. import _arrays, _check, _hints, _values
from .._check import Array
from ..grid import Floats

_THIN = 1e-9  # points this close to a line, relative to its length, are on it


def params(
    value: object, counts: tuple[int, ...], name: str = "params"
) -> tuple[Floats, tuple[int, ...]]:
    """Check parameters: rows (N, P) in float64, and their leading shape (B,) or (B, K).

    P is one of ``counts``, first that of images.
    """
    shapes = ", in a volume ".join(f"(B, {n}) or (B, K, {n})" for n in counts)
    given = _check.array(name, value, f"of shape {shapes}")
    if given.ndim not in (2, 3) or given.shape[-1] not in counts:
        hint = _hints.parameters(name, given.shape, counts)
        raise ValueError(f"{name} has shape {given.shape}, expected {shapes}{hint}")
    leading = given.shape[:-1]
    return given.reshape(math.prod(leading), given.shape[-1]).astype(np.float64), leading


def rank(value: object, ranks: tuple[int, ...]) -> int:
    """Check a number of dimensions; by default the first of those there are."""
    if value is None:
        return ranks[0]
    expected = f"rank is {_hints.shown(value)}, expected {' or '.join(map(str, ranks))}"
    if not _values.is_whole(value):
        raise TypeError(expected)
    if value not in ranks:
        raise ValueError(expected)
    return int(value)


def tangent(value: object, primal: Array, name: str = "t_params") -> Array:
    """Check the tangent of a checked array."""
    return _arrays.like(name, value, primal.shape, name[2:])


def same_maps(
    name: str, found: tuple[int, ...], leading: tuple[int, ...], other: str = "params"
) -> None:
    """Raise unless an array has the leading shape of another one."""
    if found != leading:
        msg = f"{name} has a shape that starts {found}"
        raise ValueError(f"{msg}, expected that of {other}, which starts {leading}")


def cast_like(cotangent: Array, primal: Array) -> Array:
    """Give a cotangent the shape and the native dtype of its primal."""
    return _arrays.narrow(cotangent.reshape(primal.shape), primal.dtype)


def control_points(value: object, ranks: tuple[int, ...] = (2,)) -> dict[int, bytes]:
    """Check control points (K, R): by R their float64 bytes, by which caches know them."""
    if value is None:
        return {rank: _FIDUCIALS[rank] for rank in ranks}
    shapes = " or ".join(f"(K, {rank})" for rank in ranks)
    given = _check.array("control_points", value, f"of shape {shapes}")
    if given.ndim != 2 or given.shape[1] not in ranks:
        raise ValueError(f"control_points has shape {given.shape}, expected {shapes}")
    least = given.shape[1] + 1
    if len(given) < least:
        raise ValueError(f"control_points has shape {given.shape}, expected {least} points or more")
    key = (given.astype(np.float64) + 0.0).tobytes()  # -0.0 and 0.0 are the same place
    _check_points(key, given.shape[1])
    return {given.shape[1]: key}


def points_of(key: bytes, rank: int = 2) -> Floats:
    """Read the control points (K, R) from their bytes."""
    return np.frombuffer(key).reshape(-1, rank)


def frame(points: Floats) -> tuple[Floats, float]:
    """Find the centre of points, and the power of two that scales their extent to about 1."""
    low, high = points.min(0), points.max(0)
    half = float((high / 2 - low / 2).max())
    return low / 2 + high / 2, math.ldexp(1.0, min(500, -math.frexp(half)[1]))


@lru_cache
def _check_points(key: bytes, rank: int) -> None:
    """Raise unless the points are finite, distinct and not all on one line, or plane."""
    points = points_of(key, rank)
    bad = np.flatnonzero(~np.isfinite(points).all(axis=1))
    if len(bad):
        k = int(bad[0])
        raise ValueError(f"control_points[{k}] is {points[k]}, expected finite numbers")
    seen: dict[bytes, int] = {}
    for k, point in enumerate(points):
        first = seen.setdefault(point.tobytes(), k)
        if first != k:
            msg = f"control_points[{first}] and [{k}] are both {point}"
            raise ValueError(f"{msg}, expected distinct points")
    centre, scale = frame(points)
    sizes = np.linalg.svd((points - centre) * scale, compute_uv=False)
    if sizes[-1] <= _THIN * sizes[0]:
        flat, least = ("line", "three") if rank == 2 else ("plane", "four")
        raise ValueError(f"control_points are all on one {flat}, expected {least} that are not")


_LINE = np.array([-3.0, -1.0, 1.0, 3.0]) / 3.0
_FIDUCIALS = {  # x fastest
    rank: np.stack(np.meshgrid(*[_LINE] * rank, indexing="ij")[::-1], axis=-1).tobytes()
    for rank in (2, 3)
}
