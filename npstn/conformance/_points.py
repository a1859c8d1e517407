"""The pixel points of a call in exact arithmetic, and the way back from them to its arguments."""

from fractions import Fraction

import numpy as np

from ..dialects import _layouts
from ..dialects._arguments import POINTS, Arguments
from ..dialects._frames import Sizes
from ..dialects._maps import AFFINE, own_matrices, own_parameters
from ..grid import Floats
from ._frame import ExactFrame, exact_frame, exact_lattice
from ._spread import Objects, Spread, fractions

KEEP = 2**256  # quotients of projective maps are kept to multiples of 1 / KEEP


class Given:
    """Points that were given: p = g a + b."""

    def __init__(self, given: Arguments, size: Sizes, align: bool) -> None:
        self.given = given
        floats = given.points(len(size))
        self.g = fractions(floats)
        self.out: Sizes = floats.shape[1:-1]
        self.frame = exact_frame(given.rule, size, self.out, align)
        self.p = self.frame.pixels(self.g)
        self.rounding = self.frame.rounding(self.g)

    def pulled(self, d: Spread) -> dict[str, Spread]:
        """The cotangents of the arrays of points, from those (N, *out, R) of pixels."""
        given, batch = self.given, len(self.g)
        shape = d.value.shape
        if batch < shape[0]:  # one grid for all images
            d = d.each(lambda a: a.sum(0, keepdims=True))
        factor = np.broadcast_to(self.frame.a, d.value.shape)
        d = scaled(d, factor)
        if given.rule.order != "xy":
            d = d.each(lambda a: a[..., ::-1])
        if "points" in given.values:
            return {"points": d.each(lambda a: _layouts.original(a, given.rule.points))}
        word = given.rule.points.replace("R", "")
        parts = [role for role in POINTS[1:] if role in given.values]
        return {
            role: d.each(lambda a, k=k: _layouts.original(a[..., [k]], word))
            for k, role in enumerate(parts)
        }


