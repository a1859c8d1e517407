"""Exact sampling, and the derivatives of its results along tangents, by dual numbers.

The last axes of the arrays here are (part, term). The parts of a number a are (a,), those of a dual
number a + b ε, with ε² = 0, are (a, b). At x + ε t_x and points + ε t_points, the part in ε of a
result is its derivative along the tangents: that of the output is the jvp, and that of the
gradients holds all second derivatives. The terms are those of `Sums`. Channels are last, but for
arguments and results.
"""

from math import lcm, prod
from reprlib import repr as shown
from typing import get_args

import numpy as np
from numpy.typing import ArrayLike

from ._exact_axis import Coordinates, Mode, Options, Padding, kernel, taps, weight_unit
from ._exact_layout import channels_last, laid_out
from ._exact_terms import Array, Sums, require, scaled, terms

Tangents = tuple[tuple[str, ArrayLike], tuple[str, Sums]]


class Cells:
    """Images and the cells of points in them; with tangents, results are their parts in ε.

    Behind the texels is one more, of the value of all that do not exist.
    """

    def __init__(
        self,
        x: ArrayLike,
        points: Sums,
        options: Options,
        fill_value: ArrayLike = 0.0,
        tangents: Tangents | None = None,
    ) -> None:
        """Find the cells. ValueError is raised for arguments that do not fit each other."""
        rank = points.shape[-1]
        kinds = {"mode": Mode, "padding_mode": Padding, "coordinates": Coordinates}
        for (name, kind), option in zip(kinds.items(), options[:3], strict=True):
            known = get_args(kind)
            require(option in known, f"{name}={shown(option)}", f"one of {known}")
        self.layout, axes = options.layout, rank + 2
        images, batch = scaled("x", channels_last(x, self.layout), (axes,)), points.shape[0]
        fits = self.layout == "NHWC" or len(self.layout) == axes
        require(fits, f"layout={shown(self.layout)}", f"one of {axes} axes")
        fits = images.shape[0] == batch and 0 not in images.shape[1:-1]
        require(fits, f"x of shape {images.shape}", f"{batch} images that are not empty")
        self.shape, self.points_shape = images.shape, points.shape
        fill = scaled("fill_value", fill_value, (0, 1))
        expected = f"a number or {images.shape[-1:]} of them"
        require(
            fill.shape in ((), images.shape[-1:]), f"fill_value of shape {fill.shape}", expected
        )
        self.x_unit = lcm(images.unit, fill.unit)
        self.epsilon, steps = 1, [np.ones_like(points.terms)]
        x_parts = [images.times(self.x_unit)]
        last = [np.broadcast_to(fill.times(self.x_unit), (images.shape[-1], 3))]
        if not last[0][..., 0].any():
            last = [np.zeros_like(last[0])]  # no terms
        if tangents:
            (x_name, t_x), (name, t_points) = tangents
            t_images = scaled(x_name, channels_last(t_x, self.layout), (axes,), *images.shape)
            got, expected = f"{name} for points of shape {t_points.shape}", f"{points.shape}"
            require(t_points.shape == points.shape, got, expected)
            self.epsilon = lcm(t_images.unit, 2 * t_points.unit)
            x_parts.append(t_images.times(self.epsilon * self.x_unit))
            last.append(np.zeros_like(last[0]))
            steps.append(t_points.times(self.epsilon // 2))  # of points, over ε / 2
        texels, channels = prod(images.shape[:-1]), images.shape[-1]
        x_terms = np.stack(x_parts, axis=-2).reshape(texels, channels, len(x_parts), 3)
        self.x = np.concatenate([x_terms, np.stack(last, axis=-2)[None]])
        self._find(points, np.stack(steps, axis=-2), options)

    def push(self) -> Sums:
        """Return the output: ``Σ w v`` over the cell of each point."""
        out = _times(self.weights[:, :, None], self.x[self.texels]).sum(axis=1)
        unit = self.unit * self.x_unit * self.epsilon
        shape = *self.points_shape[:-1], self.shape[-1], 3
        return laid_out(Sums(out[..., -1, :].reshape(shape), unit), self.layout)

    def pull(self, d_out: ArrayLike) -> tuple[Sums, Sums, Sums]:
        """Return the gradients of x, of the points, and of the fill (C,)."""
        shape = (*self.points_shape[:-1], self.shape[-1])
        cotangent = scaled("d_out", channels_last(d_out, self.layout), (len(shape),), *shape)
        d = np.zeros((len(self.texels), 1, shape[-1], *self.x.shape[-2:]), dtype=object)
        d[..., 0, :] = cotangent.terms.reshape(len(d), 1, shape[-1], 3)
        d_x, unit = np.zeros_like(self.x), self.unit * cotangent.unit * self.epsilon
        np.add.at(d_x, self.texels, _times(self.weights[:, :, None], d))
        d_weights = _times(self.x[self.texels], d).sum(axis=2)
        d_points = [_times(slopes, d_weights).sum(axis=1)[:, -1] for slopes in self.slopes]
        points = np.stack(d_points, axis=1).reshape(*self.points_shape, 3)
        *texels, fill = d_x[..., -1, :]
        return (
            laid_out(Sums(np.reshape(texels, (*self.shape, 3)), unit), self.layout),
            Sums(points, 2 * unit * self.x_unit),
            Sums(fill, unit),
        )

    def _find(self, points: Sums, steps: Array, options: Options) -> None:
        """Set the texels of the cells, their weights, and twice the derivatives of these by g."""
        (*_, rank, parts, _), unit = steps.shape, 2 * points.unit
        g, steps = points.terms[..., 0].reshape(-1, rank), steps.reshape(-1, 1, rank, parts, 3)
        self.unit = weight_unit(unit, options) ** rank
        count = len(kernel(options.mode, options.cubic_coefficient).pieces)
        missing = np.zeros((len(g), 1), bool)
        self.texels = np.arange(len(g))[:, None] // max(prod(self.points_shape[1:-1]), 1)
        self.weights = np.zeros((len(g), 1, parts, 3), dtype=object)
        self.weights[..., 0, :] = 1
        self.slopes: list[Array] = []  # by x, by y, ...
        for axis in reversed(range(rank)):
            size = self.shape[rank - axis]
            read = [taps(p, unit, size, options) for p in g[:, axis]]
            tap = np.array(read, dtype=object).reshape(len(g), count, 4)
            by_order = terms(tap[..., 1:], (tap[..., 1:] != 0).astype(int))
            w = by_order[..., :parts, :] * steps[:, :, axis]
            slope = by_order[..., 1 : parts + 1, :] * steps[:, :, axis]
            at = tap[:, None, :, 0].astype(int)
            missing = missing[:, :, None] | (at < 0)
            missing = missing.reshape(len(g), missing.shape[1] * count)
            self.texels = (self.texels[:, :, None] * size + at).reshape(missing.shape)
            self.slopes = [_outer(self.weights, slope), *(_outer(d, w) for d in self.slopes)]
            self.weights = _outer(self.weights, w)
        self.texels[missing] = len(self.x) - 1


def _times(a: Array, b: Array) -> Array:
    """Multiply numbers by numbers, or dual numbers by dual numbers."""
    parts = [a[..., :1, :] * b[..., :1, :]]
    if a.shape[-2] > 1:
        parts.append(a[..., :1, :] * b[..., 1:, :] + a[..., 1:, :] * b[..., :1, :])
    return np.concatenate(parts, axis=-2)


def _outer(a: Array, b: Array) -> Array:
    """Multiply (n, i, ...) by (n, j, ...) to (n, i · j, ...)."""
    product = _times(a[:, :, None], b[:, None])
    return product.reshape(len(a), a.shape[1] * b.shape[1], *product.shape[3:])
