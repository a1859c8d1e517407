"""Print a case as Python that can be pasted."""

from typing import Any

import numpy as np

from .case import GRID, IMAGES, MODULE, SAMPLER, Array, Case, calls
from .judge import judge

DEFAULTS = {"mode": "bilinear", "padding_mode": "zeros", "align_corners": True, "layout": "NHWC"}


def snippet(case: Case) -> str:
    """Return code that shows the worst number of a case, what it is and what it should be."""
    verdict = max(judge(case), key=lambda v: v.worst)
    call = calls(case.function)[verdict.name]
    at = np.unravel_index(int(verdict.ratios.argmax()), verdict.ratios.shape)
    lines = ["import numpy as np", "from numpy import inf, nan", "", "import npstn", ""]
    lines += [f"{n} = {_literal(case.given(n))}" for n in call.arguments]
    options = "".join(f", {k}={v!r}" for k, v in case.options.items() if DEFAULTS.get(k) != v)
    index = "" if call.function in (MODULE, SAMPLER, GRID, "affine_grid_vjp") else f"[{call.which}]"
    lines.append(f"found = npstn.{call.function}({', '.join(call.arguments)}{options}){index}")
    found, value = verdict.found[at].item(), verdict.value[at]
    place = _place(case, verdict.name, tuple(int(i) for i in at))
    times = "" if verdict.name == "grid" else f", {verdict.ratios[at]:.3g} times what is allowed"
    exact = f"{float(value)!r}" if abs(value) < 2**1023 else "beyond float64"
    lines.append(f"print(found[{place}])  # {found!r}, exact {exact}{times}")
    return "\n".join(lines)


def _place(case: Case, name: str, at: tuple[int, ...]) -> str:
    """Return the index of a number in the layout of the options."""
    first = case.options.get("layout", "").startswith("NC")
    if first and name in IMAGES:
        at = (*at[: -1 - case.rank], at[-1], *at[-1 - case.rank : -1])
    return ", ".join(map(str, at))


def _literal(value: Any) -> str:
    """Return an argument as code: few numbers as they are, many as the few that are not zero."""
    if not isinstance(value, np.ndarray):
        return repr(value)
    dtype = f"np.{value.dtype.name}"
    if value.size <= 64:
        return f"np.array({value.tolist()}, {dtype})"
    return _sparse(value, dtype)


def _sparse(value: Array, dtype: str) -> str:
    """Return an array of mostly zeros as code."""
    at = np.flatnonzero(value)
    flat = dict(zip(at.tolist(), value.reshape(-1)[at].tolist(), strict=True))
    return (
        f"np.array([{flat}.get(i, 0) for i in range({value.size})], {dtype}).reshape({value.shape})"
    )
