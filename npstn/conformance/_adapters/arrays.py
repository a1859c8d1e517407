"""Functions of NumPy arrays: SciPy's, OpenCV's and npstn's own."""

from typing import Any

import numpy as np

from ...dialects.row import Function
from ._types import Chosen, Pair, imported


def plain(place: str, function: Function, chosen: Chosen) -> Pair:
    """Take the function at a place as it is; it has no vjp."""
    return imported(place), None


def opencv(place: str, function: Function, chosen: Chosen) -> Pair:
    """Wrap a function of OpenCV, which drops an axis of one channel and has maps of float32."""
    called = imported(place)

    def real(src: Any, **given: Any) -> Any:
        maps = {k: np.float32(v) for k, v in given.items() if k in ("map1", "map2")}
        out = called(src, **{**given, **maps})
        return out.reshape(*out.shape[:2], *src.shape[2:])

    return real, None


def own(place: str, function: Function, chosen: Chosen) -> Pair:
    """Take npstn's function and its vjp: volumes by rank; a vjp knows its sizes from d_out."""
    fn, vjp = imported(place), imported(f"{place}_vjp")

    def grid_vjp(d_grid: Any, theta: Any, out_dims: Any, **options: Any) -> Any:
        return vjp(d_grid, **options).reshape(theta.shape).astype(theta.dtype)

    def ranked(x: Any, **given: Any) -> dict[str, Any]:
        return {"x": x, "layout": "NDHWC" if np.ndim(x) == 5 else "NHWC", **given}

    if function.op == "grid":
        return fn, grid_vjp

    def ranked_vjp(d_out: Any, out_dims: Any = None, **given: Any) -> Any:
        return vjp(d_out, **ranked(**given))

    return lambda **given: fn(**ranked(**given)), ranked_vjp
