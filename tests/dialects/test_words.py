"""Words for a convention: formulas and shapes are true, names have their meanings."""

import re

import numpy as np
import pytest
from support.dialects import function_of

from npstn import dialects
from npstn.dialects import _words
from npstn.dialects._frames import frame, lattice_pixels

FUNCTIONS = [(row, f) for row in dialects.ROWS for f in row.functions if f.op != "matrix"]
IDS = [f"{row.system}-{row.since}-{f.name}" for row, f in FUNCTIONS]
each = pytest.mark.parametrize("function", [f for _, f in FUNCTIONS], ids=IDS)


@each
@pytest.mark.parametrize("align", [True, False])
def test_formulas_are_those_of_frames(function, align):
    text = _words.unit(function).removeprefix("p = ")
    if " with align_corners" in text:
        text = text.split(" with align_corners, ")[not align].removesuffix(" without")
    else:
        align = bool(function.constants.get("align", align))
    size, g = (5, 7), np.linspace(-2.0, 3.0, 12).reshape(2, 3, 2)[:1, :1]
    wide, lattice = np.array(size[::-1]), lattice_pixels(size)
    formula = re.sub(r"(\)|\bg|flow) ?(?=\(|S)", r"\1*", text)
    want = eval(formula, {"g": g, "flow": g, "S": wide, "lattice": lattice})
    a, b = frame(function.convention, size, align)
    np.testing.assert_allclose(np.broadcast_to(want, lattice.shape), g * a + b + 0 * lattice)


@pytest.mark.parametrize(
    ("of", "system", "name", "words"),
    [
        (
            _words.modes,
            "opencv",
            "remap",
            "1 (bilinear), 0 (nearest, ties to even), 2 (bicubic, a = -0.75)",
        ),
        (
            _words.modes,
            "torch_interpol",
            "grid_pull",
            "'linear' or 1 (bilinear), 'nearest' or 0 (nearest, ties to even)",
        ),
        (_words.modes, "torchvision", "affine", "'nearest' (ties to even), 'bilinear'"),
        (_words.modes, "tfa", "resampler", "bilinear"),
        (
            _words.gates,
            "torch_interpol",
            "grid_pull",
            "0 (those in (-0.05, S - 0.95)), 1 (all), 2 (those in (-0.55, S - 0.45))",
        ),
        (_words.paddings, "stn", "bilinear_sampler", "0 outside [0, S - 1)"),
        (_words.paddings, "torch", "grid_sample", "'zeros', 'border', 'reflection'"),
        (
            _words.paddings,
            "monai",
            "Warp",
            "'zeros', 'border', 'reflection' (about the centres)",
        ),
        (_words.paddings, "ncnn", "GridSample", "1 (zeros), 2 (border), 3 (reflection, once, th"),
        (_words.paddings, "pillow", "transform_affine", "border, but the fill outside [-0.5, S - "),
        (_words.paddings, "scipy", "map_coordinates", "'constant' (the fill outside [0, S - 1]), "),
        (_words.map_shape, "tfa", "transform", "(N, 8)"),
        (_words.map_shape, "pillow", "transform_perspective", "(8,)"),
        (_words.map_shape, "daviddao", "batch_transformer", "(N, K, 2, 3)"),
        (_words.points_shape, "scipy", "map_coordinates", "(2, ...) or (3, ...)"),
        (_words.points_shape, "monai", "Warp", "(N, 2, H, W) or (N, 3, D, H, W)"),
        (_words.points_shape, "kornia", "remap", "(N, ...)"),
        (_words.others, "torch", "grid_sample", "volumes: interpolation is 'bilinear', 'nearest'"),
        (
            _words.others,
            "opencv",
            "remap",
            "images other than float32 of 1, 3 or 4 channels: coordinates are rounded to 1/32 pixel"
            " in bilinear; derivative",
        ),
    ],
)
def test_words(of, system, name, words):
    assert of(function_of(system, name)).startswith(words)


@pytest.mark.parametrize(
    ("system", "name", "words"),
    [
        ("paddle", "affine_grid", "it is at NaN with align_corners, at 0 without"),
        ("stn", "affine_grid_generator", "it is at -1"),
        ("ncnn", "GridSample", "coordinates are computed in float32"),
        ("kornia", "remap", "each coordinate is 0 with align_corners, moved by -1/2 without"),
        ("jax", "map_coordinates", "nearest rounds before padding folds"),
    ],
)
def test_numbers(system, name, words):
    assert any(line.endswith(words) for line in _words.numbers(function_of(system, name)))


def test_fixed_point_rounds_ties_up_and_says_so():
    function = function_of("opencv", "warpAffine", "4")
    assert "0 (nearest, ties up)" in _words.modes(function)
    assert "products of map and lattice are rounded to 1/1024 pixel in" in str(
        _words.numbers(function)
    )
    assert "at the rounded point" in str(_words.derivatives(function))
    x, m = np.arange(4.0)[None], np.array([[1.0, 0, 0.5], [0, 1, 0]])
    nearest = dialects.get("opencv", version="4").warpAffine(x, m, (3, 1), flags=16)
    assert nearest.tolist() == [[1.0, 2.0, 3.0]]
