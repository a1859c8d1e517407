"""Frames: the unit of a coordinate, and the way from it to pixels, p = g a + b on each axis.

``faithful`` arithmetic is that of the system, in its dtype and order; else each number is computed
to within its last bit.
"""

import math
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from .. import _memory
from .._arithmetic import ieee
from .._check import Array
from ..grid import Floats, base
from ..kernels.eft import two_product, two_sum
from .row import Convention

Sizes = tuple[int, ...]


class Frame(NamedTuple):
    """p = g a + b, x first; b is the lattice itself for a flow."""

    a: Floats  # (R,)
    b: Floats  # (R,), or (*out, R)


def frame(rule: Convention, size: Sizes, align: bool) -> Frame:
    """The frame of points in an image of a size."""
    wide = np.array(size[::-1], np.float64)
    one = np.ones(len(size))
    if rule.unit == "normalized":
        half = (wide - _shrink(rule, align)) / 2
        return Frame(half, half + _shift(rule, align))
    if rule.unit == "flow":
        scale = one if rule.shrink is None else (wide - rule.shrink) / 2
        return _through(rule, Frame(rule.sign * scale, lattice_pixels(size)), wide, align)
    b = {"texel": 0 * one, "corner": -0.5 * one, "centre": (wide - 1) / 2}[rule.origin]
    return _through(rule, Frame(one, b), wide, align)


def lattice_frame(rule: Convention, out: Sizes, align: bool) -> Frame:
    """The frame of the output's points: that of points, but that all its ends are -1 and 1."""
    if rule.unit != "normalized":
        return frame(rule, out, align)
    wide = np.array(out[::-1], np.float64)
    half = (wide - 1) / 2
    return Frame(half if align or rule.shrink is not None else wide / 2, half)


def pixels(rule: Convention, g: Array, size: Sizes, align: bool, faithful: bool) -> Floats:
    """Pixel coordinates of points (N, *out, R), x first."""
    a, b = frame(rule, size if rule.unit != "flow" else g.shape[1:-1], align)
    if not faithful:
        return fused(g.astype(np.float64), a, b)
    kind = dtype(rule, g.dtype)
    g = g.astype(kind)
    if rule.unit == "normalized":
        p = (g + kind.type(1)) * a.astype(kind)
        shift = _shift(rule, align)
        if shift:
            p = p + kind.type(shift)
    else:
        p = _unit(rule, g, size, align, kind)
    return np.asarray(p, np.float64)


@ieee
def units(rule: Convention, moved: Array, align: bool, faithful: bool) -> Array:
    """Normalized points of displacements (N, *out, R) from the lattice in pixels, x first."""
    size = moved.shape[1:-1]
    kind = dtype(rule, moved.dtype) if faithful else np.dtype(np.float64)
    require(moved.shape, kind)
    a, b = frame(rule, size, align)
    p = moved.astype(kind) + (lattice_pixels(size) - (b - a)).astype(kind)
    return np.asarray(p / a.astype(kind) - kind.type(1))


def lattice(
    rule: Convention, size: Sizes, align: bool, kind: np.dtype[Any] | None = None
) -> list[Array]:
    """The coordinates of the output's points on each axis, x first, in the unit of the input's.

    ``kind`` is the dtype of a lattice of steps; without it each point is its nearest number.
    """
    found: list[Array] = []
    for n in reversed(size):
        if rule.lattice == "steps" and kind is not None and n > 1:
            axis = kind.type(-1) + kind.type(2) / kind.type(n - 1) * np.arange(n, dtype=kind)
            axis[-1] = 1.0
            found.append(axis)
        elif rule.unit == "normalized":
            aligned = align if rule.shrink is None else True
            points, den = base(n, aligned)
            found.append(points / den if n > 1 else np.full(1, rule.one if aligned else 0.0))
        else:
            shift = {"texel": 0.0, "corner": 0.5, "centre": -(n - 1) / 2}[rule.origin]
            shift += rule.one if align and n == 1 else 0.0
            found.append(np.arange(n) + shift)
    return found


def lattice_pixels(size: Sizes) -> Floats:
    """The pixel coordinates (*size, R) of the output's points, x first."""
    axes = np.meshgrid(*(np.arange(n, dtype=np.float64) for n in size), indexing="ij")
    return np.stack(axes[::-1], -1)


def require(shape: Sizes, kind: np.dtype[Any], others: int = 0) -> None:
    """Raise MemoryError unless there is room for points, which are made in two arrays as large.

    ``others`` are the bytes of what is there as well.
    """
    needed = 2 * math.prod(shape) * kind.itemsize + others
    _memory.require(needed, f"a grid of shape {shape} and dtype {kind}, made in two steps,")


def dtype(rule: Convention, given: np.dtype[Any]) -> np.dtype[Any]:
    """The dtype in which a system computes its points."""
    return given if rule.cast == "given" else np.dtype(rule.cast)


@ieee
def fused(g: Floats, a: Floats, b: Floats) -> Floats:
    """g a + b, with the errors of product and sum added at the end."""
    product, lost = two_product(g, a)
    total, rest = two_sum(product, b)
    fine = total + (rest + lost)
    return np.asarray(np.where(np.isfinite(fine), fine, g * a + b))


def _unit(rule: Convention, g: Array, size: Sizes, align: bool, kind: np.dtype[Any]) -> Array:
    """Pixels of points in pixels, or of a flow, in the arithmetic of a system."""
    plain = frame(replace(rule, through=""), size if rule.unit != "flow" else g.shape[1:-1], align)
    p = plain.b.astype(kind) + g * plain.a.astype(kind)
    if rule.through == "align":
        k, half, shift = _round_trip(size, align)
        p = (p * k.astype(kind) - kind.type(1) + kind.type(1)) * half.astype(kind)
        p = p + kind.type(shift) if shift else p
    elif rule.through and align:
        p = p * (np.array(size[::-1]) > 1).astype(kind)
    return np.asarray(p)


def _through(rule: Convention, plain: Frame, wide: Floats, align: bool) -> Frame:
    """The frame of points that are normalised and taken back."""
    if rule.through == "align":
        ratio = (wide - align) / np.maximum(wide - 1, 1)
        return Frame(plain.a * ratio, plain.b * ratio + (0.0 if align else -0.5))
    lost = (wide == 1) & align & bool(rule.through)
    return Frame(np.where(lost, 0.0, plain.a), np.where(lost, 0.0, plain.b))


def _round_trip(size: Sizes, align: bool) -> tuple[Floats, Floats, float]:
    """PyTorch's way from pixels p, as if aligned, and back: (p k - 1 + 1) half + shift."""
    wide = np.array(size[::-1], np.float64)
    return 2 / np.maximum(wide - 1, 1), (wide - align) / 2, 0.0 if align else -0.5


def _shrink(rule: Convention, align: bool) -> float:
    return float(align) if rule.shrink is None else rule.shrink


def _shift(rule: Convention, align: bool) -> float:
    return 0.0 if rule.shrink is not None or align else -0.5
