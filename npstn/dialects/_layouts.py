"""Layouts: any arrangement of batch, space and one last axis, and ours, (N, *, last).

A layout is a word: N the batch, * all spatial axes, and C or R the axis of channels or coordinates.
A letter that is missing is an axis that the array does not have.
"""

import numpy as np

from .._check import Array


def canonical(a: Array, layout: str) -> Array:
    """View an array as (N, *, last)."""
    order, has_batch, has_last = _order(layout, a.ndim)
    moved = a.transpose(order)
    moved = moved if has_batch else moved[None]
    return moved if has_last else moved[..., None]


def original(a: Array, layout: str) -> Array:
    """Copy (N, *, last) into an array of a layout."""
    word = layout.replace("C", "R")
    ndim = a.ndim - ("N" not in word) - ("R" not in word)
    order, has_batch, has_last = _order(layout, ndim)
    a = a if has_batch else a[0]
    a = a if has_last else a[..., 0]
    return np.asarray(a.transpose(np.argsort(order)), order="C")  # of any number of axes, 0 too


def spatial(layout: str, ndim: int) -> int:
    """Count the spatial axes of an array."""
    return ndim - len(layout) + 1


def _order(layout: str, ndim: int) -> tuple[list[int], bool, bool]:
    letters = layout.replace("C", "R").replace("*", "*" * spatial(layout, ndim))
    order = sorted(range(ndim), key=lambda i: "N*R".index(letters[i]))
    return order, "N" in letters, "R" in letters
