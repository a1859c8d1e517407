"""The check of a backend: cases of all options, each result judged against exact answers."""

import time
from collections.abc import Iterable
from typing import Any

from ._adapters._types import Fn
from ._draw import draw
from ._precision import dtypes_of
from ._run import Progress, Run
from ._tiers import USUAL, kinds_of
from .adapters import load
from .case import Case
from .command import Command
from .isolation import Caller, InProcess, Isolated
from .report import Report

_LARGE = "Of the tier large: all but bilinear with zeros and border, in float32, forward."


def check(
    fn: str | Fn | Command,
    op: str | None = None,
    dialect: str | None = None,
    dtype: str | Iterable[str] | None = None,
    vjp: str | Fn | None = None,
    *,
    tiers: Iterable[str] = USUAL,
    strict: bool = False,
    isolate: bool = False,
    timeout: float = 10.0,
    progress: Progress | None = None,
    only: Iterable[Case] | None = None,
    **found: Any,
) -> Report:
    """Check a backend.

    Parameters
    ----------
    fn : function or str
        The backend: ``fn(*arrays and sizes, **options)`` as the dialect's function is called. Or
        what :func:`npstn.conformance.load` finds: "torch", "package.module:function", a file. Or a
        program (:class:`npstn.conformance.Command`).
    op : str, optional
        Operation: "grid_sample", "affine_grid", ..., or the dialect's own name. By default the
        first that samples.
    dialect : str, optional
        Dialect of its arguments; that of the system, or "npstn".
    dtype : str or several, optional
        Of the arrays, and the precision that is expected: "float64", "float32", "float16" or
        "bfloat16", which is checked alone: in arrays of float32, which an adapter converts. By
        default those of the dialect.
    vjp : function or str, optional
        ``vjp(d_out, *arrays and sizes, **options)``, which returns the cotangents of the arrays.
    tiers : several of {"lattice", "hard", "random", "large"}
        Kinds of cases. Those of "large" have images of up to 2**31 texels, in float32; what there
        is no memory for is left out.
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
    only : several Case, optional
        Of :func:`npstn.conformance.cases`: these, and no others.
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
    start = time.perf_counter()
    kinds, dtypes = kinds_of(tiers), dtypes_of(dtype)
    chosen = {"op": op, "dialect": dialect, "vjp": vjp, **found}
    if "bfloat16" in dtypes:
        if len(dtypes) > 1:
            raise ValueError(f"dtype is {', '.join(dtypes)}, expected bfloat16 alone")
        chosen["bfloat16"] = True
    notes: list[str] = []
    caller: Caller
    if isinstance(fn, Command):
        caller = fn
    elif isolate:
        caller = Isolated(fn, timeout=timeout, **chosen)
    else:
        caller = InProcess(load(fn, **chosen))
        notes.append("Called in this process; isolate=True calls it in a child.")
    with caller:
        run = Run(caller, strict)
        if "large" in ((tiers,) if isinstance(tiers, str) else tuple(tiers)):
            run.left_out[_LARGE] = None
        cases = draw(run.function, kinds, dtypes) if only is None else only
        report = run.report(cases, progress)
    report.notes += notes
    report.seconds = time.perf_counter() - start
    return report
