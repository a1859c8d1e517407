"""The dot test: a linear function and its adjoint agree."""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from .. import _values
from ._given import Array, finite, named, total


def dot_test(
    f: Callable[[Array], ArrayLike],
    f_adjoint: Callable[[Array], ArrayLike],
    t: ArrayLike,
    d_out: ArrayLike,
    *,
    tolerance: float | None = None,
) -> float:
    """Test that <f(t), d_out> = <t, f_adjoint(d_out)>, for a linear `f` and its adjoint.

    Parameters
    ----------
    f : callable
        Linear, ``f(t)`` has the shape of `d_out`.
    f_adjoint : callable
        ``f_adjoint(d_out)`` has the shape of `t`.
    t, d_out : array_like
        Finite float32 or float64 arrays of any shape; the functions are given copies.
    tolerance : float, optional
        Largest difference allowed. By default 16 eps × (Σ|f(t) · d_out| + Σ|t · f_adjoint(d_out)|)
        with the eps of the coarser of the two results. 0 demands equality, which numbers with few
        bits, such as small integers, can meet: products are taken in float64 and summed exactly.

    Returns
    -------
    float
        The absolute difference of the two inner products.

    Raises
    ------
    AssertionError
        If the difference exceeds the tolerance, with both inner products, or a result is not
        finite.
    TypeError, ValueError
        If an argument or a result has the wrong type or shape, or an argument is not finite.
    """
    if not (tolerance is None or (isinstance(tolerance, float) and tolerance == math.inf)):
        tolerance = _values.number("tolerance", tolerance, 0.0)
    t, d_out = finite(t, "t"), finite(d_out, "d_out")
    out = finite(named(f, "f")(t.copy()), "f(t)", d_out.shape, AssertionError)
    d_t = finite(
        named(f_adjoint, "f_adjoint")(d_out.copy()), "f_adjoint(d_out)", t.shape, AssertionError
    )
    with np.errstate(all="ignore"):
        pairs = (out, d_out), (t, d_t)
        forward, backward = (np.multiply(a, b, dtype=np.float64) for a, b in pairs)
        left, right = total(forward), total(backward)
        difference = abs(left - right)
        if tolerance is None:
            eps = max(np.finfo(a.dtype).eps for a in (out, d_t))
            tolerance = 16 * float(eps) * float(np.abs(forward).sum() + np.abs(backward).sum())
    if not difference <= tolerance:
        raise AssertionError(
            f"<f(t), d_out> = {left!r} but <t, f_adjoint(d_out)> = {right!r}: "
            f"they differ by {difference:.3e}, allowed {tolerance:.3e}"
        )
    return difference
