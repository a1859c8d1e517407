"""The spatial transformer in exact rational arithmetic.

Every result is the exact value of the operation on the finite numbers that were stored. With it
come the sum of the absolute terms behind it, the unit of its rounding error, and their number.
Inside, an array is integers over one denominator: as exact as fractions, and much faster.

Arguments are real numbers of any dtype. B batch, K transforms of an image, H and W input size,
Ho and Wo output size, C channels. On an axis of S texels the pixel coordinate p of g is
``(g + 1) (S - 1) / 2`` with align_corners, ``((g + 1) S - 1) / 2`` without; or g itself.
"""

from fractions import Fraction
from itertools import product
from math import lcm
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

Mode = Literal["nearest", "bilinear"]
Padding = Literal["zeros", "border", "reflection"]
Coordinates = Literal["normalized", "pixel"]
Array = NDArray[np.object_]
_Options = tuple[Mode, Padding, Coordinates, bool]
_Scaled = tuple[Array, int]  # integers and their common denominator


class Term(NamedTuple):
    """The sums behind one result: exact value, sum of absolute terms, number of terms.

    The first two hold Fractions. Texels outside the image and zero weights are no terms.
    """

    value: Array
    magnitude: Array
    count: NDArray[np.int64]  # type: ignore[assignment]  # tuple has a method of this name


class Exact(NamedTuple):
    """Output and, if a cotangent was passed, gradients of the images and of the grid or theta."""

    out: Term
    d_x: Term | None = None
    d_coords: Term | None = None


def grid_sample(
    x: ArrayLike,
    grid: ArrayLike,
    d_out: ArrayLike | None = None,
    *,
    mode: Mode = "bilinear",
    padding_mode: Padding = "zeros",
    align_corners: bool = True,
    coordinates: Coordinates = "normalized",
) -> Exact:
    """Sample images at points: ``Σ w v`` over the cell, ``w = (1 - |px - m|) (1 - |py - n|)``.

    Parameters
    ----------
    x : (B, H, W, C)
    grid : (B, Ho, Wo, 2) or (B, K, Ho, Wo, 2)
        Points (x, y): [-1, 1] is the image if normalised; else in texels.
    d_out : (B, Ho, Wo, C) or (B, K, Ho, Wo, C), optional
        Cotangent of the output. Without it no gradient is computed.
    mode, padding_mode, align_corners, coordinates
        Interpolation, world outside the image, lattice and unit. Nearest takes ties to even.

    Returns
    -------
    Exact
        The magnitudes are ``Σ |w v|``, ``Σ |w d|`` and ``|dp/dg| Σ |d ∂w v|``.

    Raises
    ------
    ValueError
        For an unknown option, a shape that does not fit, a number that is not finite, or a pixel
        coordinate that overflows float64 and has to be reflected.
    """
    points = _scaled("grid", grid, (4, 5), 2)
    return _sample(x, points, d_out, (mode, padding_mode, coordinates, align_corners), None)


def spatial_transformer_network(
    x: ArrayLike,
    theta: ArrayLike,
    out_dims: tuple[int, int],
    d_out: ArrayLike | None = None,
    *,
    mode: Mode = "bilinear",
    padding_mode: Padding = "zeros",
    align_corners: bool = True,
) -> Exact:
    """Sample images at the exact affine map of the exact lattice: no rounded grid in between.

    Parameters and errors are those of `grid_sample` and `affine_grid`. In the result, d_coords
    is that of theta, (B, 2, 3) or (B, K, 2, 3): ``Σ d_grid ⊗ (x, y, 1)`` over the pixels. Its
    magnitude is the same sum of the magnitude of d_grid and ``|(x, y, 1)|``.
    """
    base = _base(out_dims, align_corners)
    options: _Options = (mode, padding_mode, "normalized", align_corners)
    return _sample(x, _map(theta, base), d_out, options, base)


