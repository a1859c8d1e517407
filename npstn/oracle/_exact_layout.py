"""Layouts of images and outputs: sums are made with channels last, and results put back."""

from reprlib import repr as shown
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._exact_terms import Sums, require

Layout = Literal["NHWC", "NCHW", "NDHWC", "NCDHW"]


def channels_last(images: ArrayLike, layout: Layout) -> NDArray[np.object_]:
    """Move the channels to the end; of an array with too few axes nothing."""
    known, stored = get_args(Layout), np.asarray(images)
    require(layout in known, f"layout={shown(layout)}", f"one of {known}")
    first = layout.startswith("NC") and stored.ndim >= len(layout) - 1
    return np.moveaxis(stored, 1 - len(layout), -1) if first else stored


def laid_out(images: Sums, layout: Layout) -> Sums:
    """Move the channels from the end to where they are in a layout."""
    axis = -len(layout) if layout.startswith("NC") else -2
    return Sums(np.moveaxis(images.terms, -2, axis), images.unit)
