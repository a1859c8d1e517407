"""Samplers of plain NumPy arrays, at (row, column) or (x, y) in pixels."""

from ..row import Argument, Convention, Difference, Function, Gate, Padding, Row

_INSIDE = Gate(0.0, True, -1.0, True)
# Where SciPy folds, a point that no 64-bit integer holds reads the fill (1.17.1, run).
_NUMBERS = Gate(-(2.0**63), False, 2.0**63, False)
_SCIPY = Convention(
    layout="*",
    points="R*",
    unit="pixel",
    order="ij",
    modes={0: "nearest", 1: "bilinear"},
    paddings={
        "constant": Padding("border", gate=_INSIDE, nan="outside"),
        "grid-constant": Padding("zeros", nan={"nearest": "outside"}, inf={"bilinear": "nan"}),
        "nearest": Padding(
            "border", nan={"nearest": "first"}, inf={"nearest": "first", "bilinear": "nan"}
        ),
        "mirror": Padding("reflection", align=True, gate=_NUMBERS, nan="outside", late=True),
        "reflect": Padding("reflection", align=False, gate=_NUMBERS, nan="outside"),
        "grid-mirror": Padding("reflection", align=False, gate=_NUMBERS, nan="outside"),
        "grid-wrap": Padding("wrap", gate=_NUMBERS, nan="outside"),
        "wrap": Padding("border", period=1.0, gate=_NUMBERS, nan="outside"),
    },
    ties="up",
    ranks=(2, 3),
)
_OPTIONS = {
    "order": Argument("mode", 3),
    "mode": Argument("padding", "constant"),
    "cval": Argument("fill", 0.0),
    "prefilter": Argument("free", True),
}
_CALL = "import numpy as np, scipy.ndimage as n; print(n.map_coordinates("
_HUGE = Difference(
    "Points from p = 2**63 on: SciPy reads the first texel with nearest and the wraps; npstn"
    " reads the last one with nearest, and the fill with the wraps.",
    f"{_CALL}np.array([[5.0, 1.0, 6.0, 2.0]]), [[0.0], [1e20]], order=1, mode='nearest'))",
)
_FAR = Difference(
    "Order 0 with reflect from p = 2**52 on: SciPy folds exactly, npstn without the half texel of"
    " its edges.",
    f"{_CALL}np.array([[5.0, 1.0, 6.0, 2.0]]), [[0.0], [2.0**52 + 1]], order=0, mode='reflect'))",
)
_SPLINES = Difference(
    "SciPy has splines of order 2 to 5, of which npstn has none: order has to be given, since"
    " SciPy's default is 3."
)

# Order 1 and 3 run skimage's own loop, texel by texel; order 0 is scipy.ndimage's (0.26.0, source).
_SKIMAGE = Convention(
    layout="*C|*",
    unit="pixel",
    form="homogeneous",
    cast="given",
    modes={None: "bilinear", 0: "nearest", 1: "bilinear", 3: "bicubic"},
    paddings={
        "constant": Padding("zeros"),
        "edge": Padding("border"),
        "symmetric": Padding("reflection", align=False),
        "reflect": Padding("reflection", align=True, late=True),
        "wrap": Padding("wrap"),
    },
    ties="up",
    cubic_coefficient=-0.5,
)
_WARP = "import numpy as np, skimage.transform as t; print(np.ravel(t.warp("

ROWS = (
    Row(
        system="scipy",
        since="1.6",
        tested="1.17.1",
        source="run",
        title="SciPy",
        functions=(
            Function(
                "map_coordinates",
                "sample",
                {
                    "input": "x",
                    "coordinates": "points",
                    "output": Argument("only", None),
                    **_OPTIONS,
                },
                _SCIPY,
                differences=(_SPLINES, _HUGE, _FAR),
            ),
            Function(
                "affine_transform",
                "warp",
                {
                    "input": "x",
                    "matrix": "theta",
                    "offset": Argument("offset", 0.0),
                    "output_shape": Argument("size", None),
                    "output": Argument("only", None),
                    **_OPTIONS,
                },
                _SCIPY,
                differences=(_SPLINES,),
            ),
        ),
    ),
    Row(
        system="skimage",
        since="0.18",
        tested="0.26.0",
        source="run",
        title="scikit-image",
        functions=(
            Function(
                "warp",
                "warp",
                {
                    "image": "x",
                    "inverse_map": "theta",
                    "map_args": Argument("only", None),
                    "output_shape": Argument("size", None),
                    "order": Argument("mode", None),
                    "mode": Argument("padding", "constant"),
                    "cval": Argument("fill", 0.0),
                    "clip": Argument("free", True),
                    "preserve_range": Argument("free", False),
                },
                _SKIMAGE,
                differences=(
                    Difference(
                        "clip: scikit-image cuts to the range of the image what order 3"
                        " overshoots, and what is blended with a cval outside of that range; npstn"
                        " cuts nothing.",
                        f"{_WARP}np.array([[0.0, 0.0, 1.0, 1.0]]), np.array([[1.0, 0.0, 0.5],"
                        " [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]), order=3, mode='edge')))",
                    ),
                ),
            ),
        ),
    ),
)
