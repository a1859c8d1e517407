"""Sampling by a convention: the output, and its cotangents."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._check import Array
from ..grid import Floats
from ..sample import grid_sample, grid_sample_vjp
from ._frames import Sizes
from ._rules import Ruled, fold_sign, folded_texels, ruled
from .row import Convention, Padding


@dataclass(frozen=True)
class Sampling:
    """A sampling problem: images (N, *, C) and pixel points (N, *out, R), x first."""

    rule: Convention
    x: Array
    p: Floats
    mode: str
    padding: Padding
    align: bool
    fill: float
    faithful: bool

    @property
    def _size(self) -> Floats:
        return np.array(self.x.shape[-2:0:-1], np.float64)

    @property
    def _out(self) -> Sizes:
        """The output as npstn has it: of the rank of the image."""
        out = self.p.shape[1:-1]
        rank = self.p.shape[-1]
        if len(out) == rank:
            return out
        return (*(1,) * (rank - 1), int(np.prod(out)))

    def sample(self) -> Array:
        """The output (N, *out, C)."""
        at = self._ruled()
        out = self._sampled(at)
        return out if at.inside is None else np.where(at.inside, out, self.x.dtype.type(self.fill))

    def vjp(self, d_out: Array) -> tuple[Array, Floats]:
        """Cotangents of the image and of the pixel points, from d_out (N, *out, C)."""
        at = self._ruled()
        if at.inside is not None:
            d_out = np.where(at.inside, d_out, d_out.dtype.type(0))
        d_x, d_p = self._pulled(d_out, at.p, at, ("x", "grid"))
        if self.mode == "bicubic" and at.padding == "border" and self.rule.cubic_stage == "point":
            d_p = np.where(at.p == self.p, d_p, 0.0)
        if self.mode == "bilinear" and self.padding.folds == 1:
            d_p = d_p * fold_sign(self.p, self._size, at.align)
        return d_x, self._at_kinks(d_out, d_p, at)

    def _at_kinks(self, d_out: Array, d_p: Floats, at: Ruled) -> Floats:
        """Put the derivatives of the system where those of npstn are right ones."""
        rule = self.rule
        if not self.faithful or self.mode == "nearest":
            return d_p
        if rule.edge == "open":
            d_p = np.where(at.p == -1.0, 0.0, d_p)
        if rule.kink == "right" or self.mode != "bilinear":
            return d_p
        kinks = at.p == np.floor(at.p)
        if rule.kink == "zero":
            return np.where(kinks, 0.0, d_p)
        if rule.kink == "missing":
            return np.where(kinks, self._missing(d_out, at), d_p)
        step = 0.5
        if rule.kink == "clamped":
            d_p = np.where(kinks, 0.0, d_p)
            kinks, step = at.p == self._size - 1, -0.5
        for axis in np.flatnonzero(kinks.any(axis=tuple(range(kinks.ndim - 1)))):
            q = at.p.copy()
            q[..., axis] += step * kinks[..., axis]
            _, moved = self._pulled(d_out, q, at, ("grid",))
            d_p[..., axis] = np.where(kinks[..., axis], moved[..., axis], d_p[..., axis])
        return d_p

    def _missing(self, d_out: Array, at: Ruled) -> Floats:
        """Derive right of the folded point, where texels outside count 0; 0 where it is clamped."""
        q, sign = at.p, np.ones_like(at.p)
        last = self._size - 1
        if at.padding == "reflection":
            low = 0.0 if at.align else -0.5
            turn = 2 * (last - 2 * low)
            far = np.where(turn > 0, np.mod(np.abs(q - low), turn), 0.0)
            sign = np.where(q < low, -1.0, 1.0) * np.where(2 * far > turn, -1.0, 1.0)
            q = low + np.minimum(far, turn - far)
        if at.padding != "zeros":
            sign = np.where((q >= 0.0) & (q <= last), sign, 0.0)
            q = np.clip(q, 0.0, last)
        zeros = Ruled(q, None, "zeros", at.align)
        return np.asarray(sign * self._pulled(d_out, q, zeros, ("grid",))[1])

    def _sampled(self, at: Ruled) -> Array:
        out = grid_sample(self._texels(at), self._grid(at.p), **self._options(at))
        return out.reshape(*self.p.shape[:-1], self.x.shape[-1])

    def _pulled(self, d_out: Array, p: Floats, at: Ruled, wrt: tuple[str, ...]) -> Any:
        shape = len(p), *self._out, self.x.shape[-1]
        d_x, d_p = grid_sample_vjp(
            d_out.reshape(shape), self._texels(at), self._grid(p), wrt=wrt, **self._options(at)
        )
        return self._pulled_texels(d_x, at), d_p.reshape(p.shape)

    def _ruled(self) -> Ruled:
        return ruled(
            self.rule, self.padding, self.mode, self.p, self._size, self.align, self.faithful
        )

    def _grid(self, p: Floats) -> Floats:
        return p.reshape(len(p), *self._out, p.shape[-1])

    def _options(self, at: Ruled) -> dict[str, Any]:
        options = {
            "mode": self.mode,
            "padding_mode": at.padding,
            "align_corners": at.align,
            "layout": "NHWC" if self.p.shape[-1] == 2 else "NDHWC",
            "coordinates": "pixel",
        }
        if self.mode == "bicubic":
            options["cubic_coefficient"] = self.rule.cubic_coefficient
        if at.padding == "zeros":
            options["fill_value"] = self.fill
        return options

    def _texels(self, at: Ruled) -> Array:
        """The image, extended where each texel of bicubic is folded once."""
        x = self.x
        for axis, texels in self._extension(at):
            x = x.take(texels, axis)
        return x

    def _pulled_texels(self, d_x: Any, at: Ruled) -> Any:
        for axis, texels in self._extension(at) if d_x is not None else []:
            parts = np.moveaxis(d_x, axis, 0)
            whole = np.zeros((self.x.shape[axis], *parts.shape[1:]), parts.dtype)
            np.add.at(whole, texels, parts)
            d_x = np.moveaxis(whole, 0, axis)
        return d_x

    def _extension(self, at: Ruled) -> list[tuple[int, NDArray[np.intp]]]:
        if self.mode != "bicubic" or self.padding.folds != 1:
            return []
        return [(k, folded_texels(n, at.align)) for k, n in enumerate(self.x.shape[1:-1], 1)]
