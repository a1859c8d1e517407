"""Golden vectors and npstn: all its results for one of them."""

import numpy as np

import npstn
from npstn.conformance.goldens import Golden


def results(golden: Golden) -> dict[str, np.ndarray]:
    """What npstn computes of all that is expected."""
    given, options = golden.inputs(), dict(golden.options)
    calls = {e.call for e in golden.results.values()}
    function, found = getattr(npstn, golden.op), {}
    vjp = getattr(npstn, f"{golden.op}_vjp")
    if golden.op == "affine_grid":
        found["grid"] = function(given["theta"], golden.sizes["out_dims"], **options)
        if "vjp" in calls:
            found["d_theta"] = vjp(given["d_grid"], **options)
        return found
    points = "grid" if golden.op == "grid_sample" else "theta"
    dims = () if golden.op == "grid_sample" else (golden.sizes["out_dims"],)
    arrays = given["x"], given[points]
    found["out"] = function(*arrays, *dims, **options)
    if "vjp" in calls:
        pair = vjp(given["d_out"], *arrays, **options)
        found |= zip(("d_x", f"d_{points}"), pair, strict=True)
    tangents = given.get("t_x"), given.get(f"t_{points}")
    if "jvp" in calls:
        jvp = getattr(npstn, f"{golden.op}_jvp")
        found["t_out"] = jvp(*arrays, *tangents, *dims, **options)[1]
    if "vjp_vjp" in calls:
        second = getattr(npstn, f"{golden.op}_vjp_vjp")
        three = second(*tangents, given["d_out"], *arrays, **options)
        found |= zip(("dd_out", "dd_x", f"dd_{points}"), three, strict=True)
    return {name: found[name] for name in golden.results}
