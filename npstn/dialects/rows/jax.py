"""JAX, and what samples with it: arrays at (row, column) in pixels, folded index by index."""

from dataclasses import replace

from ..row import Argument, Convention, Difference, Function, Gate, Padding, Row

# A NaN as an integer is 0; in weights it stays, and an infinite point becomes it (0.10.2, run).
_AT = Padding("zeros", nan={"nearest": "first"}, inf={"bilinear": "nan"})
PADDINGS = {
    "constant": _AT,
    "nearest": replace(_AT, mode="border"),
    "mirror": replace(_AT, mode="reflection", align=True),
    "reflect": replace(_AT, mode="reflection", align=False),
    "wrap": replace(_AT, mode="wrap"),
}
MAP_COORDINATES = Convention(
    layout="*",
    points="R*",
    unit="pixel",
    order="ij",
    cast="given",
    modes={0: "nearest", 1: "bilinear"},
    paddings=PADDINGS,
    ties="away",
    tie_stage="raw",
    kink="padded",
    ranks=(2, 3),
)

_POINTS: dict[str, str | Argument] = {
    "order": "mode",
    "mode": Argument("padding", "constant"),
    "cval": Argument("fill", 0.0),
}
_CALL = "import numpy as np, jax.scipy.ndimage as n; print(n.map_coordinates("
_HUGE = Difference(
    "Points from 2**31 on, where an index is folded: JAX folds them as 2**31, npstn as they are.",
    f"{_CALL}np.array([[5.0, 1.0, 6.0, 2.0]]), [np.zeros(1), np.full(1, 3e9)], 1, 'mirror'))",
)

# dm_pix: the texels are floor(p) and ceil(p), so a point on a texel has no slope (0.4.5, source).
_CLAMPED = replace(
    MAP_COORDINATES, modes={1: "bilinear"}, paddings={"": Padding("border", inf="nan")}, kink="zero"
)
_INSIDE = Gate(0.0, True, -1.0, True)
# Compiled, as each operation is by default: under jax.disable_jit NaN outside is NaN.
_GATED = replace(_CLAMPED, paddings={"": Padding("border", gate=_INSIDE, nan="outside")})
_WARPED = replace(
    MAP_COORDINATES,
    paddings={**PADDINGS, "constant": Padding("border", gate=_INSIDE, nan="outside")},
    kink="zero",
    ranks=(3,),
)
_FLAT: dict[str, str | Argument] = {"volume": "x", "coordinates": "points"}
_WHOLE = {"unflattened_vol_shape": Argument("only", None)}
_PIX = "import numpy as np, dm_pix as d; print(np.ravel(d."
_AFFINE = f"{_PIX}affine_transform(np.array([[[5.0, 1.0, 6.0, 2.0]]]), np.eye(3), offset=np.array("

ROWS = (
    Row(
        system="jax",
        since="0.4",
        tested="0.10.2",
        source="run",
        title="JAX",
        functions=(
            Function(
                "map_coordinates",
                "sample",
                {"input": "x", "coordinates": "points", **_POINTS},
                MAP_COORDINATES,
                differences=(_HUGE,),
            ),
        ),
    ),
    Row(
        system="dm_pix",
        since="0.4",
        tested="0.4.5",
        source="run",
        title="dm_pix",
        functions=(
            Function(
                "flat_nd_linear_interpolate",
                "sample",
                {**_FLAT, **_WHOLE},
                _CLAMPED,
                differences=(
                    Difference(
                        "Points from 2**31 on: the weights of dm_pix are as large as the points,"
                        " and their sum is rounded, so that in float32 [5, 1, 6, 2] at 1e10 is 0;"
                        " npstn reads 2.",
                        f"{_PIX}flat_nd_linear_interpolate(np.array([[5.0, 1.0, 6.0, 2.0]],"
                        " np.float32), np.array([[0.0], [1e10]], np.float32))))",
                    ),
                ),
            ),
            Function(
                "flat_nd_linear_interpolate_constant",
                "sample",
                {**_FLAT, "cval": Argument("fill", 0.0), **_WHOLE},
                _GATED,
            ),
            Function(
                "affine_transform",
                "warp",
                {
                    "image": "x",
                    "matrix": "theta",
                    "offset": Argument("offset", 0.0),
                    "order": Argument("mode", 1),
                    "mode": Argument("padding", "nearest"),
                    "cval": Argument("fill", 0.0),
                },
                _WARPED,
                differences=(
                    Difference(
                        "Order 0 with constant up to half a texel outside: dm_pix reads the"
                        " texel, npstn the fill.",
                        f"{_AFFINE}[0, 0, 0.25]), order=0, mode='constant', cval=9.0)))",
                    ),
                    Difference(
                        "The slope at a texel with mirror, reflect and wrap: in dm_pix that to"
                        " its right, in npstn 0. With nearest and constant it is 0 in both.",
                        "import numpy as np, jax, dm_pix as d; print(np.ravel(jax.grad(lambda t:"
                        " d.affine_transform(np.array([[[5.0, 1.0, 6.0, 2.0]]]), np.eye(3),"
                        " offset=t, mode='mirror').sum())(np.zeros(3))))",
                    ),
                ),
            ),
        ),
    ),
)
