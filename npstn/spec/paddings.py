"""Clauses on what is outside of an image."""

from math import inf, nan

from .clause import Clause, Probe, Values, along, row, slopes

X = row(1, 2, 4, 8)

PADDINGS = (
    Clause(
        "R13",
        "Zeros: each missing texel counts 0",
        "Texels that do not exist have the value 0, one by one: a point between the last texel and "
        "a missing one is between its value and 0. It is wrong to make a point 0 because it is "
        "outside [0, S - 1].",
        "x[n, m] = 0 unless 0 <= m < W and 0 <= n < H",
        "Jaderberg et al. 2015, equation 3; PyTorch, padding_mode='zeros'.",
        (
            Probe(
                "grid_sample",
                {"x": X, "grid": along(-2, -1, -0.5, -0.25, 0, 3, 3.5, 4)},
                {"out": row(0, 0, 0.5, 0.75, 1, 8, 4, 0)},
                {"padding_mode": "zeros", "coordinates": "pixel"},
            ),
        ),
    ),
    Clause(
        "R14",
        "Border: p is clamped",
        "The point is moved to the nearest point of [0, S - 1], on each axis by itself. With and "
        "without align_corners these are the centres of the first and last texel.",
        "p <- min(max(p, 0), S - 1)",
        "PyTorch, padding_mode='border'; SciPy, mode='nearest'.",
        (
            Probe(
                "grid_sample",
                {"x": X, "grid": along(-2, -0.5, 0, 2.5, 3, 3.5, 10)},
                {"out": row(1, 1, 1, 6, 8, 8, 8)},
                {"padding_mode": "border", "coordinates": "pixel"},
            ),
        ),
    ),
    Clause(
        "R15",
        "Reflection with align_corners",
        "The image is mirrored in the centres of its first and last texel, as often as it takes: "
        "the border texels are not repeated. The period is 2(S - 1); an axis of one texel has "
        "p = 0.",
        "p <- |p - 2(S - 1) round(p/(2(S - 1)))|",
        "PyTorch, padding_mode='reflection' with align_corners=True; SciPy, mode='mirror'.",
        (
            Probe(
                "grid_sample",
                {"x": X, "grid": along(-7, -3, -1, -0.5, 0, 3, 3.5, 4, 6, 7)},
                {"out": row(2, 8, 2, 1.5, 1, 8, 6, 4, 1, 2)},
                {"padding_mode": "reflection", "align_corners": True, "coordinates": "pixel"},
            ),
        ),
    ),
    Clause(
        "R16",
        "Reflection without align_corners",
        "The image is mirrored in the outer edges of its first and last texel, -1/2 and S - 1/2, "
        "as often as it takes, and then clamped to [0, S - 1]: the border texels are repeated. The "
        "period is 2S.",
        "q = p + 1/2;  q <- |q - 2S round(q/(2S))|;  p <- min(max(q - 1/2, 0), S - 1)",
        "PyTorch, padding_mode='reflection' with align_corners=False; SciPy, mode='reflect'.",
        (
            Probe(
                "grid_sample",
                {"x": X, "grid": along(-5, -2, -1.25, -1, -0.75, -0.25, 3.25, 4, 5, 8)},
                {"out": row(8, 2, 1.25, 1, 1, 1, 8, 8, 4, 1)},
                {"padding_mode": "reflection", "align_corners": False, "coordinates": "pixel"},
            ),
        ),
    ),
    Clause(
        "R17",
        "Wrap: p modulo S",
        "The image is repeated with a period of S texels, with and without align_corners: texel n "
        "stands for n + S, n + 2S and so on. The last texel and the first are neighbours, and a "
        "point between them reads both.",
        "x[n, m] = x[n mod H, m mod W]",
        "SciPy, mode='grid-wrap'. PyTorch and ONNX have no such padding.",
        (
            Probe(
                "grid_sample",
                {"x": X, "grid": along(-4, -1, -0.5, 0, 3, 3.25, 4, 9)},
                {"out": row(1, 8, 4.5, 1, 8, 6.25, 1, 2)},
                {"padding_mode": "wrap", "coordinates": "pixel"},
            ),
        ),
    ),
    Clause(
        "R18",
        "Bicubic pads each texel",
        "Bicubic does not move the point: its weights are those of the given p, and each of its "
        "texels is padded by itself, by the rules of R13 to R17 for the index of the texel. It is "
        "wrong to clamp or mirror p first.",
        "out = Σ k(p - m) x[pad(m)]",
        "PyTorch, get_value_bounded in its bicubic grid_sample.",
        (
            Probe(
                "grid_sample",
                {"x": row(0, 32, 0, 0), "grid": along(-0.5, -2)},
                {"out": row(-3, 0)},
                {"mode": "bicubic", "padding_mode": "border", "coordinates": "pixel"},
            ),
            Probe(
                "grid_sample",
                {"x": row(0, 32, 0, 0), "grid": along(-0.5, 3.5)},
                {"out": row(16, -3)},
                {"mode": "bicubic", "padding_mode": "reflection", "coordinates": "pixel"},
            ),
            Probe(
                "grid_sample",
                {"x": row(0, 32, 0, 0), "grid": along(-0.5, 0.5, 3.5)},
                {"out": row(-3, 19, -3)},
                {"mode": "bicubic", "padding_mode": "wrap", "coordinates": "pixel"},
            ),
        ),
    ),
    Clause(
        "R19",
        "fill_value is the value of missing texels",
        "With padding zeros a missing texel has the value fill_value, a number or one for each "
        "channel, and takes part as if it were there. Its cotangent is the sum of d_out times the "
        "weights of all missing texels.",
        "x[n, m] = f unless 0 <= m < W and 0 <= n < H;  d_f = Σ w d_out over missing texels",
        "SciPy, mode='grid-constant' with cval; OpenCV, borderValue.",
        (
            Probe(
                "grid_sample",
                {"x": row(1, 2), "grid": along(-2, -0.5, 1.25)},
                {"out": row(9, 5, 3.75)},
                {"fill_value": 9, "coordinates": "pixel"},
            ),
            Probe(
                "grid_sample_vjp",
                {"d_out": row(1, 1, 1), "x": row(1, 2), "grid": along(-2, -0.5, 1.25)},
                {"d_x": row(0.5, 0.75), "d_fill": Values((), (1.75,))},
                {
                    "fill_value": 9,
                    "coordinates": "pixel",
                    "wrt": ("x", "fill_value"),
                },
            ),
        ),
    ),
    Clause(
        "R20",
        "Texels outside the support do not leak",
        "A texel that is not in the support of the kernel (for bilinear the cell, for nearest the "
        "one texel) is skipped, and not multiplied by a weight of 0: a NaN or Inf there changes "
        "neither the output nor a derivative. Inside the support IEEE arithmetic decides, also "
        "where a weight is 0: at p = k the texel k + 1, if it exists, is inside.",
        "0·inf and 0·nan are never formed outside the support",
        "The dense sum over all pixels of equation 3 in Jaderberg et al. 2015 breaks it.",
        (
            Probe(
                "grid_sample",
                {"x": row(nan, 1, 2, inf), "grid": along(0.5, 1, 1.5, 2, 3)},
                {"out": row(nan, 1, 1.5, nan, inf)},
                {"coordinates": "pixel"},
            ),
            Probe(
                "grid_sample_vjp",
                {"d_out": row(1, 1), "x": row(nan, 1, 2, 4, inf), "grid": along(-0.25, 0.25)},
                {"d_x": row(0, 0.5, 1, 0.5, 0), "d_grid": slopes(2, 4)},
            ),
        ),
    ),
)
