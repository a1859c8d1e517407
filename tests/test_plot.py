import subprocess
import sys

import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from npstn.plot import ALONG_X, ALONG_Y, MESH, MISSING, before_after, draw_grid, show_image

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


def test_the_module_imports_no_matplotlib():
    code = "import sys, npstn.plot; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("align_corners", "left", "right", "top", "bottom"),
    [(True, 0, W - 1, 0, H - 1), (False, -0.5, W - 0.5, -0.5, H - 0.5)],
)
def test_identity_is_drawn_at_known_pixels(align_corners, left, right, top, bottom):
    ax = axes()
    draw_grid(identity(), ax, size=(H, W), align_corners=align_corners, every=1)
    xs, ys = np.linspace(left, right, WO), np.linspace(top, bottom, HO)
    mesh = lines(ax, MESH)
    assert len(mesh) == HO + WO
    for y, line in zip(ys, mesh[:HO], strict=True):
        np.testing.assert_allclose(line, np.stack([xs, np.full(WO, y)], axis=1), atol=1e-12)
    for x, line in zip(xs, mesh[HO:], strict=True):
        np.testing.assert_allclose(line, np.stack([np.full(HO, x), ys], axis=1), atol=1e-12)


def test_first_row_first_column_and_origin_are_marked():
    grid = np.random.default_rng(0).uniform(0, 4, (HO, WO, 2))
    ax = axes()
    draw_grid(grid, ax, coordinates="pixel")
    np.testing.assert_array_equal(lines(ax, ALONG_X), [grid[0]])
    np.testing.assert_array_equal(lines(ax, ALONG_Y), [grid[:, 0]])
    np.testing.assert_array_equal(ax.collections[-1].get_offsets(), [grid[0, 0]])
    along_y, along_x = ax.texts
    assert tuple(along_x.xy) == tuple(grid[0, -1])
    assert tuple(along_y.xy) == tuple(grid[-1, 0])


def test_every_keeps_the_last_row_and_column():
    grid = np.random.default_rng(0).uniform(0, 4, (8, 5, 2))
    ax = axes()
    draw_grid(grid, ax, coordinates="pixel", every=3)
    expected = [grid[0], grid[3], grid[6], grid[7], grid[:, 0], grid[:, 3], grid[:, 4]]
    for line, points in zip(lines(ax, MESH), expected, strict=True):
        np.testing.assert_array_equal(line, points)


def test_a_fine_grid_is_thinned_out():
    ax = axes()
    draw_grid(identity(200, 300), ax, size=(H, W))
    assert 20 <= len(lines(ax, MESH)) <= 30


def test_the_view_grows_to_points_outside_but_not_without_limit():
    ax = axes()
    draw_grid(np.array([[[-2.0, -1e300], [3.0, 2.0]]]), ax, coordinates="pixel")
    assert ax.get_xlim() == pytest.approx((-2 - 0.02 * W, W - 0.5 + 0.02 * W))
    assert ax.get_ylim() == pytest.approx((H - 0.5 + 0.02 * W, -0.5 - W / 2))


@pytest.mark.parametrize("shape", [(1, 1), (1, WO), (HO, 1)])
def test_grids_one_point_wide(shape):
    ax = axes()
    draw_grid(identity(*shape), ax, size=(1, 1))
    assert not ax.texts
    np.testing.assert_array_equal(ax.collections[-1].get_offsets(), [[0, 0]])
    ax.figure.canvas.draw()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_points_that_are_not_finite_break_lines(bad):
    grid = np.random.default_rng(0).uniform(0, 4, (HO, WO, 2))
    grid[0, 0, 1] = grid[-1, -1, 0] = bad
    ax = axes()
    draw_grid(grid, ax, coordinates="pixel", every=1)
    drawn = np.array(lines(ax, MESH)[:HO])
    missing = np.isnan(drawn).all(axis=2)
    assert missing[0, 0]
    assert missing[-1, -1]
    assert missing.sum() == 2
    np.testing.assert_array_equal(drawn[~missing], grid[~missing])
    ax.figure.canvas.draw()


def test_a_grid_without_any_finite_point():
    ax = axes()
    view = ax.viewLim.frozen()
    draw_grid(np.full((HO, WO, 2), np.nan), ax, size=(H, W))
    assert not ax.texts
    assert ax.viewLim.contains(view.x0, view.y0)
    ax.figure.canvas.draw()


def test_values_in_the_unit_interval_are_shown_as_they_are():
    image = np.random.default_rng(0).random((H, W, 3)).astype(np.float32)
    ax = Figure().subplots()
    show_image(ax, image)
    np.testing.assert_array_equal(pixels(ax), image)
    assert ax.get_xlim() == (-0.5, W - 0.5)
    assert ax.get_ylim() == (H - 0.5, -0.5)


def test_bytes_and_greys():
    ax = Figure().subplots()
    show_image(ax, np.array([[[0], [51]], [[255], [102]]], np.uint8))
    np.testing.assert_allclose(pixels(ax), np.array([[0, 0.2], [1, 0.4]])[..., None].repeat(3, 2))


def test_other_ranges_are_stretched():
    ax = Figure().subplots()
    show_image(ax, np.array([[-2.0, 0.0, 2.0]]))
    np.testing.assert_array_equal(pixels(ax)[0, :, 0], [0.0, 0.5, 1.0])
    show_image(ax, np.array([[-2.0, 0.0, 2.0]]), limits=(0, 4))
    np.testing.assert_array_equal(np.asarray(ax.images[1].get_array())[0, :, 0], [0.0, 0.0, 0.5])


