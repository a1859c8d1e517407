import subprocess
import sys

import numpy as np
import pytest
from support.drawn import HO, WO, H, W, axes, identity, lines, pixels

import npstn
from npstn.plot import ALONG_X, MESH, before_after, gallery


def test_the_module_imports_no_matplotlib():
    code = "import sys, npstn.plot; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def titles(ax):
    """What is written above a panel."""
    return [t.get_text() for t in ax.texts if getattr(t, "xy", ()) == (0.5, 1)]


def notes(ax):
    return [t.get_text() for t in ax.texts if "%" in t.get_text()]


def check_is_full(figure):
    """No text is cut, each panel is filled by its view, and the outer ones reach the edges."""
    figure.canvas.draw()
    window = figure.bbox
    for ax in figure.axes:
        place, view = ax.get_position(original=True), ax.get_position()
        np.testing.assert_allclose(place.bounds, view.bounds, atol=1e-6)
        box = ax.get_tightbbox()
        assert box.x0 >= -1
        assert box.y0 >= -1
        assert box.x1 <= window.x1 + 1
        assert box.y1 <= window.y1 + 1
    for legend in figure.legends:
        box = legend.get_window_extent()
        assert box.y1 <= min(ax.get_window_extent().y0 for ax in figure.axes)
        assert box.x0 >= 0
        assert box.x1 <= window.x1
    assert min(ax.get_window_extent().x0 for ax in figure.axes) < 0.3 * figure.dpi
    assert max(ax.get_window_extent().x1 for ax in figure.axes) > window.x1 - 0.3 * figure.dpi


def test_before_after_shows_input_grid_and_output(tmp_path):
    rng = np.random.default_rng(0)
    x, out, grid = rng.random((H, W, 3)), rng.random((HO, WO, 3)), identity()
    figure = before_after(x, grid, out, every=1)
    first, second, third = figure.axes
    np.testing.assert_array_equal(pixels(first), x)
    np.testing.assert_array_equal(pixels(second), x)
    np.testing.assert_array_equal(pixels(third), out)
    np.testing.assert_allclose(lines(second, ALONG_X)[0][:, 0], np.linspace(0, W - 1, WO))
    assert titles(first) == ["input", f"(H, W) = ({H}, {W})"]
    assert titles(second) == ["sampling grid", f"(H, W) = ({HO}, {WO})"]
    assert titles(third) == ["output", f"(H, W) = ({HO}, {WO})"]
    assert len(figure.legends) == 1
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


@pytest.mark.parametrize("size", [(40, 60), (60, 40), (12, 90), (50, 50)])
def test_nothing_is_cut_and_no_strip_is_blank(size):
    for theta in ([1, 0, 0, 0, 1, 0], [0.7, 0.7, 0.2, -0.7, 0.7, 0], [-1, 0, 0, 0, 1, 0.4]):
        grid = npstn.affine_grid(np.array([theta], float), (30, 45))[0]
        check_is_full(before_after(np.zeros(size), grid, np.zeros((30, 45))))


def test_a_narrow_image_leaves_room_for_the_legend():
    figure = before_after(np.zeros((50, 4)), identity(), np.zeros((HO, WO)))
    figure.canvas.draw()
    box = figure.legends[0].get_window_extent()
    assert box.x0 >= 0
    assert box.x1 <= figure.bbox.x1


@pytest.mark.parametrize("align_corners", [True, False])
@pytest.mark.parametrize("shift", [0.0, 0.75, 1.0, 1.25, 2.0, 5.0, np.nan])
def test_the_share_outside_is_that_of_coverage(shift, align_corners):
    grid = npstn.affine_grid(np.array([[1, 0, shift, 0, 1, 0]]), (16, 16))
    rule = {"align_corners": align_corners}
    outside = npstn.coverage(grid, (H, W), **rule).outside[0]
    figure = before_after(np.zeros((H, W)), grid[0], np.zeros((16, 16)), **rule)
    share = int(100 * outside)
    assert notes(figure.axes[1]) == [f"{share} % of the points\nare outside"] * int(outside >= 0.5)
    assert not notes(figure.axes[0]) + notes(figure.axes[2])


