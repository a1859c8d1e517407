"""Clauses on coordinates that are not finite or huge, and on sizes of one and none."""

from math import inf, nan

from .clause import Clause, Probe, Values, along, row, slopes

X = row(1, 2, 4, 8)

LIMITS = (
    Clause(
        "R21",
        "A NaN coordinate gives NaN",
        "A point with a NaN coordinate gives NaN there and nowhere else, in every mode and padding "
        "(also with padding zeros, whatever the other coordinate is). It adds nothing to d_x; its "
        "own cotangent is NaN on all axes, also in mode nearest.",
        "p = nan  =>  out = nan, d_grid = nan, d_x as without the point",
        "IEEE 754. PyTorch 2.13 on the CPU gives the first texel with padding border or "
        "reflection, and 0 with mode nearest and padding zeros; with mode bilinear and padding "
        "border or reflection its backward pass dies of a segmentation fault.",
        (
            Probe(
                "grid_sample",
                {"x": X, "grid": along(nan, 1)},
                {"out": row(nan, 2)},
                {"padding_mode": "zeros", "coordinates": "pixel"},
            ),
            Probe(
                "grid_sample",
                {"x": X, "grid": along(nan, 1)},
                {"out": row(nan, 2)},
                {"padding_mode": "border", "coordinates": "pixel"},
            ),
            Probe(
                "grid_sample",
                {"x": X, "grid": along(nan, 1)},
                {"out": row(nan, 2)},
                {"mode": "nearest", "coordinates": "pixel"},
            ),
            Probe(
                "grid_sample_vjp",
                {"d_out": row(1, 4), "x": X, "grid": along(nan, 1.25)},
                {"d_x": row(0, 3, 1, 0), "d_grid": Values((1, 1, 2, 2), (nan, nan, 8, 0))},
                {"padding_mode": "border", "coordinates": "pixel"},
            ),
        ),
    ),
    Clause(
        "R22",
        "An infinite coordinate is infinitely far outside",
        "There padding zeros gives fill_value, 0 by default, and border the first or last texel, "
        "both with a cotangent of 0. Reflection and wrap have no limit there: NaN, as in R21. A "
        "finite coordinate whose p overflows float64 counts as infinite.",
        "p = inf  =>  out = f, x[S - 1], nan, nan with zeros, border, reflection, wrap",
        "The limit of R13 and R14. PyTorch 2.13 on the CPU gives NaN with padding zeros, and the "
        "first texel with reflection, where its backward pass dies as in R21.",
        (
            Probe(
                "grid_sample",
                {"x": X, "grid": along(-inf, inf)},
                {"out": row(0, 0)},
                {"coordinates": "pixel"},
            ),
            Probe(
                "grid_sample",
                {"x": X, "grid": along(-inf, inf)},
                {"out": row(9, 9)},
                {"fill_value": 9, "coordinates": "pixel"},
            ),
            Probe(
                "grid_sample_vjp",
                {"d_out": row(1, 1), "x": X, "grid": along(-inf, inf)},
                {"d_x": row(1, 0, 0, 1), "d_grid": slopes(0, 0)},
                {"padding_mode": "border", "coordinates": "pixel"},
            ),
            Probe(
                "grid_sample",
                {"x": X, "grid": along(-inf, 0)},
                {"out": row(nan, 1)},
                {"padding_mode": "reflection", "coordinates": "pixel"},
            ),
            Probe(
                "grid_sample",
                {"x": X, "grid": along(inf, 0)},
                {"out": row(nan, 1)},
                {"padding_mode": "wrap", "coordinates": "pixel"},
            ),
        ),
    ),
    Clause(
        "R23",
        "Huge coordinates follow the formulas",
        "A finite coordinate is never cast to an integer that cannot hold it. From |p| = 2⁵² on, "
        "reflection and wrap fold the float64 next to p, exactly.",
        "1e20 mod 3 = 1,  -1e20 mod 3 = 2,  -1e20 mod 6 = 2",
        "A cast of a float out of range is undefined in C.",
        (
            Probe(
                "grid_sample",
                {"x": X, "grid": along(-1e20, 2.0**40, 1e300)},
                {"out": row(0, 0, 0)},
                {"coordinates": "pixel"},
            ),
            Probe(
                "grid_sample",
                {"x": X, "grid": along(-1e20, 2.0**40, 1e300)},
                {"out": row(1, 8, 8)},
                {"padding_mode": "border", "coordinates": "pixel"},
            ),
            Probe(
                "grid_sample",
                {"x": X, "grid": along(-1e20, 2.0**40 + 1.5)},
                {"out": row(4, 1.5)},
                {"padding_mode": "reflection", "coordinates": "pixel"},
            ),
            Probe(
                "grid_sample",
                {"x": row(1, 2, 4), "grid": along(-1e20, 1e20, 1e300)},
                {"out": row(4, 2, 1)},
                {"padding_mode": "wrap", "coordinates": "pixel"},
            ),
        ),
    ),
    Clause(
        "R24",
        "An axis of one texel",
        "With align_corners a normalised coordinate on an axis of one texel has p = 0, whatever it "
        "is, and no derivative. Without, R2 holds as on any axis.",
        "S = 1:  p = (g + 1)(S - 1)/2 = 0 with align_corners, g/2 without",
        "PyTorch, grid_sample.",
        (
            Probe(
                "grid_sample_vjp",
                {"d_out": row(1, 1, 1), "x": row(8), "grid": along(-3, 0, 0.5)},
                {"d_x": row(3), "d_grid": slopes(0, 0, 0)},
                {"align_corners": True},
            ),
            Probe(
                "grid_sample",
                {"x": row(8), "grid": along(-3, -1, 0, 0.5)},
                {"out": row(0, 4, 8, 6)},
                {"align_corners": False},
            ),
        ),
    ),
    Clause(
        "R25",
        "Nothing in, nothing out",
        "An empty batch, no channels or an empty output give empty results and cotangents of 0. An "
        "image without texels has nothing to sample, and is an error.",
        "B = 0, C = 0, Ho = 0 or Wo = 0  =>  an empty result;  H = 0 or W = 0  =>  an error",
        "PyTorch, grid_sample.",
        (
            Probe(
                "grid_sample",
                {"x": Values((0, 2, 2, 1), ()), "grid": Values((0, 3, 4, 2), ())},
                {"out": Values((0, 3, 4, 1), ())},
            ),
            Probe(
                "grid_sample",
                {"x": Values((1, 1, 2, 0), ()), "grid": along(0, 1)},
                {"out": Values((1, 1, 2, 0), ())},
            ),
            Probe(
                "grid_sample_vjp",
                {
                    "d_out": Values((1, 0, 4, 1), ()),
                    "x": X,
                    "grid": Values((1, 0, 4, 2), ()),
                },
                {"d_x": row(0, 0, 0, 0), "d_grid": Values((1, 0, 4, 2), ())},
            ),
            Probe(
                "grid_sample",
                {"x": Values((1, 0, 2, 1), ()), "grid": along(0)},
                {},
                raises="ValueError",
            ),
        ),
    ),
)
