"""Clauses on the derivatives by the image and by the points."""

from .clause import Clause, Probe, Values, along, points, row, slopes

X3, X4, X5 = row(1, 3, 4), row(1, 2, 4, 8), row(1, 2, 4, 8, 16)

GRADIENTS = (
    Clause(
        "R26",
        "d_x: weights times cotangent",
        "The cotangent of a texel is the sum, over all points that read it, of its weight times "
        "the cotangent of the output. The weights are those of the forward pass.",
        "d_x[n, m] = Σ w d_out over the points",
        "Jaderberg et al. 2015, equation 6.",
        (
            Probe(
                "grid_sample_vjp",
                {"d_out": row(4, 8, 16), "x": X3, "grid": along(0.25, 0.75, -0.5)},
                {"d_x": row(13, 7, 0)},
                {"coordinates": "pixel"},
            ),
        ),
    ),
    Clause(
        "R27",
        "d_grid is in the unit of the grid",
        "The derivative by a coordinate is that by p times the derivative of p: (S - 1)/2 with "
        "align_corners, S/2 without, 1 in pixels, with the S of the axis of that coordinate.",
        "d_g = dp/dg d_p,  d_p = d_out Σ x ∂w/∂p",
        "Jaderberg et al. 2015, equation 7, where p is in pixels; PyTorch, grid_sample.",
        (
            Probe(
                "grid_sample_vjp",
                {"d_out": row(1), "x": X5, "grid": along(-0.875)},
                {"d_grid": slopes(2)},
                {"padding_mode": "border", "align_corners": True},
            ),
            Probe(
                "grid_sample_vjp",
                {"d_out": row(1), "x": X4, "grid": along(-0.5)},
                {"d_grid": slopes(2)},
                {"padding_mode": "border", "align_corners": False},
            ),
            Probe(
                "grid_sample_vjp",
                {"d_out": row(1), "x": X4, "grid": along(0.5)},
                {"d_grid": slopes(1)},
                {"padding_mode": "border", "coordinates": "pixel"},
            ),
        ),
    ),
    Clause(
        "R28",
        "d_grid sums over channels",
        "All channels are read at the same point, so its cotangent is the sum over them.",
        "d_p = Σ over channels c of d_out[c] Σ x[c] ∂w/∂p",
        "Jaderberg et al. 2015, equation 7.",
        (
            Probe(
                "grid_sample_vjp",
                {
                    "d_out": Values((1, 1, 1, 2), (2, 3)),
                    "x": Values((1, 1, 3, 2), (1, 10, 2, 20, 4, 40)),
                    "grid": along(-0.75),
                },
                {"d_grid": slopes(32)},
            ),
        ),
    ),
    Clause(
        "R29",
        "d_grid has the sign of the mirrored stretch",
        "Where reflection reads the image backwards, an odd number of folds away, a step forwards "
        "of p is one backwards in the image: the derivative changes its sign. Where R16 clamps it "
        "is 0.",
        "d_p = ±d_q for the reflected q",
        "PyTorch, grid_sample.",
        (
            Probe(
                "grid_sample_vjp",
                {
                    "d_out": row(1, 1, 1, 1, 1),
                    "x": X4,
                    "grid": along(-7.5, -1.5, 1.5, 4.5, 7.5),
                },
                {"d_grid": slopes(-2, -2, 2, -2, 2)},
                {"padding_mode": "reflection", "align_corners": True, "coordinates": "pixel"},
            ),
            Probe(
                "grid_sample_vjp",
                {"d_out": row(1, 1, 1, 1), "x": X4, "grid": along(-1.5, -0.25, 0.5, 4.25)},
                {"d_grid": slopes(-1, 0, 1, -4)},
                {"padding_mode": "reflection", "align_corners": False, "coordinates": "pixel"},
            ),
        ),
    ),
    Clause(
        "R30",
        "d_grid is 0 where border clamps",
        "A point that is clamped does not move with p: its cotangent on that axis is 0, and its "
        "d_x goes to the border texel. At p = 0 and p = S - 1 npstn has 0, too; any value between "
        "the derivatives to the left and to the right is right there (R32).",
        "d_p = 0 for p <= 0 and for p >= S - 1",
        "PyTorch, clip_coordinates_set_grad.",
        (
            Probe(
                "grid_sample_vjp",
                {"d_out": row(1, 2, 1, 2, 1), "x": X4, "grid": along(-1, 0, 0.5, 3, 5)},
                {
                    "d_x": row(3.5, 0.5, 0, 3),
                    "d_grid": slopes(
                        *(0, 0, 1, 0, 0), sides=((0, 0), (0, 2), (1, 1), (8, 0), (0, 0))
                    ),
                },
                {"padding_mode": "border", "coordinates": "pixel"},
            ),
        ),
    ),
    Clause(
        "R31",
        "Zeros: d_grid sees missing texels as 0",
        "Between the last texel and a missing one, the image falls to 0, and has that slope. It is "
        "wrong to take the missing texel for the border texel (a slope of 0), and wrong to leave "
        "out the cotangent of such a point. With a fill_value, the slope is towards that.",
        "d_p = d_out Σ x ∂w/∂p, where x = 0 outside",
        "Jaderberg et al. 2015, equation 7.",
        (
            Probe(
                "grid_sample_vjp",
                {"d_out": row(1, 1), "x": X3, "grid": along(-1.5, 1.5)},
                {"d_grid": slopes(1, -4)},
            ),
            Probe(
                "grid_sample_vjp",
                {"d_out": row(1), "x": X3, "grid": points((0.25, 0.5))},
                {"d_grid": points((1, -1.5))},
                {"coordinates": "pixel"},
            ),
            Probe(
                "grid_sample_vjp",
                {"d_out": row(1, 1), "x": X3, "grid": along(-1.5, 1.5)},
                {"d_grid": slopes(-8, 5)},
                {"fill_value": 9},
            ),
        ),
    ),
    Clause(
        "R32",
        "At a kink any value between left and right is right",
        "At a texel, the output has a derivative to the left and one to the right, and any value "
        "between them is a sub-gradient. npstn has the right one, that of the cell which begins "
        "there; in a mirrored stretch the right one of the mirror image; at the folds of "
        "reflection, and where border clamps, 0.",
        "d_p in [left, right]",
        "Jaderberg et al. 2015, section 3.3 (sub-gradients); PyTorch, grid_sample.",
        (
            Probe(
                "grid_sample_vjp",
                {"d_out": row(1, 1, 1, 1, 1), "x": X3, "grid": along(-2, -1, 0, 1, 2)},
                {
                    "d_grid": slopes(
                        *(1, 2, 1, -4, 0), sides=((0, 1), (1, 2), (2, 1), (1, -4), (-4, 0))
                    )
                },
            ),
            Probe(
                "grid_sample_vjp",
                {"d_out": row(1, 1, 1), "x": X3, "grid": along(-1, 0, 2)},
                {"d_grid": slopes(-1, 0, 0, sides=((-1, -2), (-2, 2), (1, -1)))},
                {"padding_mode": "reflection", "coordinates": "pixel"},
            ),
            Probe(
                "grid_sample_vjp",
                {"d_out": row(1, 1), "x": X3, "grid": along(2, 3)},
                {"d_grid": slopes(-3, 2, sides=((1, -3), (-3, 2)))},
                {"padding_mode": "wrap", "coordinates": "pixel"},
            ),
        ),
    ),
)
