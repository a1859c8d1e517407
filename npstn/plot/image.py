"""An image in pixel coordinates."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from .._hints import shown
from .marks import Array, mark_edges

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MISSING, OUTSIDE = "#b000b0", "#e8e8ec"


def show_image(
    ax: "Axes", image: ArrayLike, *, limits: tuple[float, float] | None = None, edges: bool = False
) -> None:
    """Show an image in pixel coordinates, without ticks.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    image : (H, W), (H, W, 1), (H, W, 3) or (H, W, 4) real array
        Grey, red-green-blue, or with opacity in [0, 1]. Bytes are divided by 255. Texels that
        are not finite are shown in magenta.
    limits : (float, float), optional
        The values shown as black and as full intensity; what lies beyond is clipped. By default
        (0, 1), or the range of the finite values if that does not lie within.
    edges : bool
        Mark the first row and column as :func:`draw_grid` marks those of a grid.

    Raises
    ------
    TypeError, ValueError
        If the image is not a real array of such a shape, or empty, or limits is not increasing.
    """
    from matplotlib.colors import to_rgb

    values = image_values(image, "image")
    low, high = value_limits(values) if limits is None else limits
    if not low < high:
        raise ValueError(f"limits is {shown(limits)}, expected (low, high) with low < high")
    colours = values[..., :3].repeat(3 if values.shape[2] == 1 else 1, axis=2)
    missing = ~np.isfinite(colours).all(axis=2)
    colours = np.clip((np.nan_to_num(colours) - low) / (high - low), 0.0, 1.0)
    colours[missing] = to_rgb(MISSING)
    if values.shape[2] == 4:
        opacity = np.where(missing, 1.0, np.clip(np.nan_to_num(values[..., 3]), 0.0, 1.0))
        colours = np.concatenate([colours, opacity[..., None]], axis=2)
    ax.imshow(colours, interpolation="nearest")
    ax.set(xticks=[], yticks=[], facecolor=OUTSIDE)
    ax.spines[:].set_visible(False)
    if edges:
        height, width = values.shape[:2]
        mark_edges(ax, np.stack(np.meshgrid(np.arange(width), np.arange(height)), axis=2), False)


def image_values(image: ArrayLike, name: str) -> Array:
    """Return the image as float64 (H, W, C), bytes as fractions of 255."""
    array = np.asarray(image)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{name} has dtype {array.dtype}, expected real numbers")
    values = array.astype(np.float64) / (255.0 if array.dtype == np.uint8 else 1.0)
    values = values[..., None] if values.ndim == 2 else values
    if values.ndim != 3 or values.shape[2] not in (1, 3, 4) or values.size == 0:
        raise ValueError(f"{name} has shape {array.shape}, expected (H, W[, C]) with C = 1, 3, 4")
    return values


def value_limits(values: Array) -> tuple[float, float]:
    """Return (0, 1), or the range of the finite values if that does not lie within."""
    colours = values[..., :3]
    finite = colours[np.isfinite(colours)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    if low >= 0.0 and high <= 1.0:
        return 0.0, 1.0
    return low, high if high > low else low + 1.0
