"""What npstn makes of the golden vectors that come with it: a figure for each promise."""

import hashlib
from collections.abc import Callable
from importlib import resources
from typing import Any

import numpy as np

from . import _public
from ._check import Array
from .conformance.goldens import Golden, shipped

DIGEST = "digest.txt"  # beside the goldens: that of all results on all machines


CASES = 424  # that are shipped


def self_test(step: Callable[[], None] = lambda: None) -> dict[str, Any]:
    """Compute all results of all goldens that are shipped; ``step`` is called after each.

    Returns
    -------
    dict
        "lattice cases" and "lattice cases that differ" from the exact integers; "other cases" and
        their "worst error" in units of what is allowed; the "digest" (SHA-256) of the bits of all
        results, and the one that is "expected"; "passed".
    """
    sha, worst, differ, exact = hashlib.sha256(), 0.0, 0, 0
    goldens = shipped()
    for golden in goldens:
        found = results(golden)
        error = max(golden.check(found).values(), default=0.0)
        if golden.tier == "lattice":
            exact, differ = exact + 1, differ + (error > 0.0)
        else:
            worst = max(worst, error)
        for a in found.values():
            sha.update(a.astype(a.dtype.newbyteorder("<")).tobytes())
        step()
    digest, expected = sha.hexdigest(), expected_digest()
    return {
        "lattice cases": exact,
        "lattice cases that differ": differ,
        "other cases": len(goldens) - exact,
        "worst error": round(worst, 3),
        "digest": digest,
        "expected": expected,
        "passed": bool(differ == 0 and worst <= 1.0 and digest == expected),
    }


def expected_digest() -> str:
    """Read the digest that is committed."""
    path = resources.files("npstn.conformance") / "data" / DIGEST
    return path.read_text("ascii").strip()


def results(golden: Golden) -> dict[str, Array]:
    """Compute all that is expected of a golden."""
    given, options = golden.inputs(), dict(golden.options)
    calls = {e.call for e in golden.results.values()}
    function, found = getattr(_public, golden.op), {}
    vjp = getattr(_public, f"{golden.op}_vjp")
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
        jvp = getattr(_public, f"{golden.op}_jvp")
        found["t_out"] = jvp(*arrays, *tangents, *dims, **options)[1]
    if "vjp_vjp" in calls:
        second = getattr(_public, f"{golden.op}_vjp_vjp")
        three = second(*tangents, given["d_out"], *arrays, **options)
        found |= zip(("dd_out", "dd_x", f"dd_{points}"), three, strict=True)
    return {name: np.asarray(found[name]) for name in golden.results}
