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


def _transform(name: str, form: str, *differences: Difference) -> Function:
    return Function(
        name,
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
    )


_SIXTEEN = Difference(
    "In the nearest of AFFINE, numbers of maps are not rounded to multiples of 1/65536 (which"
    " Pillow does where they turn or shear).",
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
            _transform("transform_affine", "affine", _SIXTEEN),
            _transform("transform_perspective", "eight"),
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
            ),
        ),
    ),
)
