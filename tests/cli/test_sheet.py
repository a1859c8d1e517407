import numpy as np
import pytest

from npstn.cli._sheet import Example, fill, sheet


@pytest.mark.parametrize("size", [(40, 30), (20, 90), (90, 20)])
def test_no_text_is_cut(size):
    x, lattice = np.zeros((*size, 1)), np.meshgrid(*(np.linspace(-1, 1, n) for n in (5, 4)))
    theta = np.full((2, 3), -0.123456)
    names = "identity", "rotation by 45°", "attention crop", "upsampling × 8"
    examples = [Example(name, x, theta, np.stack(lattice, -1), x, 1.0) for name in names]
    figure = sheet(examples)
    figure.canvas.draw()
    assert len(figure.axes) == 10
    assert not figure.axes[-1].collections[0].get_clip_on()
    for ax in figure.axes:
        box = ax.get_tightbbox()
        assert box.x0 >= 0
        assert box.y0 >= 0
        assert box.x1 <= figure.bbox.x1
        assert box.y1 <= figure.bbox.y1


def test_fill_widens_about_the_centre():
    from matplotlib.figure import Figure

    ax = Figure().add_subplot()
    ax.set(xlim=(0, 10), ylim=(0, 10))
    fill(ax, 2.0)
    assert ax.get_xbound() == (-5, 15)
    assert ax.get_ybound() == (0, 10)