def affine_grid(
    theta: ArrayLike, out_dims: tuple[int, int], *, align_corners: bool = True
) -> Array:
    """Map the output lattice: ``(gx, gy) = theta · (x, y, 1)``.

    Parameters
    ----------
    theta : (B, 6), (B, 2, 3), (B, K, 6) or (B, K, 2, 3)
        Affine maps from output to input. ValueError for another shape, NaN or an infinity.
    out_dims : (Ho, Wo)
    align_corners : bool
        Point j of n is at ``(2j + 1 - n) / (n - 1)``, or 0 if n = 1; else ``(2j + 1 - n) / n``.

    Returns
    -------
    ndarray of Fraction, (B, Ho, Wo, 2) or (B, K, Ho, Wo, 2)
        Normalised points (x, y).
    """
    return _fractions(*_map(theta, _base(out_dims, align_corners)))


def affine_grid_vjp(d_grid: ArrayLike, *, align_corners: bool = True) -> tuple[Array, Array]:
    """Pull a cotangent of the grid back to theta: ``Σ d_grid ⊗ (x, y, 1)`` and its magnitude.

    The shapes and the errors are those of `affine_grid`; both results are (..., 2, 3) Fractions.
    """
    d, unit = _scaled("d_grid", d_grid, (4, 5), 2)
    base, steps = _base(d.shape[-3:-1], align_corners)
    value, magnitude, _ = _term(_contract(_terms(d), base), unit * steps)
    return value, magnitude


def _sample(
    x: ArrayLike, grid: _Scaled, d_out: ArrayLike | None, options: _Options, base: _Scaled | None
) -> Exact:
    """Sum over the cell of each point; with a base, pull the grid's gradient back to theta."""
    kinds = {"mode": Mode, "padding_mode": Padding, "coordinates": Coordinates}
    for (name, kind), option in zip(kinds.items(), options[:3], strict=True):
        _require(option in get_args(kind), f"{name}={option!r}", f"one of {get_args(kind)}")
    points, unit = grid[0], 2 * grid[1]
    texels, x_unit = _scaled("x", x, (4,))
    _require(len(texels) == len(points), f"x of {len(texels)} images", f"{len(points)}")
    shape = (*points.shape[:-1], texels.shape[3])
    d, d_unit = _scaled("d_out", np.zeros(shape) if d_out is None else d_out, (len(shape),), *shape)
    shapes = (shape, texels.shape, (*points.shape, shape[-1]))
    out, d_x, d_grid = (np.zeros((*s, 3), object) for s in shapes)
    x_terms, d_terms = _terms(texels), _terms(d)
    for at in np.ndindex(shape[:-1]):
        columns = _taps(points[(*at, 0)], unit, texels.shape[2], options)
        rows = _taps(points[(*at, 1)], unit, texels.shape[1], options)
        for (row, wy, dwy), (column, wx, dwx) in product(rows, columns):
            texel = (at[0], row, column)
            _add(out, at, wy * wx, x_terms[texel])
            if d_out is not None:
                _add(d_x, texel, wy * wx, d_terms[at])
                _add(d_grid, (*at, 0), wy * dwx, terms := d_terms[at] * x_terms[texel])
                _add(d_grid, (*at, 1), dwy * wx, terms)
    exact = Exact(_term(out, unit**2 * x_unit))
    if d_out is None:
        return exact
    d_coords, scale = d_grid.sum(axis=-2), 2 * unit * x_unit * d_unit
    if base is not None:
        d_coords, scale = _contract(d_coords, base[0]), scale * base[1]
    return exact._replace(d_x=_term(d_x, unit**2 * d_unit), d_coords=_term(d_coords, scale))


