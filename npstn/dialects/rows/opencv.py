"""OpenCV: pixels (x, y), fixed point in version 4 and less of it in 5, maps from input to output.

Images of uint8 and other integers are left out: npstn takes floats only. So are the borders 5
(transparent) and 16 (isolated), maps of integers, and both coordinates in one map.
"""

from collections.abc import Mapping
from dataclasses import replace

from ..row import Argument, Convention, Difference, Function, Padding, Row

_MODES = {1: "bilinear", 0: "nearest", 2: "bicubic"}
_FIXED = {"bilinear": 1 / 32, "bicubic": 1 / 32, "nearest": 1.0}
# Coordinates become 32-bit integers, and these 16-bit ones: the least is what a NaN and too large
# numbers become (run, on x86).
_INT32 = {mode: 2.0**31 * quantum for mode, quantum in _FIXED.items()}
_LEAST = -(2.0**15)


def _borders(first: Padding, second: Padding, other: Padding) -> dict[int, Padding]:
    return {
        0: replace(first, mode="zeros"),
        1: replace(second, mode="border"),
        2: replace(other, mode="reflection", align=False),
        3: replace(other, mode="wrap"),
        4: replace(other, mode="reflection", align=True),
    }


_SHORT = Padding("zeros", nan=_LEAST, inf=_LEAST)
_REMAP = Convention(
    layout="*C|*",
    points="*R",
    unit="pixel",
    cast="float32",
    quantum=_FIXED,
    huge=_INT32,
    modes=_MODES,
    paddings=_borders(_SHORT, _SHORT, _SHORT),
)


def _warp(remap: Convention, form: str) -> Convention:
    quantum = 1 / 1024 if form == "affine" else 0.0
    return replace(
        remap, cast="float64", direction="push", form=form, matrix_quantum=quantum, huge=2.0**63
    )


# Version 5: floats as they are, but for two channels and float64; bicubic always.
_OUTSIDE = Padding("zeros", nan="outside", inf="outside")
_EXACT = replace(
    _REMAP,
    quantum={"nearest": 1.0},
    huge={"nearest": 2.0**31},
    dtypes=("float32",),
    channels=(1, 3, 4),
    paddings=_borders(
        _OUTSIDE,
        Padding(
            "border",
            nan={"bilinear": "nan", "bicubic": "first", "nearest": "first"},
            inf={"bilinear": "nan", "nearest": "first"},
        ),
        Padding("wrap"),
    ),
)
_CUBIC: dict[str, str | float] = {"bilinear": _LEAST, "nearest": _LEAST, "bicubic": "nan"}
_OTHER = replace(
    _REMAP,
    quantum={"bilinear": 1 / 32, "nearest": 1.0},
    huge={"bilinear": 2.0**26, "nearest": 2.0**31},
    paddings=_borders(
        Padding("zeros", nan=_LEAST, inf=_LEAST),
        Padding("border", nan=_CUBIC, inf=_CUBIC),
        Padding("wrap", nan=_LEAST, inf=_LEAST),
    ),
)


def _warp_exact(form: str) -> Convention:
    return replace(_EXACT, direction="push", form=form, huge=2.0**63)


