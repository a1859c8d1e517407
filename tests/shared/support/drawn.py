"""What was drawn into axes."""

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from npstn.plot import show_image

H, W, HO, WO = 5, 7, 4, 3


def axes(height=H, width=W):
    ax = Figure().subplots()
    show_image(ax, np.zeros((height, width)))
    return ax


def lines(ax, colour):
    found = [
        c
        for c in ax.collections
        if isinstance(c, LineCollection) and np.array_equal(c.get_colors()[0][:3], to_rgb(colour))
    ]
    return [path.vertices for c in found for path in c.get_paths()]


def identity(height=HO, width=WO):
    gx, gy = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    return np.stack([gx, gy], axis=2)


def pixels(ax):
    return np.asarray(ax.images[0].get_array())