def _taps(g: int, unit: int, size: int, options: _Options) -> list[tuple[int, int, int]]:
    """Return index, weight · unit and d weight / dg · 2 of the texels of g's cell that exist.

    g is counted in halves of the unit; p in the whole unit, so that every p here is an integer.
    """
    mode, padding_mode, coordinates, align_corners = options
    half, span = unit // 2, size - bool(align_corners)
    low, last = (0 if align_corners else -half), (size - 1) * unit
    p, slope = (2 * g, 2) if coordinates == "pixel" else ((g + half) * span + low, span)
    if padding_mode == "reflection":
        if abs(p) >= 2**52 * unit:
            _require(abs(p) < (2**1024 - 2**970) * unit, "pixel coordinate >= 2**1024", "less")
            p = int(p / unit) * unit
        flips, rest = divmod(p - low, span * unit) if span else (0, 0)
        p, slope = (low + span * unit - rest, -slope) if flips % 2 else (low + rest, slope)
    if padding_mode != "zeros" and not 0 < p < last:
        p, slope = min(max(p, 0), last), 0
    cell, part = divmod(p, unit)
    taps = [(cell, unit - part, -slope), (cell + 1, part, slope)]
    if mode == "nearest":
        taps = [(round(Fraction(p, unit)), unit, 0)]
    return [tap for tap in taps if 0 <= tap[0] < size]


def _base(out_dims: tuple[int, ...], align_corners: bool) -> _Scaled:
    """Return (x, y, 1) of the output lattice, (Ho, Wo, 3)."""
    base = np.ones((*out_dims, 3), dtype=object)
    for axis, n in enumerate(map(int, reversed(out_dims))):
        steps = max(n - bool(align_corners), 1)
        base[..., axis].swapaxes(axis, 0)[:] = [Fraction(2 * j + 1 - n, steps) for j in range(n)]
    return _scaled("out_dims", base, (3,))


def _map(theta: ArrayLike, base: _Scaled) -> _Scaled:
    maps = np.asarray(theta)
    maps = maps.reshape(*maps.shape[:-1], 2, 3) if maps.shape[-1:] == (6,) else maps
    integers, unit = _scaled("theta", maps, (3, 4), 2, 3)
    return base[0] @ integers[..., None, :, :].swapaxes(-1, -2), unit * base[1]


def _contract(d_grid: Array, base: Array) -> Array:
    """Return the terms of Σ d_grid ⊗ (x, y, 1), (..., 2, 3, 3), from those of d_grid."""
    return np.asarray((d_grid[..., None, :] * _terms(base)[:, :, None]).sum(axis=(-5, -4)))


def _terms(values: Array) -> Array:
    """Return value, magnitude and count of each entry, (..., 3): they multiply and add alike."""
    return np.stack([values, abs(values), 0 * values + 1], axis=-1)


def _add(sums: Array, at: tuple[int, ...], factor: int, terms: Array) -> None:
    if factor:
        sums[at] += np.array([factor, abs(factor), 1], dtype=object) * terms


def _term(sums: Array, unit: int) -> Term:
    value, magnitude, count = np.moveaxis(sums, -1, 0)
    return Term(_fractions(value, unit), _fractions(magnitude, unit), count.astype(np.int64))


def _fractions(integers: Array, unit: int) -> Array:
    return np.asarray(np.frompyfunc(lambda i: Fraction(i, unit), 1, 1)(integers), dtype=object)


def _scaled(name: str, values: ArrayLike, ndims: tuple[int, ...], *tail: int) -> _Scaled:
    stored = np.asarray(values).astype(object)
    fits = stored.ndim in ndims and stored.shape[stored.ndim - len(tail) :] == tail
    _require(fits, f"{name} of shape {stored.shape}", f"{ndims} axes, the last of them {tail}")
    try:
        ratios = [value.as_integer_ratio() for value in stored.flat]
    except (ValueError, OverflowError):
        raise ValueError(f"{name} holds NaN or an infinity: expected finite numbers") from None
    unit = lcm(*(denominator for _, denominator in ratios))
    integers = [numerator * (unit // denominator) for numerator, denominator in ratios]
    return np.array(integers, dtype=object).reshape(stored.shape), unit


def _require(fits: bool, got: str, expected: str) -> None:
    if not fits:
        raise ValueError(f"{got}: expected {expected}")
