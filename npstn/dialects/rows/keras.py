"""Keras: its functions as they are on its backends."""

from dataclasses import replace

from ..row import Argument, Difference, Function, Row
from .jax import MAP_COORDINATES

# Rounding of ties is that of TensorFlow, its default backend, in each function (3.15.1, run).
_POINTS = replace(MAP_COORDINATES, ties="even")
_MAPS = replace(
    _POINTS,
    layout="N*C",
    order="xy",
    form="eight",
    modes={"bilinear": "bilinear", "nearest": "nearest"},
    ties="away",
    ranks=(2,),
)
_OPTIONS = {"fill_mode": Argument("padding", "constant"), "fill_value": Argument("fill", 0)}
_IMPORT = "import numpy as np, keras; "
_ROW = "np.array([[5.0, 1.0, 6.0, 2.0]])"
_SAMPLE = f"print(keras.ops.image.map_coordinates({_ROW}, np.array("
_IMAGE = "np.array([5.0, 1.0, 6.0, 2.0]).reshape(1, 1, 4, 1)"
_WARP = f"print(np.ravel(keras.ops.image.affine_transform({_IMAGE}, np.array([["
_TWO = f"print(np.ravel(keras.ops.image.affine_transform({_IMAGE}.repeat(2, 3), np.array([["
_SINGLE = Difference(
    "mirror where an axis has one texel: Keras on torch raises ZeroDivisionError, npstn reads the"
    " texel.",
    f"{_IMPORT}{_SAMPLE}[[0.0], [0.5]]), 1, 'mirror'))",
)
_FLOATS = Difference(
    "Texels of float64: Keras on numpy computes with them in float32, npstn in float64.",
    f"{_IMPORT}{_SAMPLE}[[0.0], [0.1]]), 1).dtype)",
)

ROWS = (
    Row(
        system="keras",
        since="3.6",
        tested="3.15.1",
        source="run",
        title="Keras",
        differences=(_FLOATS, _SINGLE),
        functions=(
            Function(
                "map_coordinates",
                "sample",
                {"inputs": "x", "coordinates": "points", "order": "mode", **_OPTIONS},
                _POINTS,
                differences=(
                    Difference(
                        "Ties of order 0: to the even texel in npstn and in Keras on tensorflow"
                        " and torch, away from 0 on jax, up on numpy.",
                        f"{_IMPORT}{_SAMPLE}[[0.0, 0.0], [0.5, -0.5]]), 0))",
                    ),
                    Difference(
                        "mirror and reflect: they are broken in Keras on tensorflow, where"
                        " reflect reads 1 for [5, 1, 6, 2] at -1; npstn reads 5.",
                        f"{_IMPORT}{_SAMPLE}[[0.0], [-1.0]]), 1, 'reflect'))",
                    ),
                    Difference(
                        "Points that are not finite, or from 2**31 on: Keras converts them to"
                        " integers by its backend, npstn does not. With wrap [5, 1, 6, 2] at"
                        " infinity is 2 on jax, 5 on tensorflow and torch, an error on numpy, and"
                        " NaN in npstn.",
                        f"{_IMPORT}{_SAMPLE}[[0.0], [np.inf]]), 0, 'wrap'))",
                    ),
                ),
            ),
            Function(
                "affine_transform",
                "warp",
                {
                    "images": "x",
                    "transform": "theta",
                    "interpolation": Argument("mode", "bilinear"),
                    **_OPTIONS,
                    "data_format": Argument("only", None),
                },
                _MAPS,
                differences=(
                    Difference(
                        "The last two numbers of a transform: npstn and Keras on tensorflow"
                        " divide by them; the other backends add their products with the channel"
                        " to y and x.",
                        f"{_IMPORT}{_TWO}1, 0, 0, 0, 1, 0, 0.5, 0]]))[..., 1]))",
                    ),
                    Difference(
                        "Ties of nearest: away from 0 in npstn and in Keras on tensorflow and"
                        " jax, to the even texel on torch, up on numpy.",
                        f"{_IMPORT}{_WARP}1, 0, -0.5, 0, 1, 0, 0, 0]]), 'nearest')))",
                    ),
                    Difference(
                        "Maps of float64: Keras on tensorflow computes with them in float32,"
                        " npstn in float64.",
                        f"{_IMPORT}{_WARP}1, 0, 0.1, 0, 1, 0, 0, 0]])))[0] - 4.6)",
                    ),
                    Difference(
                        "fill_mode: Keras on tensorflow has no mirror, rounds after it folds in"
                        " reflect, and in wrap does not blend the last texel with the first; npstn"
                        " has mirror, rounds before, and blends.",
                        f"{_IMPORT}{_WARP}1, 0, 0.5, 0, 1, 0, 0, 0]]), 'bilinear', 'wrap')))",
                    ),
                    Difference(
                        "An image without a batch axis, and data_format: Keras takes them, npstn"
                        " takes (N, H, W, C) only.",
                    ),
                ),
            ),
        ),
    ),
)
