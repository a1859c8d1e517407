"""The points of maps in exact arithmetic, and the way back from them to the parameters."""

from fractions import Fraction
from operator import itemgetter

import numpy as np

from ..dialects._arguments import Arguments
from ..dialects._frames import Sizes
from ..dialects._maps import AFFINE, own_matrices, own_parameters
from ..grid import Floats
from ._frame import ExactFrame, exact_lattice
from ._spread import Objects, Spread, floats, fractions, product

KEEP = 2**256  # quotients of projective maps are kept to multiples of 1 / KEEP


class Mapped:
    """Points of maps: the lattice of the output, mapped, in the unit of the maps and in pixels."""

    def __init__(self, given: Arguments, out: Sizes, align: bool) -> None:
        rank, rule = len(out), given.rule
        self.given, self.out, self.rule = given, out, rule
        own = own_matrices(rule, np.asarray(given.maps(rank), np.float64), rank)
        self.maps = len(own)
        self.m, lost = fractions(own), np.zeros(own.shape)
        if rule.direction == "push":
            self.m = np.array([inverse(m) for m in self.m], object).reshape(own.shape)
            x = abs(floats(self.m))
            lost = 4 * (rank + 1) * x @ abs(own) @ x
        lattice = exact_lattice(rule, out, align)
        whole = np.meshgrid(*lattice[::-1], np.array([Fraction(1)], object), indexing="ij")
        self.base = np.stack([*whole[-2::-1], whole[-1]], -1).reshape(-1, rank + 1)  # (P, R + 1)
        size = abs(floats(self.base))
        flat = self.base.T, self.m.reshape(-1, rank + 1)
        y = product(flat[1], flat[0]).reshape(*own.shape[:2], len(self.base)).transpose(0, 2, 1)
        self.magnitude = size @ abs(floats(self.m)).transpose(0, 2, 1)  # (N, P, R + 1)
        off = (rank + 4) * self.magnitude + size @ lost.transpose(0, 2, 1)
        self.w: Objects | None = None
        if rule.form not in AFFINE:
            last = y[..., rank:]
            self.w = np.where(last == 0, np.nan, last)
            y = kept(y / self.w)
            wide, plain = abs(floats(self.w)), abs(floats(y))
            off = (off + plain * off[..., rank:]) / wide + plain
            self.magnitude = self.magnitude / wide
        self.y, self.off = y[..., :rank], off[..., :rank]
        self.magnitude = self.magnitude[..., :rank]

    def pixels(self, frame: ExactFrame) -> tuple[Objects, Floats]:
        """The points in pixels (N, *out, R), and their rounding."""
        shape = self.maps, *self.out, len(self.out)
        rounding = self.off * abs(floats(frame.a)) + frame.rounding(floats(self.y))
        return frame.pixels(self.y).reshape(shape), rounding.reshape(shape)

    def pulled(self, d: Spread, factor: Objects) -> dict[str, Spread]:
        """The cotangents of the parameters, from those (N, *out, R) of points times a factor."""
        rank, n = len(self.out), len(self.out) + 1
        each = len(d.value) // max(self.maps, 1)  # images of one map
        found = []
        for k in range(self.maps):
            mine = d.each(itemgetter(slice(k * each, (k + 1) * each)))
            value = self._matrix(k, mine.value.reshape(each, -1, rank).sum(0) * factor)
            flat = mine.each(np.ravel)
            rows = np.tile(self._jacobian(k, floats(factor)), each)
            found.append(flat.mapped(rows, value.reshape(-1)))
        parts = zip(*(vars(spread).values() for spread in found), strict=True)
        if found:
            return self._parts(Spread(*(np.stack(part) for part in parts)))
        none = np.zeros((0, n * n))
        return self._parts(Spread.of(none.astype(object), none, none.astype(np.int64)))

    def _matrix(self, k: int, d: Objects) -> Objects:
        """The exact cotangent (R + 1, R + 1) of a map, from that (P, R) of its points."""
        last = np.full((len(d), 1), Fraction(0), object)
        if self.w is not None:
            d = kept(d / self.w[k])
            last = kept(-(d * self.y[k]).sum(-1, keepdims=True))
        found = product(np.concatenate([d, last], 1).T, self.base)
        if self.rule.direction == "push":
            x = self.m[k].T
            found = -product(product(x, found), x)
        return found

    def _jacobian(self, k: int, factor: Floats) -> Floats:
        """Of the points by the numbers of a matrix, transposed: ((R + 1)^2, P R)."""
        rank, n, points = len(self.out), len(self.out) + 1, len(self.base)
        base = floats(self.base)
        if self.w is not None:
            base = base / floats(self.w[k])
        rows = np.zeros((n, n, points, rank))
        for a in range(rank):
            rows[a, :, :, a] = base.T * factor[a]
            if self.w is not None:
                rows[rank, :, :, a] = -base.T * floats(self.y[k, :, a]) * factor[a]
        if self.rule.direction == "push":
            x = floats(self.m[k])
            rows = -np.einsum("ji,jkpr,lk->ilpr", x, rows, x)
        return np.asarray(rows.reshape(n * n, points * rank))

    def _parts(self, d: Spread) -> dict[str, Spread]:
        """The cotangents of a matrix, or of its numbers, in their shape; and of its offset."""
        rank, n = len(self.out), len(self.out) + 1
        shape = np.shape(self.given.values["theta"])
        places = np.arange(n * n, dtype=np.float64).reshape(1, n, n)
        chosen = own_parameters(self.rule, places)[0].astype(int)
        d = d.each(lambda a: a[:, chosen])
        if not self.given.has("offset"):
            return {"theta": d.each(lambda a: a.reshape(shape))}
        d = d.each(lambda a: a.reshape(rank, n))
        offset, whole = d.each(lambda a: a[:, -1]), len(shape) == 2 and shape[1] > rank
        if len(shape) == 1:
            theta = d.each(lambda a: a.diagonal())
        elif whole:
            rest = np.zeros((shape[0] - rank, n))
            theta = d.each(lambda a: np.concatenate([a, rest.astype(a.dtype)]))
            offset = offset.each(lambda a: 0 * a)
        else:
            theta = d.each(lambda a: a[:, :-1])
        one = np.ndim(self.given.values["offset"]) == 0
        return {"theta": theta, "offset": offset.each(np.sum) if one else offset}


def inverse(m: Objects) -> Objects:
    """The inverse of a square matrix of Fractions."""
    n = len(m)
    one = np.array([[Fraction(int(i == j)) for j in range(n)] for i in range(n)], object)
    work = np.concatenate([m, one], 1)
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


def kept(a: Objects) -> Objects:
    """Round Fractions to multiples of 1 / KEEP: sums of many keep denominators in bounds."""
    return np.asarray(np.frompyfunc(_kept, 1, 1)(a), object)


def _kept(v: Fraction | float) -> Fraction | float:
    return Fraction(round(v * KEEP), KEEP) if isinstance(v, Fraction) else v
