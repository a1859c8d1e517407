"""Digits at known places on larger canvases, among pieces of others.

A box is a square as parameters of attention, (s, x, y): its half side and its middle, where the
canvas goes from -1 to 1, edge to edge (``align_corners=False``).
"""

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from npstn import spatial_transformer_network

from .digits import SIZE, Part, Rng
from .layers import Array

SIDE = 42  # pixels of a canvas
SIZES = 18.0, 22.0  # of the square of a digit
TEXELS = 3  # of a digit, along each side of a piece of it
CLUTTER = 8  # pieces on a canvas

ATTENTION: dict[str, Any] = {"transform": "attention", "align_corners": False}


def inside(rng: Rng, count: int, sizes: tuple[float, float] = SIZES) -> Array:
    """Draw boxes (N, 3) that are within the canvas, of these sizes in pixels."""
    halves = rng.uniform(*sizes, (count, 1)) / SIDE
    return np.concatenate([halves, rng.uniform(-1, 1, (count, 2)) * (1 - halves)], axis=1)


def place(images: Array, boxes: Array) -> Array:
    """Put images (N, S, S, C) into boxes (N, 3) of empty canvases."""
    inverse = np.concatenate([np.ones((len(boxes), 1)), -boxes[:, 1:]], axis=1) / boxes[:, :1]
    return spatial_transformer_network(images, inverse, (SIDE, SIDE), mode="bicubic", **ATTENTION)


def crop(x: Array, boxes: Array, dims: tuple[int, int]) -> Array:
    """Sample boxes (N, 3) of canvases."""
    return spatial_transformer_network(x, boxes, dims, **ATTENTION)


def pieces(digits: Array, rng: Rng, count: int, each: int) -> Array:
    """Make canvases (N, S, S, 1) with pieces of digits anywhere, also over the edge."""
    parts = sliding_window_view(digits[..., 0], (TEXELS, TEXELS), axis=(1, 2))
    n, high, wide = parts.shape[:3]
    total = count * each
    found = parts[
        rng.integers(n, size=total), rng.integers(high, size=total), rng.integers(wide, size=total)
    ]
    half = TEXELS / digits.shape[1] * SIZE / SIDE
    boxes = np.insert(rng.uniform(-1, 1, (total, 2)), 0, half, axis=1)
    placed = place(np.ascontiguousarray(found[..., None]), boxes)
    out: Array = placed.reshape(count, each, SIDE, SIDE, 1).max(axis=1, initial=0)
    return out


def canvases(part: Part, rng: Rng, count: int, clutter: int, others: Array) -> tuple[Part, Array]:
    """Put a digit of a part on each canvas, among pieces of others; return their boxes as well."""
    rows, boxes = rng.integers(len(part.x), size=count), inside(rng, count)
    x = np.maximum(place(part.x[rows], boxes), pieces(others, rng, count, clutter))
    return Part(x.clip(0, 1), part.y[rows]), boxes


def overlap(a: Array, b: Array) -> Array:
    """Compute the intersection of boxes (N, 3) over their union."""
    ends = np.minimum(a[:, 1:] + a[:, :1], b[:, 1:] + b[:, :1])
    starts = np.maximum(a[:, 1:] - a[:, :1], b[:, 1:] - b[:, :1])
    both = (ends - starts).clip(0).prod(axis=1)
    out: Array = both / ((2 * a[:, 0]) ** 2 + (2 * b[:, 0]) ** 2 - both)
    return out