class Mapped:
    """Points of maps: the lattice of the output, mapped, in the unit of the maps and in pixels."""

    def __init__(self, given: Arguments, out: Sizes, align: bool) -> None:
        rank, rule = len(out), given.rule
        self.given, self.out, self.rule = given, out, rule
        theta = given.maps(rank)
        self.maps = len(theta)
        own = own_matrices(rule, np.asarray(theta, np.float64), rank)
        self.m = fractions(own)
        rounding = np.zeros(own.shape)
        if rule.direction == "push":
            self.m = np.stack([inverse(m) for m in self.m])
            x = abs(self.m.astype(np.float64))
            rounding = 4 * (rank + 1) * x @ abs(own) @ x
        axes = np.meshgrid(*exact_lattice(rule, out, align)[::-1], indexing="ij")[::-1]
        ones = np.full(axes[0].shape, Fraction(1), object)
        self.base = np.stack([*axes, ones], -1).reshape(-1, rank + 1)  # (P, R + 1)
        size = abs(self.base.astype(np.float64))
        y = np.einsum("pb,nab->npa", self.base, self.m)
        self.magnitude = np.einsum("pb,nab->npa", abs(self.base), abs(self.m))
        off = (rank + 4) * self.magnitude.astype(np.float64)
        off += np.einsum("pb,nab->npa", size, rounding)
        self.w = None
        if rule.form not in AFFINE:
            w = np.where(y[..., rank:] == 0, np.nan, y[..., rank:])
            self.w, y = w, y[..., :rank] / w
            y = np.vectorize(kept, otypes=[object])(y)
            wide = abs(w.astype(np.float64))
            off = (off[..., :rank] + abs(y.astype(np.float64)) * off[..., rank:]) / wide
            off += abs(y.astype(np.float64))
            self.magnitude = self.magnitude[..., :rank] / abs(w)
        self.y, self.off = y[..., :rank], off[..., :rank]
        self.magnitude = self.magnitude[..., :rank]

    def pixels(self, frame: ExactFrame) -> tuple[Objects, Floats]:
        """The points in pixels (N, *out, R), and their rounding."""
        rank = len(self.out)
        shape = self.maps, *self.out, rank
        rounding = self.off * abs(frame.a.astype(np.float64)) + frame.rounding(self.y)
        return frame.pixels(self.y).reshape(shape), rounding.reshape(shape)

    def pulled(self, d: Spread, factor: Objects) -> dict[str, Spread]:
        """The cotangents of the parameters, from those (N, *out, R) of points times a factor."""
        rank, n = len(self.out), len(self.out) + 1
        images = len(d.value)
        each = images // self.maps  # images of one map
        found = []
        for k in range(self.maps):
            rows = self._jacobian(k, factor)
            rows = np.concatenate([rows] * each, 1)
            mine = slice(k * each, (k + 1) * each)
            flat = d.each(lambda a, mine=mine: a[mine].reshape(-1))
            found.append(flat.times(rows))
        stacked = Spread(*(np.stack(parts) for parts in zip(*found, strict=True)))
        chosen = own_parameters(self.rule, np.arange(n * n, dtype=np.float64).reshape(1, n, n))
        taken = stacked.each(lambda a: a[:, chosen[0].astype(int)])
        if self.given.has("offset"):
            return self._parts(taken.each(lambda a: a.reshape(rank, n)))
        shape = np.shape(self.given.values["theta"])
        return {"theta": taken.each(lambda a: a.reshape(shape))}

    def _jacobian(self, k: int, factor: Objects) -> Objects:
        """Of the points by the numbers of a matrix, transposed: ((R + 1)^2, P R)."""
        rank, n, points = len(self.out), len(self.out) + 1, len(self.base)
        base = self.base if self.w is None else self.base / self.w[k]
        rows = np.full((n, n, points, rank), Fraction(0), object)
        for a in range(rank):
            rows[a, :, :, a] = base.T * factor[a]
            if self.w is not None:
                rows[rank, :, :, a] = -base.T * self.y[k, :, a] * factor[a]
        if self.rule.direction == "push":
            x = self.m[k]
            rows = -np.einsum("ji,jkpr,lk->ilpr", x, rows, x)
        return np.asarray(rows.reshape(n * n, points * rank))

    def _parts(self, d: Spread) -> dict[str, Spread]:
        """The cotangents of a matrix, in the shape it was given in, and of its offset."""
        shape, offset = np.shape(self.given.values["theta"]), self.given.values["offset"]
        rank = len(self.out)
        last = d.each(lambda a: a[:, -1])
        if len(shape) == 1:
            theta = d.each(lambda a: a.diagonal())
        elif shape[1] == rank:
            theta = d.each(lambda a: a[:, :-1])
        else:
            rest = np.zeros((shape[0] - rank, shape[1]))
            theta = d.each(lambda a: np.concatenate([a, rest.astype(a.dtype)]))
            last = last.each(lambda a: 0 * a)
        return {"theta": theta, "offset": last if np.ndim(offset) else last.each(np.sum)}


def scaled(d: Spread, factor: Objects) -> Spread:
    """Each number times a factor, which may be negative."""
    floats = factor.astype(np.float64)
    size, down = abs(floats), floats < 0
    low, high = d.low * floats, d.high * floats
    return Spread(
        d.value * factor,
        d.magnitude * abs(factor),
        d.count,
        np.where(down, high, low),
        np.where(down, low, high),
        d.shift * size,
        d.slack * size,
    )


def inverse(m: Objects) -> Objects:
    """The inverse of a square matrix of Fractions."""
    n = len(m)
    work = np.concatenate(
        [m, np.array([[Fraction(int(i == j)) for j in range(n)] for i in range(n)])], 1
    )
    for i in range(n):
        pivot = next((k for k in range(i, n) if work[k, i] != 0), None)
        if pivot is None:
            raise ValueError("a map is singular, expected one that has an inverse")
        work[[i, pivot]] = work[[pivot, i]]
        work[i] = work[i] / work[i, i]
        for k in range(n):
            if k != i:
                work[k] = work[k] - work[k, i] * work[i]
    return work[:, n:]


def kept(y: object) -> object:
    """A Fraction to a multiple of 1 / KEEP, so that sums of many keep denominators in bounds."""
    return Fraction(round(y * KEEP), KEEP) if isinstance(y, Fraction) else y
