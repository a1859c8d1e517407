import numpy as np
import pytest
from support.drawn import HO, WO, H, W, axes, identity, lines

from npstn.plot import ALONG_X, ALONG_Y, MESH, draw_grid


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


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
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
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call(axes())
