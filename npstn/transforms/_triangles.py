"""Triangles of control points, independent of how Qhull breaks its ties."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ..grid import Floats
from ..jit import heap
from . import _params as check

Indices = NDArray[np.int64]
Triangle = tuple[int, int, int]

_FLAT = 1e-9  # least height of a triangle, relative to its longest edge
_TIE = 1e-12  # four points as close as this to a circle are on it


@lru_cache(16)
def triangulate(key: bytes) -> Indices:
    """Compute Delaunay triangles (T, 3), sorted, each from its lowest index a in one sense.

    The sense is (b - a) x (c - a) > 0. Of points on one circle the one of lowest index is joined to
    all others. Flat triangles, which rounding makes of points along the edge of the hull, are left
    out.
    """
    heap.require_for("scipy.spatial")
    from scipy.spatial import Delaunay

    points = check.points_of(key)
    centre, scale = check.frame(points)
    points = (points - centre) * scale
    triangles: list[Triangle] = []
    simplices = Delaunay(points).simplices
    _check_edges(points, simplices)
    for a, b, c in simplices.tolist():  # in the sense from x to y, as SciPy promises
        if _height(points, a, b, c) > _FLAT:
            triangles.append((a, b, c))
    lonely = sorted(set(range(len(points))).difference(*triangles))
    if lonely:
        msg = f"control_points[{lonely[0]}] is in no triangle but flat ones"
        raise ValueError(f"{msg}, expected it apart from other points and from their lines")
    while _flip_ties(points, triangles):
        pass
    return np.array(sorted(_from_lowest(t) for t in triangles), np.int64)


def boundary(triangles: Indices) -> Indices:
    """Find edges (a, b) of one triangle t only: rows (a, b, t) in the order of triangles."""
    owners = _edges([(a, b, c) for a, b, c in triangles.tolist()])
    edges = [(a, b, t) for (a, b), t in owners.items() if (b, a) not in owners]
    return np.array(sorted(edges, key=lambda edge: edge[2]), np.int64)


def barycentric(corners: Floats, x: Floats, y: Floats) -> Floats:
    """Compute the weights (3, ...) of the corners (3, 2, ...) of triangles for points (x, y)."""
    a, b, c = corners
    (bx, by), (cx, cy), (px, py) = b - a, c - a, (x - a[0], y - a[1])
    double = bx * cy - by * cx
    second, third = (px * cy - py * cx) / double, (bx * py - by * px) / double
    return np.stack([1.0 - second - third, second, third])


def _check_edges(points: Floats, simplices: Indices) -> None:
    """Raise if two points nearly coincide: nearest neighbours are always joined by an edge."""
    ends = np.roll(simplices, 1, axis=1)
    short = np.argwhere(np.abs(points[ends] - points[simplices]).max(2) <= _FLAT)
    if len(short):
        a, b = sorted(int(s[tuple(short[0])]) for s in (simplices, ends))
        raise ValueError(f"control_points[{a}] and [{b}] nearly coincide, expected distinct points")


def _height(points: Floats, a: int, b: int, c: int) -> float:
    """Compute the height over the longest edge, relative to it; negative if turned over."""
    edges = points[[b, c, a]] - points[[a, b, c]]
    double = edges[0, 0] * edges[1, 1] - edges[0, 1] * edges[1, 0]
    return float(double / (edges * edges).sum(1).max())


def _from_lowest(t: Triangle) -> Triangle:
    first = t.index(min(t))
    return t[first], t[first - 2], t[first - 1]


def _edges(triangles: list[Triangle]) -> dict[tuple[int, int], int]:
    """Map every directed edge to its triangle."""
    return {edge: t for t, (a, b, c) in enumerate(triangles) for edge in ((a, b), (b, c), (c, a))}


def _flip_ties(points: Floats, triangles: list[Triangle]) -> bool:
    """Turn diagonals of points on one circle towards the lowest index, each triangle once.

    Every flip lowers the sum of the lower ends of all edges, so flips come to an end.
    """
    owners = _edges(triangles)
    touched: set[int] = set()
    for (a, b), t in owners.items():
        u = owners.get((b, a), t)
        if a > b or u == t or {t, u} & touched:
            continue
        (c,), (d,) = (set(triangles[s]) - {a, b} for s in (t, u))
        least = min(_height(points, a, d, c), _height(points, d, b, c))
        if min(c, d) < min(a, b) and least > _FLAT and _is_cyclic(points, a, b, c, d):
            triangles[t], triangles[u] = (a, d, c), (d, b, c)
            touched |= {t, u}
    return bool(touched)


def _is_cyclic(points: Floats, a: int, b: int, c: int, d: int) -> bool:
    """Decide whether four points are on one circle, up to rounding."""
    sides = points[[a, b, c]] - points[d]
    squares = (sides * sides).sum(1)
    power = np.linalg.det(np.column_stack([sides, squares]))
    return bool(abs(power) <= _TIE * squares.max() ** 2)
