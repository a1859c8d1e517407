"""Clauses on cells and weights."""

from fractions import Fraction

from .clause import Clause, Probe, Values, along, points, row

INTERPOLATION = (
    Clause(
        "R9",
        "Bilinear: cell and weights",
        "The cell of a point begins at k = floor(p), of the exact p, on each axis; the texel k "
        "has weight 1 - t and k + 1 has t, with t = p - k. The weight of a texel is the product "
        "over the axes: four texels in an image, eight in a volume.",
        "out = Σ x[n, m] max(0, 1 - |p_x - m|) max(0, 1 - |p_y - n|)",
        "Jaderberg et al. 2015, equation 5.",
        (
            Probe(
                "grid_sample",
                {"x": row(1, 2, 4, 8), "grid": along(0, 0.25, 1, 2.5, 3)},
                {"out": row(1, 1.25, 2, 6, 8)},
                {"coordinates": "pixel"},
            ),
            Probe(
                "grid_sample",
                {"x": Values((1, 2, 2, 1), (0, 16, 32, 64)), "grid": points((0.5, 0.25))},
                {"out": row(18)},
                {"coordinates": "pixel"},
            ),
        ),
    ),
    Clause(
        "R10",
        "Nearest: the texel nearest to p",
        "Nearest reads one texel, the one whose centre is nearest to p on each axis. It is never "
        "interpolated.",
        "out = x[round(p_y), round(p_x)]",
        "Jaderberg et al. 2015, equation 4.",
        (
            Probe(
                "grid_sample",
                {"x": row(1, 2, 4, 8), "grid": along(0, 0.25, 0.75, 1.25, 2.75)},
                {"out": row(1, 1, 2, 2, 8)},
                {"mode": "nearest", "coordinates": "pixel"},
            ),
        ),
    ),
    Clause(
        "R11",
        "Nearest: ties go to the even texel",
        "Halfway between two texels nearest reads the one of even index. That is decided after p "
        "was clamped, reflected or wrapped. Padding zeros does not move p, so that a tie at -1/2 "
        "goes to texel 0, and one at S - 1/2 to the last texel if S is odd, else outside.",
        "round(k + 1/2) = k if k is even, else k + 1",
        "IEEE 754, roundTiesToEven; PyTorch, nearbyint. Equation 4 of Jaderberg et al. 2015 has "
        "floor(p + 1/2), which rounds ties up.",
        (
            Probe(
                "grid_sample",
                {"x": row(1, 2, 4, 8), "grid": along(-1.5, -0.5, 0.5, 1.5, 2.5, 3.5)},
                {"out": row(0, 1, 1, 4, 4, 0)},
                {"mode": "nearest", "coordinates": "pixel"},
            ),
            Probe(
                "grid_sample",
                {"x": row(1, 2, 4, 8), "grid": along(-1.5, 4.5)},
                {"out": row(1, 4)},
                {
                    "mode": "nearest",
                    "padding_mode": "reflection",
                    "align_corners": False,
                    "coordinates": "pixel",
                },
            ),
            Probe(
                "grid_sample",
                {"x": row(1, 2, 4), "grid": along(-0.5, 3.5)},
                {"out": row(4, 1)},
                {"mode": "nearest", "padding_mode": "wrap", "coordinates": "pixel"},
            ),
        ),
    ),
    Clause(
        "R12",
        "Bicubic: weights",
        "Bicubic reads the texels floor(p) - 1 ... floor(p) + 2 on each axis: 16 in an image, 64 "
        "in a volume. Their weights are Keys' kernel of the distance s, with a = -3/4 unless "
        "another coefficient is asked for. It can overshoot.",
        "k(s) = (a + 2)|s|³ - (a + 3)s² + 1 for |s| <= 1, a(|s| - 1)(|s| - 2)² for |s| <= 2",
        "Keys, Cubic convolution interpolation, 1981, where a = -1/2. PyTorch, OpenCV and ONNX "
        "have a = -3/4.",
        (
            Probe(
                "grid_sample",
                {"x": row(0, 0, 256, 0, 0), "grid": along(0.5, 1.25, 1.5, 2, 2.25, 3, 3.75)},
                {"out": row(-24, 67, 152, 256, 225, 0, -9)},
                {"mode": "bicubic", "coordinates": "pixel"},
            ),
            Probe(
                "grid_sample",
                {"x": row(0, 0, 256, 0, 0), "grid": along(0.5, 1.5)},
                {"out": row(-16, 144)},
                {"mode": "bicubic", "cubic_coefficient": -0.5, "coordinates": "pixel"},
            ),
            Probe(
                "grid_sample",
                {"x": Values((1, 1, 4, 1), (0, 1, 0, 0)), "grid": along(1.5)},
                {"out": row(Fraction(19, 32))},
                {"mode": "bicubic", "coordinates": "pixel"},
            ),
        ),
    ),
)
