"""Hand-written derivatives, ours and anybody's, against one-sided finite differences."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from ._columns import transposed
from ._compare import Chosen, Kinks, compare, several
from ._given import Array, finite, named
from ._report import Report


def check_vjp(
    f: Callable[..., ArrayLike],
    f_vjp: Callable[..., Sequence[ArrayLike | None]],
    primals: Sequence[ArrayLike],
    d_out: ArrayLike | None = None,
    *,
    names: Sequence[str] | None = None,
    kinks: Kinks = "between",
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
        ``f(*primals) -> out``, a float32 or float64 array, or what NumPy reads as one, such as a
        tensor that requires no gradient. It should be accurate to a few eps(out) of max|out| or of
        an input's max|x|; more noise widens what is allowed.
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

    def cotangents(_: Array, d_out: Array, arrays: list[Array], __: Chosen) -> object:
        return named(f_vjp, "f_vjp")(d_out.copy(), *map(np.copy, arrays))

    options = names, kinks, max_entries, seed
    return compare(named(f, "f"), cotangents, primals, d_out, *options, called=("f", "f_vjp"))


def check_jvp(
    f: Callable[..., ArrayLike],
    f_jvp: Callable[..., Sequence[ArrayLike]],
    primals: Sequence[ArrayLike],
    d_out: ArrayLike | None = None,
    *,
    names: Sequence[str] | None = None,
    kinks: Kinks = "between",
    max_entries: int = 256,
    seed: int = 0,
) -> Report:
    """Compare a hand-written tangent with one-sided finite differences.

    Entry by entry: of the tangent t that is 1 there and 0 elsewhere, <d_out, t_out> is the entry of
    a cotangent, which :func:`check_vjp` judges. Then t_out has to be linear: with a tangent drawn
    for all these entries at once, <d_out, t_out> may differ from the sum of theirs by 16 eps of the
    sum of absolute values, and `out` from that of `f` by 8 eps of its largest.

    Parameters
    ----------
    f : callable
        ``f(*primals) -> out``, as in :func:`check_vjp`.
    f_jvp : callable
        ``f_jvp(*primals, *tangents) -> (out, t_out)``. A primal of another dtype than float32 and
        float64 is not checked, and has the tangent None.
    primals, d_out, names, kinks, max_entries, seed
        As in :func:`check_vjp`.

    Returns
    -------
    Report
        As of :func:`check_vjp`.

    Raises
    ------
    AssertionError, TypeError, ValueError
        As in :func:`check_vjp`; AssertionError also if `f_jvp` is not linear in its tangents, or
        returns another `out` than `f`.
    """
    options = names, kinks, max_entries, seed
    cotangents = partial(transposed, named(f_jvp, "f_jvp"), seed)
    return compare(named(f, "f"), cotangents, primals, d_out, *options, called=("f", "f_jvp"))


def check_vjp_vjp(
    f_vjp: Callable[..., Sequence[ArrayLike | None]],
    f_vjp_vjp: Callable[..., Sequence[ArrayLike | None]],
    primals: Sequence[ArrayLike],
    *,
    names: Sequence[str] | None = None,
    kinks: Kinks = "between",
    max_entries: int = 256,
    seed: int = 0,
) -> Report:
    """Compare hand-written second derivatives with one-sided finite differences of the first.

    It is :func:`check_vjp` of the function that joins all cotangents of `f_vjp` in one row, in the
    coarser of their dtypes. First derivatives jump where the function has a kink; where a point is
    on one, the side without the jump speaks for both.

    Parameters
    ----------
    f_vjp : callable
        ``f_vjp(d_out, *others) -> tuple`` of float32 or float64 arrays; those that are None take no
        part.
    f_vjp_vjp : callable
        ``f_vjp_vjp(*dd, d_out, *others) -> tuple``: for each primal a cotangent of its shape, or
        None to leave it unchecked. Of each cotangent of `f_vjp` dd has the cotangent, or None.
    primals : sequence of array_like
        All arguments of `f_vjp`, d_out first.
    names, kinks, max_entries, seed
        As in :func:`check_vjp`.

    Returns
    -------
    Report
        As of :func:`check_vjp`.

    Raises
    ------
    AssertionError, TypeError, ValueError
        As in :func:`check_vjp`.
    """

    def firsts(*arrays: Array) -> list[Array | None]:
        found = enumerate(several(named(f_vjp, "f_vjp")(*map(np.copy, arrays)), "f_vjp"))
        return [c if c is None else finite(c, f"cotangent {i} of f_vjp") for i, c in found]

    def row(*arrays: Array) -> Array:
        flat = [c.ravel() for c in firsts(*arrays) if c is not None]
        with np.errstate(all="ignore"):
            coarser = min((c.dtype for c in flat), key=lambda d: d.itemsize)
            return np.concatenate(flat).astype(coarser)

    def seconds(_: Array, dd: Array, arrays: list[Array], __: Chosen) -> object:
        directions, rest = firsts(*arrays), dd
        for i, c in enumerate(directions):
            if c is not None:
                part, rest = np.split(rest, [c.size])
                directions[i] = part.reshape(c.shape).astype(c.dtype)
        return named(f_vjp_vjp, "f_vjp_vjp")(*directions, *map(np.copy, arrays))

    options = names, kinks, max_entries, seed
    return compare(row, seconds, primals, None, *options, called=("f_vjp", "f_vjp_vjp"))
