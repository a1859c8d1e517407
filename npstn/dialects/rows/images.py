"""Libraries of images: maps from output to input, in pixels, with the fill outside of texels."""

from ..row import Argument, Convention, Difference, Function, Gate, Padding, Row

# Inside is where a texel reaches: a half beyond the centres of the first and last one.
_TEXELS = Gate(-0.5, True, -0.5, False)

# Image.transform of images of mode "F", a function for each method (0 and 2).
# Coordinates are of corners of texels: 0 and S are the ends of an axis.
_PILLOW = {
    "layout": "*",
    "unit": "pixel",
    "origin": "corner",
    "modes": {0: "nearest", 2: "bilinear", 3: "bicubic"},
    "paddings": {"fill": Padding("border", gate=_TEXELS, nan={"nearest": "outside"})},
    "ties": "up",
    "cubic_coefficient": -1.0,
    "dtypes": ("float32",),
}


def _transform(method: str, form: str, *differences: Difference) -> Function:
    return Function(
        f"transform_{method.lower()}",
        "warp",
        {
            "image": "x",
            "size": "size_xy",
            "data": "theta",
            "resample": Argument("mode", 0),
            "fill": Argument("only", 1),
            "fillcolor": Argument("fill", None),
        },
        Convention(form=form, **_PILLOW),  # type: ignore[arg-type]
        differences=differences,
        real=f"image.transform(size, Image.Transform.{method}, data, resample, fill, fillcolor)",
    )


_SIXTEEN = Difference(
    "Nearest, where a map turns or shears: Pillow rounds its numbers to multiples of 1/65536,"
    " npstn does not.",
    "import numpy as np; from PIL import Image; x = np.arange(8, dtype=np.float32).reshape(2, 4);"
    " print(np.asarray(Image.fromarray(x).transform("
    "(4, 1), 0, (1, 1e-9, 0.499999, 0, 1, 0), 0))[0, 1])",
)
_ITK = Convention(
    layout="*",
    unit="pixel",
    modes={2: "bilinear", 1: "nearest"},
    paddings={"default": Padding("border", gate=_TEXELS, nan="outside")},
    ties="up",
    ranks=(2, 3),
)

ROWS = (
    Row(
        system="pillow",
        since="9.1",
        tested="13.0.0",
        source="run",
        title="Pillow",
        functions=(
            _transform("AFFINE", "affine", _SIXTEEN),
            _transform("PERSPECTIVE", "eight"),
        ),
    ),
    Row(
        system="simpleitk",
        since="2.0",
        tested="2.5.7",
        source="run",
        title="SimpleITK",
        functions=(
            Function(
                "Resample",
                "warp",
                {
                    "image1": "x",
                    "transform": "theta",
                    "interpolator": Argument("mode", 2),
                    "defaultPixelValue": Argument("fill", 0.0),
                },
                _ITK,
                real="SimpleITK.Resample(image1, an AffineTransform, interpolator, ...)",
            ),
        ),
    ),
)
