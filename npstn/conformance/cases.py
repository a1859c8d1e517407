"""Cases for a test suite, and the assertion that a backend conforms."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from . import _ops
from ._adapters._types import Fn
from ._draw import draw
from ._precision import dtypes_of
from ._tiers import USUAL, kinds_of
from .case import Case
from .check import check

__all__ = ["Case", "assert_conforms", "cases"]


def cases(
    op: str | None = None,
    dialect: str = "npstn",
    *,
    dtype: str | Iterable[str] | None = None,
    tiers: str | Iterable[str] = USUAL,
    version: str | None = None,
) -> tuple[Case, ...]:
    """Draw the cases of an operation, all options and kinds, for a parametrised test.

    Parameters
    ----------
    op, dialect, dtype, tiers
        As in :func:`npstn.conformance.check`.
    version : str, optional
        Of the dialect.

    Returns
    -------
    tuple of Case
        ``str()`` of one is its name.

    Raises
    ------
    ValueError
        If there is no such operation, dialect, dtype or tier.

    Examples
    --------
    >>> @pytest.mark.parametrize("case", cases("grid_sample", dialect="onnx"), ids=str)
    ... def test_my_backend(case):
    ...     assert_conforms(my_backend, case=case)
    """
    function = _ops.function_of(_ops.row_of(dialect, version), op)
    drawn = draw(function, kinds_of(tiers), dtypes_of(dtype))
    return tuple(replace(case, dialect=dialect, version=version) for case in drawn)


def assert_conforms(
    fn: str | Fn,
    op: str | None = None,
    dialect: str | None = None,
    dtype: str | Iterable[str] | None = None,
    vjp: str | Fn | None = None,
    *,
    case: Case | None = None,
    **options: Any,
) -> None:
    """Raise unless a backend is right, in all cases or in one.

    Parameters
    ----------
    fn, op, dialect, dtype, vjp
        As in :func:`npstn.conformance.check`.
    case : Case, optional
        Of :func:`cases`, whose operation and dialect count then.
    **options
        Other arguments of :func:`npstn.conformance.check`.

    Raises
    ------
    AssertionError
        With the report.
    TypeError, ValueError, ImportError
        As :func:`npstn.conformance.check` raises.
    """
    if case is not None:
        op, dialect = case.function.name, case.dialect
        options |= {"version": case.version, "only": [case]}
    report = check(fn, op, dialect, dtype, vjp, **options)
    if not report.passed:
        raise AssertionError(str(report))
