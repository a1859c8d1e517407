"""The cotangents that a jvp implies, entry by entry: it is the transpose of a vjp."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ._compare import Chosen, several
from ._given import DTYPES, Array, as_now, finite, total


def transposed(
    f_jvp: Callable[..., Sequence[ArrayLike]],
    seed: int,
    out: Array,
    d_out: Array,
    arrays: list[Array],
    chosen: Chosen,
) -> list[Array | None]:
    """Cotangents whose chosen entries are <d_out, t_out>, each of a tangent that is 1 there."""
    f_jvp = as_now(f_jvp)
    with np.errstate(all="ignore"):
        eps, rng = float(np.finfo(out.dtype).eps), np.random.default_rng(seed)

        def terms(tangents: list[Any]) -> Array:
            """Of these tangents the terms of <d_out, t_out>."""
            copies = [a if a is None else a.copy() for a in (*arrays, *tangents)]
            again, t_out = several(f_jvp(*copies), "f_jvp", 2, "arrays, out and t_out")
            again = finite(again, "out of f_jvp", out.shape, AssertionError)
            if np.abs(again - out).max(initial=0.0) > 8 * eps * np.abs(out).max(initial=0.0):
                raise AssertionError("f_jvp returned another out than f")
            t_out = finite(t_out, "t_out of f_jvp", out.shape, AssertionError)
            return np.multiply(d_out, t_out, dtype=np.float64)

        zeros = [np.zeros_like(a) if a.dtype in DTYPES else None for a in arrays]
        tangents, found = list(zeros), list(zeros)
        left = size = 0.0
        for i, zero in enumerate(zeros):
            if zero is None:
                continue
            drawn, cotangent = zero.copy(), np.zeros(zero.shape, out.dtype)
            drawn.flat[chosen[i]] = rng.standard_normal(len(chosen[i]))
            for at in chosen[i]:
                unit = zero.copy()
                unit.flat[at] = 1
                products = terms([*zeros[:i], unit, *zeros[i + 1 :]])
                cotangent.flat[at] = value = total(products)
                left += float(drawn.flat[at]) * value
                size += abs(float(drawn.flat[at])) * float(np.abs(products).sum())
            tangents[i], found[i] = drawn, cotangent
        products = terms(tangents)
        right, size = total(products), size + float(np.abs(products).sum())
        if not abs(left - right) <= 16 * eps * size:
            raise AssertionError(
                f"f_jvp is not linear in its tangents: <d_out, t_out> is {right!r}, but the sum "
                f"over single entries {left!r}: they differ by {abs(left - right):.3e}, "
                f"allowed {16 * eps * size:.3e}"
            )
        return found
