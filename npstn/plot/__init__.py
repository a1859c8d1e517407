"""Look at a transform: images, and sampling grids drawn over them.

The functions draw into the axes they are given, or into a figure of their own that no global state
knows; they need no display. Save a figure with ``figure.savefig("name.png")``. Axes are in pixel
coordinates, as in :mod:`npstn`: x to the right, y down, integers at the centres of the texels.
"""

from .figures import before_after, gallery
from .image import MISSING, OUTSIDE, show_image
from .marks import ALONG_X, ALONG_Y, MESH, draw_legend
from .mesh import draw_grid

__all__ = [
    "ALONG_X",
    "ALONG_Y",
    "MESH",
    "MISSING",
    "OUTSIDE",
    "before_after",
    "draw_grid",
    "draw_legend",
    "gallery",
    "show_image",
]
