"""What is exact: the terms of the results of a case, and the texels that take part in them."""

from math import prod

import numpy as np
from numpy.typing import NDArray

from npstn.oracle import exact
from npstn.oracle._exact_axis import Options
from npstn.oracle._exact_cells import Cells
from npstn.oracle._exact_lattice import lattice, map_lattice
from npstn.oracle._exact_terms import Term, scaled

from .case import GRID, SAMPLER, Case


def texels(case: Case) -> NDArray[np.bool_]:
    """Return which texels (B, *size) are in the cell of a point, with weight 0 or not."""
    arrays, options, rank = case.arrays, case.options, case.rank
    unit = options.get("coordinates", "normalized")
    rule = Options(options["mode"], options["padding_mode"], unit, options["align_corners"])
    if case.function == SAMPLER:
        points = scaled("grid", arrays["grid"], (rank + 2, rank + 3), rank)
    else:
        points = map_lattice("theta", arrays["theta"], lattice(case.out_dims, rule.align_corners))
    shape = arrays["x"].shape[:-1]
    taken = np.zeros(prod(shape) + 1, bool)  # the last one stands for all that are missing
    taken[Cells(np.zeros((*shape, 1)), points, rule).texels] = True
    return taken[:-1].reshape(shape)


def exact_terms(case: Case, name: str) -> dict[str, Term]:
    """Return the exact terms of a result, and of those that come with it."""
    arrays, p = case.arrays, case.points
    options = {k: v for k, v in case.options.items() if k != "layout"}
    if case.function == GRID:
        if name == "grid":
            value = exact.affine_grid(arrays["theta"], case.out_dims, **options)
            return {"grid": Term(value, value, np.zeros(value.shape, int))}
        value, magnitude = exact.affine_grid_vjp(arrays["d_grid"], **options)
        return {"d_theta": Term(value, magnitude, np.zeros(value.shape, int))}
    x = np.where(np.isfinite(arrays["x"]), arrays["x"], 0)
    dims = (case.out_dims,) if p == "theta" else ()
    at = arrays[p]
    if name == "out":
        return {"out": getattr(exact, case.function)(x, at, *dims, **options).out}
    if name.startswith("d_"):
        first = getattr(exact, case.function)(x, at, *dims, arrays["d_out"], **options)
        return {"d_x": first.d_x, f"d_{p}": first.d_coords}
    tangents = arrays["t_x"], arrays[f"t_{p}"]
    if name == "t_out":
        jvp = getattr(exact, f"{case.function}_jvp")
        return {"t_out": jvp(x, at, *dims, *tangents, **options)}
    second = getattr(exact, f"{case.function}_vjp_vjp")
    terms = second(*tangents, arrays["d_out"], x, at, **options)
    return dict(zip(("dd_out", "dd_x", f"dd_{p}"), terms, strict=True))
