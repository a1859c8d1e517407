"""Clauses on the derivatives of other modes, of maps, of tangents, and of derivatives."""

from fractions import Fraction

from .clause import Clause, Probe, Values, along, points, row, slopes

IMPULSE = row(0, 0, 256, 0, 0)
X3, ZOOM = row(1, 2, 4), (0.5, 0, 0, 0, 1, 0)

DERIVATIVES = (
    Clause(
        "R33",
        "Nearest: no d_grid, d_x to the texel that was read",
        "The output of nearest is constant around a point: d_grid and d_theta are 0. The whole "
        "cotangent of the output goes to the texel that was read, by R11 where there was a tie.",
        "d_p = 0,  d_x[round(p)] = Σ d_out",
        "PyTorch, grid_sample.",
        (
            Probe(
                "grid_sample_vjp",
                {"d_out": row(1, 2, 4, 8), "x": X3, "grid": along(0.5, 1.25, 1.5, 3)},
                {"d_x": row(1, 2, 4), "d_grid": slopes(0, 0, 0, 0)},
                {"mode": "nearest", "coordinates": "pixel"},
            ),
        ),
    ),
    Clause(
        "R34",
        "Bicubic: derivatives of its weights",
        "The derivative is that of Keys' kernel, which has no kinks. As bicubic does not move the "
        "point (R18), its derivative is not 0 beyond a border, and has no sign of its own in a "
        "mirrored stretch.",
        "d_p = d_out Σ x k'(p - m)",
        "PyTorch, grid_sample.",
        (
            Probe(
                "grid_sample_vjp",
                {
                    "d_out": row(1, 1, 1, 1, 1),
                    "x": IMPULSE,
                    "grid": along(0.5, 1, 1.5, 2, 2.5),
                },
                {"d_grid": slopes(-48, 192, 336, 0, -336)},
                {"mode": "bicubic", "coordinates": "pixel"},
            ),
            Probe(
                "grid_sample_vjp",
                {"d_out": row(1), "x": row(0, 32, 0, 0), "grid": along(-0.5)},
                {"d_grid": slopes(-6)},
                {"mode": "bicubic", "padding_mode": "border", "coordinates": "pixel"},
            ),
        ),
    ),
    Clause(
        "R35",
        "d_theta: sum over the output points",
        "The cotangent of a map is the sum, over all output pixels, of the cotangent of the point "
        "times (x, y, 1) of the base lattice: a row for each coordinate of the point.",
        "d_theta = Σ d_grid ⊗ (x, y, 1)",
        "Jaderberg et al. 2015, equation 1.",
        (
            Probe(
                "affine_grid_vjp",
                {"d_grid": Values((1, 2, 2, 2), (1, 10, 2, 20, 4, 40, 8, 80))},
                {"d_theta": Values((1, 2, 3), (5, 9, 15, 50, 90, 150))},
                {"align_corners": True},
            ),
            Probe(
                "spatial_transformer_network_vjp",
                {"d_out": row(1, 0, 4), "x": X3, "theta": Values((1, 6), ZOOM)},
                {"d_x": row(0.5, 2.5, 2), "d_theta": Values((1, 6), (7, 0, 9, 0, 0, 0))},
                {"align_corners": True},
            ),
        ),
    ),
    Clause(
        "R36",
        "d_theta of each image apart",
        "Each map has its own cotangent, made of the points of its own output. There is no sum "
        "over the batch, or over the K maps of an image.",
        "d_theta[b, k] = Σ over i, j of d_grid[b, k, i, j] ⊗ (x_j, y_i, 1)",
        "R8, transposed.",
        (
            Probe(
                "spatial_transformer_network_vjp",
                {
                    "d_out": Values((2, 1, 3, 1), (1, 0, 4, 2, 0, 0)),
                    "x": Values((2, 1, 3, 1), (1, 2, 4, 1, 2, 4)),
                    "theta": Values((2, 6), ZOOM * 2),
                },
                {"d_theta": Values((2, 6), (7, 0, 9, 0, 0, 0, -2, 0, 2, 0, 0, 0))},
                {"align_corners": True},
            ),
        ),
    ),
    Clause(
        "R37",
        "Tangents",
        "The tangent of the output is what the derivatives make of the tangents of the image and "
        "of the grid, with the same sub-gradients: it is the transpose of R26 and R27.",
        "t_out = Σ w t_x + Σ over axes of dp/dg t_g Σ x ∂w/∂p",
        "JAX, jvp.",
        (
            Probe(
                "grid_sample_jvp",
                {
                    "x": row(1, 2, 4, 8, 16),
                    "grid": along(-0.875),
                    "t_x": row(4, 8, 16, 32, 64),
                    "t_grid": along(3),
                },
                {"out": row(1.25), "t_out": row(11)},
                {"align_corners": True},
            ),
        ),
    ),
    Clause(
        "R38",
        "Second derivatives",
        "Within a cell bilinear is linear along each axis: its second derivative by one coordinate "
        "is 0, and only the mixed ones are not. That of bicubic is the second derivative of its "
        "weights, to the right at a texel. A slope of the padding counts as constant.",
        "d_p'[b] = d_out (Σ dd_x ∂w/∂p_b + Σ over a of dd_p[a] Σ x ∂²w/∂p_a ∂p_b)",
        "PyTorch, where autograd differentiates the backward pass of grid_sample.",
        (
            Probe(
                "grid_sample_vjp_vjp",
                {
                    "dd_x": Values((1, 2, 2, 1), (0, 0, 0, 8)),
                    "dd_grid": points((1, 0)),
                    "d_out": row(1),
                    "x": Values((1, 2, 2, 1), (0, 0, 0, 1)),
                    "grid": points((0.5, 0.25)),
                },
                {
                    "d_d_out": row(1.25),
                    "d_x": Values((1, 2, 2, 1), (-0.75, 0.75, -0.25, 0.25)),
                    "d_grid": points((2, 5)),
                },
                {"coordinates": "pixel"},
            ),
            Probe(
                "grid_sample_vjp_vjp",
                {
                    "dd_x": row(0, 0, 0, 0, 0),
                    "dd_grid": points((1, 0)),
                    "d_out": row(1),
                    "x": IMPULSE,
                    "grid": along(1.5),
                },
                {
                    "d_d_out": row(336),
                    "d_x": row(*(Fraction(n, 16) for n in (3, -21, 21, -3, 0))),
                    "d_grid": points((-192, 0)),
                },
                {"mode": "bicubic", "coordinates": "pixel"},
            ),
        ),
    ),
)
