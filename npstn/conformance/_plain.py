"""Sampling in NumPy alone, in small steps, of which a bug changes one.

An axis at a time: the padding folds the point, the point has a cell, the cell has texels, texels
have weights. Then the texels of all axes are gathered or, for the cotangent, scattered into.
"""

from itertools import product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._check import Array
from ..dialects._rules import Mask, Ruled
from ..dialects._sampling import Sampling
from ..grid import Floats

Indices = NDArray[np.intp]


class Axis(NamedTuple):
    """The texels of each point on one axis: arrays (N, *out, taps)."""

    texel: Indices
    there: Mask
    weight: Floats
    slope: Floats  # the derivative of the weight by p

    def tap(self, k: int) -> "Axis":
        """One texel of each point."""
        return Axis(*(v[..., k] for v in self))  # type: ignore[arg-type]


class Plain(Sampling):
    """Sampling without kernels."""

    def fold(self, p: Floats, n: int, at: Ruled) -> tuple[Floats, Floats]:
        """Take a point to one in the image, as padding does; with its derivative."""
        if at.padding == "zeros" or (self.mode == "bicubic" and at.padding == "border"):
            return np.clip(p, -8.0, n + 8.0), np.ones_like(p)  # nothing changes farther outside
        if at.padding == "wrap":
            return np.mod(p, n), np.ones_like(p)
        if at.padding == "reflection":
            q, sign = self.mirror(p, n, at)
            if self.mode == "bicubic":
                return np.mod(p, max(2 * n - 2 * at.align, 1)), np.ones_like(p)
        else:
            q, sign = p, np.ones_like(p)
        return np.clip(q, 0.0, n - 1.0), sign * self.moves(q, n)

    def mirror(self, p: Floats, n: int, at: Ruled) -> tuple[Floats, Floats]:
        """Reflect a point; with the sign of the stretch that it is in."""
        low = 0.0 if at.align else -0.5
        span = n - 1 - 2 * low
        if span == 0:
            return 0 * p, 0 * p
        far = np.mod(np.where(np.abs(p) < 2.0**52, p, np.mod(p, 2 * span)) - low, 2 * span)
        return low + np.minimum(far, 2 * span - far), np.where(far > span, -1.0, 1.0)

    def moves(self, q: Floats, n: int) -> Mask:
        """Whether the border lets a point move, rather than clamps it."""
        return np.asarray((q > 0) & (q < n - 1))

    def nearest(self, q: Floats) -> Floats:
        """The texel nearest to a point."""
        return np.rint(q)

    def cell(self, q: Floats) -> Floats:
        """The first texel of the cell of a point."""
        return np.floor(q)

    def weights(self, t: Floats, k: Floats, n: int) -> tuple[list[Floats], list[Floats]]:
        """Weights and their slopes for the texels of a cell k, at t in it."""
        if self.mode == "bilinear":
            return [1 - t, t], [-np.ones_like(t), np.ones_like(t)]
        a = self.rule.cubic_coefficient
        u = 1 - t
        near = [((a + 2) * s - (a + 3)) * s * s + 1 for s in (t, u)]
        far = [((s - 5) * s + 8) * s * a - 4 * a for s in (1 + t, 1 + u)]
        by_near = [(3 * (a + 2) * s - 2 * (a + 3)) * s for s in (t, u)]
        by_far = [a * ((3 * s - 10) * s + 8) for s in (1 + t, 1 + u)]
        slopes = [by_far[0], by_near[0], -by_near[1], -by_far[1]]
        return [far[0], near[0], near[1], far[1]], slopes

    def texel(self, index: Floats, n: int, at: Ruled) -> tuple[Floats, Mask]:
        """The texels that stand for some, and whether there are such."""
        if at.padding == "wrap":
            index = np.mod(index, n)
        elif self.mode == "bicubic" and at.padding != "zeros":
            folded = self.mirror(index, n, at)[0] if at.padding == "reflection" else index
            index = np.clip(folded, 0, n - 1)
        return np.clip(index, 0, n - 1), (index >= 0) & (index <= n - 1)

    def axis(self, p: Floats, n: int, at: Ruled) -> Axis:
        """The texels of one axis of n."""
        q, sign = self.fold(p, n, at)
        if self.mode == "nearest":
            k = self.nearest(q)
            w, slope = [np.ones_like(q)], [np.zeros_like(q)]
        else:
            k = self.cell(q)
            w, slope = self.weights(q - k, k, n)
        k = k - (self.mode == "bicubic")
        index, there = self.texel(np.stack([k + j for j in range(len(w))], -1), n, at)
        whole = np.nan_to_num(index).astype(np.intp)
        return Axis(whole, there, np.stack(w, -1), np.stack(slope, -1) * sign[..., None])

    def gather(self, x: Array, at: Ruled, index: tuple[Indices, ...], there: Mask) -> Floats:
        """The values (N, *out, C) of texels; those that are missing have the fill."""
        missing = self.fill if at.padding == "zeros" else 0.0
        return np.where(there[..., None], x[index].astype(np.float64), missing)

    def gather_slopes(self, x: Array, at: Ruled, index: tuple[Indices, ...], there: Mask) -> Floats:
        """The values that derivatives are made of."""
        return self.gather(x, at, index, there)

    def scatter(self, d_x: Floats, index: tuple[Indices, ...], d: Floats) -> None:
        """Add d (points, C) to texels."""
        np.add.at(d_x, index, d)

    def channels(self, d: Floats) -> Floats:
        """Sum over the channels."""
        return np.asarray(d.sum(-1))

    @np.errstate(all="ignore")
    def _sampled(self, at: Ruled) -> Array:
        x = self._texels(at)
        out = np.zeros((*at.p.shape[:-1], x.shape[-1]))
        for index, there, w, _ in self._taps(x, at.p, at):
            out += w[..., None] * self.gather(x, at, index, there)
        return np.where(_known(at.p, at)[..., None], out, np.nan).astype(x.dtype)

    @np.errstate(all="ignore")
    def _pulled(self, d_out: Array, p: Floats, at: Ruled, wrt: tuple[str, ...]) -> Any:
        x = self._texels(at)
        d = d_out.astype(np.float64)
        d_x, d_p = np.zeros(x.shape), np.zeros(p.shape)
        known = _known(p, at)
        for index, there, w, slopes in self._taps(x, p, at):
            real = known & there
            taken = tuple(np.broadcast_to(i, real.shape)[real] for i in index)
            self.scatter(d_x, taken, (w[..., None] * d)[real])
            v = self.channels(d * self.gather_slopes(x, at, index, there))
            d_p += np.stack([slope * v for slope in slopes], -1)
        d_p[~known] = np.nan
        return self._pulled_texels(d_x, at).astype(x.dtype), d_p

    def _taps(self, x: Array, p: Floats, at: Ruled) -> Any:
        """Yield index, presence, weight and slopes of the texels of all points, tap by tap."""
        rank = p.shape[-1]
        axes = [self.axis(p[..., a], x.shape[-2 - a], at) for a in range(rank)]
        image = np.arange(len(p)).reshape(-1, *(1,) * (p.ndim - 2))
        for taps in product(*(range(axis.texel.shape[-1]) for axis in axes)):
            parts = [axis.tap(k) for axis, k in zip(axes, taps, strict=True)]
            w = np.prod([part.weight for part in parts], axis=0)
            slopes = [
                np.prod([o.slope if o is part else o.weight for o in parts], axis=0)
                for part in parts
            ]
            index = image, *(part.texel for part in reversed(parts))
            yield index, np.logical_and.reduce([part.there for part in parts]), w, slopes


def _known(p: Floats, at: Ruled) -> Mask:
    """Whether points are anywhere; an infinite one is where nothing is folded."""
    is_none = np.isnan(p) if at.padding in ("zeros", "border") else ~np.isfinite(p)
    return np.asarray(~is_none.any(-1))
