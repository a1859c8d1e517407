"""Check derivatives, ours and anybody's: finite differences that see kinks, and the dot test."""

import math
from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._differences import Differences, Entry, InputReport, Report, summarise

__all__ = ["Entry", "InputReport", "Report", "check_vjp", "dot_test"]

Array = NDArray[Any]

_DTYPES = (np.float32, np.float64)


def check_vjp(
    f: Callable[..., ArrayLike],
    f_vjp: Callable[..., Sequence[ArrayLike | None]],
    primals: Sequence[ArrayLike],
    d_out: ArrayLike | None = None,
    *,
    names: Sequence[str] | None = None,
    kinks: Literal["between", "right"] = "between",
    max_entries: int = 256,
    seed: int = 0,
) -> Report:
    r"""Compare a hand-written vector-Jacobian product with one-sided finite differences.

    For one entry let :math:`\phi(t) = \langle f(\dots, x + t e, \dots), d_{out} \rangle`. On each
    side of 0 the slopes :math:`(\phi(t) - \phi(0)) / t` are taken on a ladder of steps that
    shrinks fourfold, from the largest magnitude in the input (1 if all are 0) down to that times
    the square root of eps. A slope, or a value extrapolated from up to three of them (Neville),
    has an estimated error: its rounding noise, eps(out) × (max|out| × Σ|d_out| + largest step ×
    |slope|) / step, summed over the outputs that depend on the entry, plus its disagreement with
    the next smaller step, or with any smaller one as far as that exceeds the noise there. The
    value of least estimated error is the derivative on that side.

    An entry is a *kink* if left and right differ by more than 4 × the sum of their estimates, else
    *smooth*. A side whose estimate exceeds 5 % of its natural size is a jump or lost in noise, and
    the other side speaks for both; if that is no better the entry is *unresolved*: it is held
    against its own wide estimate, and counted.

    An entry passes if its error is not above what is allowed. The error is the distance of the
    analytic value from the interval between left and right (with ``kinks="right"``, at a kink:
    from right). Allowed are 4 × the estimated error, plus 8 eps of the cotangent's dtype × the
    largest of the three magnitudes. There is no tolerance to tune.

    Parameters
    ----------
    f : callable
        ``f(*primals) -> out``, a float32 or float64 array. It should be accurate to a few
        eps(out) of max|out| or of an input's max|x|; more noise widens what is allowed.
    f_vjp : callable
        ``f_vjp(d_out, *primals) -> tuple``, for each primal a cotangent of its shape, or None to
        leave that primal unchecked.
    primals : sequence of array_like
        Finite arrays of any shape; those with a cotangent have dtype float32 or float64.
        The functions are given copies, so nothing is ever written to.
    d_out : array_like, optional
        Finite cotangent of `out`, same shape. By default standard normal, drawn with `seed`.
    names : sequence of str, optional
        A name per primal for the report.
    kinks : {"between", "right"}
        What is correct at a kink: any value between the two slopes (Clarke's generalised gradient)
        or only the right slope. "right" needs points on a kink or clear of it: one that is closer
        than the smallest step counts as being on it. It does not confirm what is 0 by rule: where
        padding clamps a point or folds it (p = 0 and p = S - 1 of border, the folds of reflection)
        our derivative is 0, and the right slope need not be.
    max_entries : int
        A larger input is checked at this many of its entries, drawn with `seed`.
    seed : int
        Seed of both draws.

    Returns
    -------
    Report
        Per input the counts and the worst entry; overall the largest ratio of error to allowed.

    Raises
    ------
    AssertionError
        With the table, if an entry fails or no entry of an input can be resolved; or if a
        cotangent is not finite.
    TypeError, ValueError
        If an argument, or what `f` or `f_vjp` returned, has the wrong type, length or shape, or
        if a primal, `d_out` or `out` is not finite.
    """
    if kinks not in ("between", "right"):
        raise ValueError(f"kinks is {kinks!r}, expected 'between' or 'right'")
    if not isinstance(max_entries, int | np.integer) or max_entries < 1:
        raise ValueError(f"max_entries is {max_entries!r}, expected a positive integer")
    arrays = [np.array(p) for p in primals]
    names = [f"primals[{i}]" for i in range(len(arrays))] if names is None else list(names)
    if len(names) != len(arrays):
        raise ValueError(f"names has {len(names)} items, expected {len(arrays)}, one per primal")
    for name, array in zip(names, arrays, strict=True):
        if array.dtype in _DTYPES:
            _finite(array, name)
    rng = np.random.default_rng(seed)
    out = _finite(f(*map(np.copy, arrays)), "f(*primals)")
    random = rng.standard_normal(out.shape).astype(out.dtype)
    d_out = random if d_out is None else _finite(d_out, "d_out", out.shape)
    cotangents = f_vjp(d_out.copy(), *map(np.copy, arrays))
    if not isinstance(cotangents, tuple | list) or len(cotangents) != len(arrays):
        got = type(cotangents).__name__
        got += f" of {len(cotangents)}" if isinstance(cotangents, tuple | list) else ""
        raise ValueError(f"f_vjp returned a {got}, expected a tuple of {len(arrays)} cotangents")
    reports = []
    for i, (name, cotangent) in enumerate(zip(names, cotangents, strict=True)):
        if cotangent is None:
            continue
        x = _finite(arrays[i], name)
        analytic = _finite(cotangent, f"the cotangent of {name}", x.shape, AssertionError)

        def probe(moved: Array, i: int = i) -> Array:
            return np.asarray(f(*(moved if j == i else a.copy() for j, a in enumerate(arrays))))

        chosen = np.arange(x.size)
        if x.size > max_entries:
            chosen = np.sort(rng.choice(x.size, max_entries, replace=False))
        differences = Differences(probe, x, out, d_out)
        entries = [differences.judge(int(at), analytic, kinks) for at in chosen]
        reports.append(summarise(name, x.size, entries))
    if not reports:
        raise ValueError("f_vjp returned no cotangent but None, expected something to check")
    report = Report(tuple(reports))
    bad = [r.name for r in reports if r.failed or (r.checked and r.unresolved == r.checked)]
    if bad:
        raise AssertionError(
            f"finite differences (kinks={kinks!r}) do not confirm {', '.join(bad)}\n{report}"
        )
    return report


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
    t, d_out = _finite(t, "t"), _finite(d_out, "d_out")
    out = _finite(f(t.copy()), "f(t)", d_out.shape, AssertionError)
    d_t = _finite(f_adjoint(d_out.copy()), "f_adjoint(d_out)", t.shape, AssertionError)
    forward, backward = (np.multiply(a, b, dtype=np.float64) for a, b in ((out, d_out), (t, d_t)))
    left, right = math.fsum(forward.flat), math.fsum(backward.flat)
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


def _finite(
    value: ArrayLike,
    name: str,
    shape: tuple[int, ...] | None = None,
    error: type[Exception] = ValueError,
) -> Array:
    """Return a copy of `value` if it is a finite float array (of `shape`), else raise."""
    array = np.array(value)
    if array.dtype not in _DTYPES:
        raise TypeError(f"{name} has dtype {array.dtype}, expected float32 or float64")
    if shape is not None and array.shape != shape:
        raise ValueError(f"{name} has shape {array.shape}, expected {shape}")
    if not np.isfinite(array).all():
        index = [int(i) for i in np.argwhere(~np.isfinite(array))[0]]
        raise error(f"{name} is {array[tuple(index)]} at {index}, expected finite numbers")
    return array