@pytest.mark.parametrize("value", [0.0, 5.0, -5.0])
def test_constant_images(value):
    ax = Figure().subplots()
    show_image(ax, np.full((H, W), value))
    assert np.isfinite(pixels(ax)).all()


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_missing_texels_stand_out(channels):
    image = np.full((H, W, channels), 0.25)
    image[1, 2, 0], image[2, 3, 0] = np.nan, np.inf
    ax = Figure().subplots()
    show_image(ax, image)
    np.testing.assert_array_equal(pixels(ax)[[1, 2], [2, 3], :3], [to_rgb(MISSING)] * 2)
    np.testing.assert_array_equal(pixels(ax)[0, 0], [0.25] * max(channels, 3))


def test_opacity_is_kept():
    image = np.random.default_rng(0).random((H, W, 4))
    ax = Figure().subplots()
    show_image(ax, image)
    np.testing.assert_array_equal(pixels(ax), image)


def test_edges_of_an_image_are_marked_where_they_are():
    ax = Figure().subplots()
    show_image(ax, np.zeros((H, W)), edges=True)
    np.testing.assert_array_equal(lines(ax, ALONG_X)[0][[0, -1]], [[0, 0], [W - 1, 0]])
    np.testing.assert_array_equal(lines(ax, ALONG_Y)[0][[0, -1]], [[0, 0], [0, H - 1]])


def test_before_after_shows_input_grid_and_output(tmp_path):
    rng = np.random.default_rng(0)
    x, out, grid = rng.random((H, W, 3)), rng.random((HO, WO, 3)), identity()
    figure = before_after(x, grid, out, every=1)
    first, second, third = figure.axes
    np.testing.assert_array_equal(pixels(first), x)
    np.testing.assert_array_equal(pixels(second), x)
    np.testing.assert_array_equal(pixels(third), out)
    np.testing.assert_allclose(lines(second, ALONG_X)[0][:, 0], np.linspace(0, W - 1, WO))
    assert [ax.get_title() for ax in figure.axes] == ["input", "sampling grid", "output"]
    figure.savefig(tmp_path / "figure.png")
    assert (tmp_path / "figure.png").stat().st_size > 1000


def test_before_after_passes_its_options_on():
    figure = before_after(
        np.zeros((H, W)),
        identity(),
        np.full((HO, WO), 3.0),
        align_corners=False,
        limits=(0, 4),
    )
    np.testing.assert_allclose(
        lines(figure.axes[1], ALONG_X)[0][:, 0], np.linspace(-0.5, W - 0.5, WO)
    )
    assert np.unique(pixels(figure.axes[2])) == 0.75


def test_global_state_is_left_alone():
    code = """
import sys
import matplotlib
import numpy as np
from npstn.plot import before_after

def settings():
    return {k: matplotlib.rcParams[k] for k in matplotlib.rcParams if k != "backend"}

before = settings()
before_after(np.eye(4), np.zeros((2, 3, 2)), np.eye(2, 3)).canvas.draw()
sys.exit(settings() != before or "matplotlib.pyplot" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_inputs_are_not_written_to(readonly):
    arrays = np.full((H, W), 7.0), np.full((HO, WO, 2), np.inf), np.full((HO, WO), np.nan)
    before_after(*readonly(*arrays))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda ax: show_image(ax, np.zeros((H, W, 2))),
            ValueError,
            r"image has shape \(5, 7, 2\)",
        ),
        (lambda ax: show_image(ax, np.zeros(3)), ValueError, r"image has shape \(3,\), expected"),
        (lambda ax: show_image(ax, np.zeros((0, 3))), ValueError, r"image has shape \(0, 3\)"),
        (lambda ax: show_image(ax, np.zeros((2, 3), complex)), TypeError, "dtype complex128"),
        (lambda ax: show_image(ax, "photo.png"), TypeError, "image has dtype <U9"),
        (lambda ax: show_image(ax, np.eye(2), limits=(1, 1)), ValueError, r"limits is \(1, 1\)"),
        (lambda ax: draw_grid(identity(), ax), ValueError, r"size is None, expected \(H, W\)"),
        (lambda ax: draw_grid(identity(), ax, size=(0, 3)), ValueError, r"size is \(0, 3\)"),
        (lambda ax: draw_grid(np.zeros((2, 2)), ax), ValueError, r"grid has shape \(2, 2\)"),
        (lambda ax: draw_grid(np.zeros((2, 0, 2)), ax), ValueError, r"grid has shape \(2, 0, 2\)"),
        (lambda ax: draw_grid(np.zeros((2, 2, 2), bool), ax), TypeError, "grid has dtype bool"),
        (lambda ax: draw_grid(identity(), ax, size=(2, 3), every=0), ValueError, "every is 0"),
        (
            lambda ax: draw_grid(identity(), ax, coordinates="px"),
            ValueError,
            "coordinates is 'px', expected 'normalized' or 'pixel'",
        ),
        (
            lambda ax: before_after(np.eye(4), identity(), np.eye(4)),
            ValueError,
            r"out has size \(4, 4\), expected that of the grid, \(4, 3\)",
        ),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call(axes())