def test_a_hundred_per_cent_are_all():
    grid = np.full((1, 300, 2), 99.0)
    grid[0, 7] = 0.0
    figure = before_after(np.zeros((H, W)), grid, np.zeros((1, 300)), coordinates="pixel")
    assert notes(figure.axes[1]) == ["99 % of the points\nare outside"]
    grid[0, 7] = 99.0
    figure = before_after(np.zeros((H, W)), grid, np.zeros((1, 300)), coordinates="pixel")
    assert notes(figure.axes[1]) == ["100 % of the points\nare outside"]


def test_gallery_has_one_scale_of_values():
    images = np.arange(2.0 * H * W).reshape(2, H, W)
    figure = gallery(images)
    first, second, scale = figure.axes
    assert pixels(first)[0, 0, 0] == 0
    assert pixels(second)[-1, -1, 0] == 1
    assert pixels(first).max() < 0.5 < pixels(second).min() + 0.02
    assert [t.get_text() for t in scale.texts] == ["0", f"{2 * H * W - 1}"]
    assert titles(first) == ["0", f"(H, W) = ({H}, {W})"]
    assert not figure.legends
    np.testing.assert_array_equal(pixels(gallery(images, limits=(0, 1)).axes[1]), 1.0)
    assert len(gallery(np.zeros((2, H, W, 3))).axes) == 2


def test_gallery_draws_grids_with_one_legend():
    grids = [identity(), 5 * identity(16, 16)]
    figure = gallery(np.zeros((2, H, W, 3)), titles=["near", "far"], grids=grids, every=1)
    near, far = figure.axes
    assert len(lines(near, MESH)) == HO + WO
    assert len(lines(far, MESH)) == 32
    assert titles(near)[0] == "near"
    assert titles(far)[0] == "far"
    assert not notes(near)
    assert len(notes(far)) == 1
    assert len(figure.legends) == 1


def test_gallery_without_sizes():
    images = [np.ones((H, W)), np.zeros((HO, WO))]
    figure, sized = gallery(images, titles=["a", "b"], sizes=False), gallery(images)
    assert [titles(ax) for ax in figure.axes[:2]] == [["a"], ["b"]]
    assert titles(sized.axes[0]) == ["0", f"(H, W) = ({H}, {W})"]
    check_is_full(figure)


@pytest.mark.parametrize(("count", "columns"), [(1, None), (2, None), (7, None), (5, 5), (3, 9)])
def test_gallery_is_full(count, columns):
    shapes = [(40, 60), (60, 40), (50, 50)]
    images = [np.zeros(shapes[i % 3]) for i in range(count)]
    figure = gallery(images, grids=[2 * identity()] * count, columns=columns)
    check_is_full(figure)
    sizes = np.array([ax.get_window_extent().size for ax in figure.axes[:count]])
    np.testing.assert_allclose(sizes, sizes[:1].repeat(count, axis=0), atol=0.01)
    lefts = {round(ax.get_position().x0, 6) for ax in figure.axes[:count]}
    assert len(lefts) == min(columns or len(lefts), count)


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
            lambda ax: before_after(np.eye(4), identity(), np.eye(4)),
            ValueError,
            r"out has size \(4, 4\), expected that of the grid, \(4, 3\)",
        ),
        (lambda ax: gallery([]), ValueError, "images is empty"),
        (lambda ax: gallery([np.eye(2), np.zeros(3)]), ValueError, r"images\[1\] has shape"),
        (lambda ax: gallery([np.eye(2)], titles=[]), ValueError, "titles has length 0, .*, 1"),
        (lambda ax: gallery([np.eye(2)], grids=[1, 2]), ValueError, "grids has length 2"),
        (lambda ax: gallery([np.eye(2)], columns=0), ValueError, "columns is 0"),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call(axes())