_SHOW = "import cv2, numpy as np; f = np.float32; "
_WEIGHTS = Difference(
    "Weights of bicubic: OpenCV rounds them to float32, in float64 up to 1e-6 off for texels"
    " below 4; npstn does not.",
    _SHOW
    + "x = np.zeros((8, 8)); x[3, 3] = 1; q = f([[3.28125]]); t = 0.28125;"
    + " print(cv2.remap(x, q, q, 2)[0, 0] - (1.25 * t**3 - 2.25 * t**2 + 1) ** 2)",
)
_CLIPPED = Difference(
    "Points further than 32767 texels away: OpenCV moves them to that distance, which borders 2"
    " to 4 show; npstn does not.",
    _SHOW + "print(cv2.remap(np.arange(12.0)[None], f([[40000]]), f([[0]]), 1, borderMode=3))",
)
_ZERO = Difference(
    "Where the denominator of a map is 0: the point is (0, 0) in OpenCV, and infinite in npstn.",
    _SHOW
    + "m = np.array([[1, 0, 1], [0, 1, 1], [1, 0, -2.0]]);"
    + " print(cv2.warpPerspective(np.full((3, 3), 7.0), m, (5, 1), flags=17))",
)
_IPP = Difference(
    "Nearest of float64 with 1, 3 or 4 channels and borders 0 and 1: OpenCV does not round to"
    " multiples of 1/1024 on processors where a library of Intel does it; npstn rounds it as the"
    " rest.",
    _SHOW
    + "m = np.array([[1, 0, 39.5], [0, 1, 0]]); x = np.tile(np.arange(40.0), (2, 1));"
    + " print(cv2.warpAffine(x, m, (1, 1), flags=16, borderValue=-3))",
)
_TRUNCATED = Difference(
    "Bicubic of float64 where one of the 16 texels is outside: OpenCV cuts texels to integers,"
    " npstn does not.",
    _SHOW + "print(cv2.remap(np.full((4, 4), 0.9), f([[0.5]]), f([[0.5]]), 2, borderMode=1)[0, 0])",
)
_ARBITRARY = Difference(
    "Points that are not finite, or beyond 1e9, with borders 1 to 4: OpenCV extrapolates or ends"
    " the process; npstn reads by a rule of its own.",
    _SHOW + "print(cv2.remap(f([[0, 1, 2]]), f([[1e10]]), f([[0]]), 1, borderMode=2)[0, 0])",
)
_FAR = Difference(
    "Bicubic with borders 2 to 4, points below -16 and above 32 texels: OpenCV moves them nearer,"
    " npstn does not.",
    _SHOW + "print(cv2.remap(f([[0, 1, 2, 3, 4]]), f([[-23]]), f([[0]]), 2, borderMode=3)[0, 0])",
)
_ALIKE = Difference(
    "One array as both maps of remap: OpenCV gives the output of other points, and reads past the"
    " end of the array; npstn gives that of its points.",
    _SHOW
    + "x = np.sin(np.arange(42.0)).reshape(6, 7).astype(f);"
    + " q = np.linspace(-3, 9, 12, dtype=f).reshape(3, 4);"
    + " print((cv2.remap(x, q, q, 1) == cv2.remap(x, q, q.copy(), 1)).all())",
)
_HANGS = Difference(
    "Bicubic with border 4 of an axis of one texel: OpenCV does not return, npstn does.",
    "import subprocess, sys; c = 'import cv2, numpy as np; f = np.float32;"
    " cv2.remap(f([[0, 1, 2]]), f([[-3]]), f([[1]]), 2, borderMode=4)';"
    " subprocess.run([sys.executable, '-c', c], timeout=10)",
)

_BORDER = {"borderMode": Argument("padding", 0), "borderValue": Argument("scalar", 0.0)}
_DST = {"dst": Argument("only", None)}
_MAPS: dict[str, str | Argument] = {
    "src": "x",
    "map1": "points_x",
    "map2": "points_y",
    "interpolation": "mode",
    **_DST,
    **_BORDER,
}
_WARP: dict[str, str | Argument] = {
    "src": "x",
    "M": "theta",
    "dsize": "dsize",
    **_DST,
    "flags": Argument("flags", 1),
    **_BORDER,
}
_HINT: Mapping[str, Argument] = {"hint": Argument("only", 0)}

ROWS = (
    Row(
        system="opencv",
        since="4.0",
        tested="4.14.0",
        source="run",
        title="OpenCV",
        functions=(
            Function("remap", "sample", _MAPS, _REMAP),
            Function("warpAffine", "warp", _WARP, _warp(_REMAP, "affine"), differences=(_IPP,)),
            Function(
                "warpPerspective",
                "warp",
                _WARP,
                _warp(_REMAP, "homogeneous"),
                differences=(_ZERO,),
            ),
        ),
        differences=(_WEIGHTS, _CLIPPED),
    ),
    Row(
        system="opencv",
        since="5.0",
        tested="5.0.0",
        source="run",
        title="OpenCV",
        functions=(
            Function("remap", "sample", {**_MAPS, **_HINT}, _EXACT, otherwise=_OTHER),
            Function(
                "warpAffine",
                "warp",
                {**_WARP, **_HINT},
                _warp_exact("affine"),
                otherwise=_warp(_OTHER, "affine"),
            ),
            Function(
                "warpPerspective",
                "warp",
                {**_WARP, **_HINT},
                _warp_exact("homogeneous"),
                otherwise=_warp(_OTHER, "homogeneous"),
                differences=(_ZERO,),
            ),
        ),
        differences=(_WEIGHTS, _CLIPPED, _TRUNCATED, _FAR, _ARBITRARY, _ALIKE, _HANGS),
    ),
)
