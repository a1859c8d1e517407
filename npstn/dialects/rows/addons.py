"""TensorFlow Addons: pixels (x, y) or (row, column), flows that are subtracted."""

from ..row import Argument, Convention, Difference, Function, Padding, Row

_NAME = {"name": Argument("only", None)}
_RESAMPLER = Convention(
    unit="pixel",
    cast="given",
    edge="open",  # counts in -1 < p < S alone (resampler_ops.cc; 0.23: run)
    paddings={None: Padding("zeros", nan="outside")},
)
_BORDER = Convention(
    unit="pixel",
    order="ij",
    cast="given",
    kink="clamped",  # by maximum(0, alpha) and minimum(.., 1), at 0 and 1 (0.23: run)
    paddings={None: Padding("border")},
)
_FLOW = Convention(
    unit="flow",
    order="ij",
    sign=-1.0,
    cast="given",
    kink="clamped",
    paddings={None: Padding("border")},
)
_TRANSFORM = Convention(
    unit="pixel",
    form="eight",
    cast="float32",  # for float64 images too (0.23: run)
    modes={"nearest": "nearest", "bilinear": "bilinear"},
    paddings={
        "constant": Padding("zeros"),
        "nearest": Padding("border"),
        "reflect": Padding("reflection", align=False),
        "wrap": Padding("border", turns=True),  # image_ops.h of TensorFlow 2.15; run
    },
    ties="away",
)
_INVERSE = Difference(
    "Cotangents: TensorFlow Addons warps the cotangent of the output by the inverse for that of"
    " the images, which is not the adjoint, and has none for the transforms; npstn gives the"
    " adjoint, and both: [1.5, 2, 0.5, 0] where TensorFlow Addons gives [1, 1, 0, 0].",
    "(lambda x: (lambda tape: (tape.__enter__(), tape.watch(x), out := tfa.image.transform("
    "x, [0.5, 0, 0, 0, 1, 0, 0, 0], 'bilinear'), tape.__exit__(None, None, None), tape.gradient("
    "out, x).numpy().ravel())[-1])(tf.GradientTape()))(tf.reshape(tf.range(4.0), [1, 1, 4, 1]))",
)
_WEIGHTS = Difference(
    "Weights for images of float64: TensorFlow Addons computes them in float32, up to 6e-8 of a"
    " texel off; npstn in float64.",
    "tfa.image.transform(np.array([[[[1.0], [0.0]]]]), [1, 0, 0.1, 0, 1, 0, 0, 0], 'bilinear')",
)
_NAN = "A NaN: TensorFlow Addons raises an error of an index, npstn gives NaN."
_SINGLE = "An axis of size 1: TensorFlow Addons raises an error, npstn reads its texel."

ROWS = (
    Row(
        system="tfa",
        since="0.13",
        tested="0.23.0",
        source="run",
        title="TensorFlow Addons",
        functions=(
            Function("resampler", "sample", {"data": "x", "warp": "points", **_NAME}, _RESAMPLER),
            Function(
                "interpolate_bilinear",
                "sample",
                {
                    "grid": "x",
                    "query_points": "points",
                    "indexing": Argument("only", "ij"),
                    **_NAME,
                },
                _BORDER,
                differences=(
                    Difference(
                        _SINGLE,
                        "tfa.image.interpolate_bilinear(np.ones((1, 1, 4, 1)), np.ones((1, 1, 2)))",
                    ),
                    Difference(
                        _NAN,
                        "tfa.image.interpolate_bilinear(np.ones((1, 4, 4, 1)),"
                        " np.full((1, 1, 2), np.nan))",
                    ),
                ),
            ),
            Function(
                "dense_image_warp",
                "sample",
                {"image": "x", "flow": "points", **_NAME},
                _FLOW,
                differences=(
                    Difference(
                        _SINGLE,
                        "tfa.image.dense_image_warp(np.ones((1, 1, 4, 1)), np.ones((1, 1, 4, 2)))",
                    ),
                    Difference(
                        _NAN,
                        "tfa.image.dense_image_warp(np.ones((1, 2, 2, 1)),"
                        " np.full((1, 2, 2, 2), np.nan))",
                    ),
                ),
            ),
            Function(
                "transform",
                "warp",
                {
                    "images": "x",
                    "transforms": "theta",
                    "interpolation": Argument("mode", "nearest"),
                    "fill_mode": Argument("padding", "constant"),
                    "output_shape": Argument("size", None),
                    **_NAME,
                    "fill_value": Argument("fill", 0.0),
                },
                _TRANSFORM,
                differences=(_INVERSE, _WEIGHTS),
            ),
        ),
    ),
)
