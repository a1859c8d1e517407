"""Clauses on errors, and on what holds for every call."""

from fractions import Fraction

from .clause import Clause, Probe, Values, along, points, row

TENTH = Fraction(13421773, 2**27)  # what float32 holds of 0.1
X33 = (1, 2, 4, 8, 16, 32, 64, 128, 256)

PROMISES = (
    Clause(
        "R39",
        "Error of the arithmetic",
        "Let v be half the distance from 1 to the next number of the precision in which a backend "
        "computes, and M the sum of the absolute values of the terms of a result. Weights, "
        "products and sums may be off by k v M in all, and the result is rounded once to its own "
        "dtype. npstn.contract.bound has the k of each result: of bilinear images 8, n + 6 for "
        "d_x, C + 8 for d_grid, and C + Ho + Wo + 8 for d_theta. M is the unit, not the result, "
        "which may be small where terms cancel.",
        "|out - exact| <= k v M,  M = Σ |w x|",
        "Higham, Accuracy and Stability of Numerical Algorithms, chapter 4.",
        (
            Probe(
                "grid_sample",
                {"x": row(16777216, -16777215, dtype="float32"), "grid": along(0.5)},
                {"out": row(0.5, dtype="float32")},
                {"coordinates": "pixel"},
            ),
        ),
    ),
    Clause(
        "R40",
        "Error of the coordinate",
        "A backend that rounds p is off by what the image changes over that distance, which is no "
        "error of its arithmetic. R1 and R2 in precision v are at most v (2(|g| + 1) S + 1) off: "
        "three roundings of at most (|g| + 1) S/2 each, one more of 1/2, and their products. A "
        "fold of reflection or wrap may add as much again. Derivatives may be those of any cell "
        "that this interval touches. npstn takes p as if it were exact.",
        "|p - exact| <= v (c₁ (|g| + 1) S + c₂),  c₁ = 2, c₂ = 1; 4 and 2 where p is folded",
        "Derived from R1, R2, R15, R16 and R17.",
        (
            Probe(
                "grid_sample",
                {"x": row(0, 1, 2, 3, 4), "grid": along(TENTH, -TENTH, dtype="float32")},
                {"out": row(2 + 2 * TENTH, 2 - 2 * TENTH)},
                {"align_corners": True},
            ),
        ),
    ),
    Clause(
        "R41",
        "Cases on the lattice are exact",
        "Where texels and cotangents are small integers and coordinates have few fraction bits, "
        "every intermediate number of an honest backend is exact, in any precision that holds "
        "them: there the tolerance is 0.",
        "x, d_out integers, p of a few bits  =>  result = exact",
        "IEEE 754: an operation whose exact result is a number of the format returns it.",
        (
            Probe(
                "grid_sample_vjp",
                {
                    "d_out": row(16, 32, dtype="float32"),
                    "x": Values((1, 3, 3, 1), X33, "float32"),
                    "grid": points((0.25, 0.75), (1.5, 0.5), dtype="float32"),
                },
                {
                    "d_x": Values((1, 3, 3, 1), (3, 9, 8, 9, 11, 8, 0, 0, 0), "float32"),
                    "d_grid": Values((1, 1, 2, 2), (100, 140, 288, 672), "float32"),
                },
                {"coordinates": "pixel"},
            ),
        ),
    ),
    Clause(
        "R42",
        "The same bits in every run",
        "The same call gives the same bits, however many threads there are, and however they are "
        "scheduled: sums have one order. Here a float32 sum of open order gives 0, 1 or 2.",
        "run twice, compare bytes",
        "Atomic additions on a graphics card break it: PyTorch lists the backward pass of "
        "grid_sample in use_deterministic_algorithms. PyTorch 2.13 on the CPU sums in float32, and "
        "gives 1 here.",
        (
            Probe(
                "grid_sample_vjp",
                {
                    "d_out": row(16777216, 1, -16777216, 1, dtype="float32"),
                    "x": row(1, 2, dtype="float32"),
                    "grid": along(1, 1, 1, 1, dtype="float32"),
                },
                {"d_x": row(0, 2, dtype="float32")},
                {"coordinates": "pixel"},
            ),
        ),
    ),
    Clause(
        "R43",
        "Inputs are not written to",
        "After a call all arrays that were passed hold what they held before, and no result shares "
        "memory with them: not even where the result equals an input.",
        "bytes of x, grid, theta, d_out before = after",
        "",
        (
            Probe(
                "spatial_transformer_network",
                {"x": row(1, 2, 4), "theta": Values((1, 6), (1, 0, 0, 0, 1, 0))},
                {"out": row(1, 2, 4)},
            ),
        ),
    ),
    Clause(
        "R44",
        "Shape and dtype of results",
        "An output has the batch and channels of the image, in its layout, the sizes of the grid, "
        "and the dtype of the image, whatever that of the grid is. A cotangent has the shape and "
        "dtype of its own argument.",
        "out.dtype = x.dtype;  d_x is like x, d_grid like grid, d_theta like theta",
        "PyTorch has the dtype of both in common, and refuses others.",
        (
            Probe(
                "grid_sample",
                {
                    "x": Values((1, 2, 1, 3), (1, 2, 4, 10, 20, 40), "float32"),
                    "grid": Values((1, 2, 1, 1, 2), (0.5, 0, 1, 0)),
                },
                {"out": Values((1, 2, 2, 1, 1), (1.5, 15, 2, 20), "float32")},
                {"layout": "NCHW", "coordinates": "pixel"},
            ),
            Probe(
                "grid_sample_vjp",
                {
                    "d_out": row(4),
                    "x": row(1, 2, 4, dtype="float32"),
                    "grid": along(-0.75),
                },
                {
                    "d_x": row(3, 1, 0, dtype="float32"),
                    "d_grid": Values((1, 1, 1, 2), (4, 0)),
                },
            ),
        ),
    ),
    Clause(
        "R45",
        "Options are refused, never replaced",
        "An option that a backend does not have is an error. It is wrong to do something else "
        "silently: to read the nearest texel for 'linear', to pad with zeros for 'wrap', or to "
        "ignore align_corners.",
        "an unknown option  =>  an error",
        "",
        (
            Probe(
                "grid_sample",
                {"x": row(0, 4), "grid": along(0.25)},
                {},
                {"mode": "linear", "coordinates": "pixel"},
                raises="ValueError",
            ),
            Probe(
                "grid_sample",
                {"x": row(0, 4), "grid": along(0.25)},
                {"out": row(1)},
                {"mode": "bilinear", "coordinates": "pixel"},
            ),
        ),
    ),
)
