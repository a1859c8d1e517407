import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from support.drawn import H, W, axes, lines, pixels

from npstn.plot import ALONG_X, ALONG_Y, MISSING, show_image


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
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call(axes())
