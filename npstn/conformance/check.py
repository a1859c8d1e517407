"""The check of a backend: cases of all options, each result judged against exact answers."""

import time
from collections.abc import Iterable
from typing import Any

from ._adapters._types import Fn
from ._precision import UNITS
from ._run import Progress, Run
from ._tiers import TIERS, kinds_of
from .adapters import load
from .isolation import InProcess, Isolated
from .report import Report


def check(
    fn: str | Fn,
    op: str | None = None,
    dialect: str | None = None,
    dtype: str | Iterable[str] | None = None,
    vjp: str | Fn | None = None,
    *,
    tiers: Iterable[str] = tuple(TIERS),
    strict: bool = False,
    isolate: bool = False,
    timeout: float = 10.0,
    progress: Progress | None = None,
    **found: Any,
) -> Report:
    """Check a backend.

    Parameters
    ----------
    fn : function or str
        The backend: ``fn(*arrays and sizes, **options)`` as the dialect's function is called. Or
        what :func:`npstn.conformance.load` finds: "torch", "package.module:function", a file.
    op : str, optional
        Operation: "grid_sample", "affine_grid", ..., or the dialect's own name. By default the
        first that samples.
    dialect : str, optional
        Dialect of its arguments; that of the system, or "npstn".
    dtype : str or several, optional
        Of the arrays, and the precision that is expected: "float64", "float32", "float16" or
        "bfloat16" (in arrays of float32). By default those of the dialect.
    vjp : function or str, optional
        ``vjp(d_out, *arrays and sizes, **options)``, which returns the cotangents of the arrays.
    tiers : several of {"lattice", "hard", "random"}
        Kinds of cases.
    strict : bool
        Whether an option that is not taken is a finding.
    isolate : bool
        Whether to call it in a child process, which may hang and die; ``fn`` must then be
        importable by name. Otherwise it is called in this process, and all that is known to kill
        a process is left out.
    timeout : float
        Seconds for a call in a child process.
    progress : function, optional
        Called with the number of cases done, and of all.
    **found
        Other arguments of :func:`npstn.conformance.load`.

    Returns
    -------
    Report
        With ``passed`` and ``findings``; ``str()`` is its table.

    Raises
    ------
    TypeError, ValueError, ImportError
        If there is no such backend, operation, dialect, dtype or tier.
    """
    dtypes, kinds = _dtypes(dtype), kinds_of(tiers)
    chosen = {"op": op, "dialect": dialect, "vjp": vjp, **found}
    start = time.perf_counter()
    if isolate:
        with Isolated(fn, timeout=timeout, **chosen) as caller:
            report = Run(caller, strict).report(dtypes, kinds, progress)
    else:
        report = Run(InProcess(load(fn, **chosen)), strict).report(dtypes, kinds, progress)
        report.notes.append("Called in this process; isolate=True calls it in a child.")
    report.seconds = time.perf_counter() - start
    return report


def _dtypes(dtype: str | Iterable[str] | None) -> tuple[str, ...]:
    names = () if dtype is None else (dtype,) if isinstance(dtype, str | type) else tuple(dtype)
    known = [getattr(name, "__name__", str(name)) for name in names]
    for name in known:
        if name not in UNITS:
            raise ValueError(f"dtype is {name!r}, expected one of {', '.join(UNITS)}")
    return tuple(known)
