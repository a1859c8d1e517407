import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from support.drawn import axes

from npstn.plot import ALONG_X, ALONG_Y, MESH, draw_grid, draw_legend


def arrows(grid):
    ax = axes()
    draw_grid(np.array(grid, float), ax, coordinates="pixel")
    return ax, [text.xy for text in ax.texts]


def test_an_arrow_that_leaves_the_view_is_drawn_where_it_does():
    ax, (along_y, along_x) = arrows([[[2, 1], [500, 1]], [[2, 3], [500, 3]]])
    assert along_x == pytest.approx((ax.get_xbound()[1], 1))
    assert tuple(along_y) == (2, 3)
    ax, (along_y, along_x) = arrows([[[2, 1], [-100, -50]], [[2, -99], [3, 3]]])
    assert along_x[0] == pytest.approx(ax.get_xbound()[0])
    assert along_x[1] == pytest.approx(1 + (along_x[0] - 2) / 2)
    assert along_y == pytest.approx((2, ax.get_ybound()[0]))


def test_no_arrow_of_what_is_never_seen():
    assert arrows([[[500, 1], [600, 1]], [[500, 3], [600, 3]]])[1] == []


def test_the_legend_names_every_mark():
    figure = Figure()
    draw_legend(figure, columns=2)
    (legend,) = figure.legends
    texts = [text.get_text() for text in legend.get_texts()]
    handles = legend.legend_handles
    found = {
        text: to_hex(h.get_color() if hasattr(h, "get_color") else h.get_edgecolor())
        for text, h in zip(texts, handles, strict=True)
    }
    assert found["the output's first row, along its x"] == ALONG_X
    assert found["its first column, along its y"] == ALONG_Y
    assert found["some of its other rows and columns"] == MESH
    assert len(found) == 4
    figure.canvas.draw()
    box = legend.get_window_extent()
    assert box.y0 >= 0
    assert box.x0 >= 0
    assert box.x1 <= figure.bbox.x1


def test_bad_columns():
    with pytest.raises(ValueError, match="columns is 0, expected at least 1"):
        draw_legend(Figure(), columns=0)
