"""The comparison behind all checks of derivatives: cotangents against one-sided differences."""

from collections.abc import Callable, Sequence
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from .. import _values
from .._hints import shown
from ._differences import Differences
from ._given import DTYPES, Array, copied, finite
from ._report import Report, summarise

Kinks = Literal["between", "right"]
Chosen = list[Array]  # per primal the flat indices of the entries that are checked


def compare(
    f: Callable[..., ArrayLike],
    cotangents: Callable[[Array, Array, list[Array], Chosen], Any],
    primals: Sequence[ArrayLike],
    d_out: ArrayLike | None,
    names: Sequence[str] | None,
    kinks: str,
    max_entries: int,
    seed: int,
    *,
    called: tuple[str, str],
) -> Report:
    """Hold ``cotangents(out, d_out, primals, chosen)`` against differences of f, or raise.

    ``called`` is what messages call f and the function of its derivatives.
    """
    _values.choice("kinks", kinks, dict.fromkeys(get_args(Kinks), 0))
    max_entries = _values.integer("max_entries", max_entries)
    seed = _values.integer("seed", seed, 0)
    arrays = given(primals)
    names = _names(names, len(arrays))
    for name, array in zip(names, arrays, strict=True):
        if array.dtype in DTYPES:
            finite(array, name)
    rng = np.random.default_rng(seed)
    out = finite(f(*map(np.copy, arrays)), f"{called[0]}(*primals)")
    random = rng.standard_normal(out.shape).astype(out.dtype)
    d_out = random if d_out is None else finite(d_out, "d_out", out.shape)
    chosen = [_choice(x.size, max_entries, rng) for x in arrays]
    found = several(cotangents(out, d_out, arrays, chosen), called[1], len(arrays))
    reports = []
    for i, (name, cotangent) in enumerate(zip(names, found, strict=True)):
        if cotangent is None:
            continue
        x = finite(arrays[i], name)
        analytic = finite(cotangent, f"the cotangent of {name}", x.shape, AssertionError)

        def probe(moved: Array, i: int = i) -> Array:
            found = np.asarray(f(*(moved if j == i else a.copy() for j, a in enumerate(arrays))))
            if found.shape != out.shape:
                changed = f"where {names[i]} is changed, and {out.shape} before"
                raise ValueError(f"{called[0]}(*primals) has shape {found.shape} {changed}")
            return found

        differences = Differences(probe, x, out, d_out)
        entries = [differences.judge(int(at), analytic, kinks) for at in chosen[i]]
        reports.append(summarise(name, x.size, entries))
    report = Report(tuple(reports))
    bad = [r.name for r in reports if r.failed or (r.checked and r.unresolved == r.checked)]
    if bad:
        raise AssertionError(
            f"finite differences (kinks={kinks!r}) do not confirm {', '.join(bad)}\n{report}"
        )
    return report


def given(primals: Sequence[ArrayLike]) -> list[Array]:
    """Copies of all primals."""
    if not isinstance(primals, tuple | list):
        got = type(primals).__name__
        raise TypeError(f"primals is a {got}, expected a tuple of arrays, such as (x, grid)")
    return [copied(p, f"primals[{i}]") for i, p in enumerate(primals)]


def several(
    results: Any, name: str, many: int | None = None, what: str = "cotangents"
) -> Sequence[Any]:
    """What a function returned, if that is a tuple (of so many) and not all of it None."""
    expected = f"expected a tuple of {what if many is None else f'{many} {what}'}"
    if not isinstance(results, tuple | list):
        raise ValueError(f"{name} returned a {type(results).__name__}, {expected}")
    if many not in (None, len(results)):
        raise ValueError(f"{name} returned a tuple of {len(results)}, {expected}")
    if all(result is None for result in results):
        raise ValueError(f"{name} returned nothing but None, {expected}")
    return results


def _names(names: object, count: int) -> tuple[str, ...]:
    if names is None:
        return tuple(f"primals[{i}]" for i in range(count))
    found = _values.several("names", names)
    if len(found) != count:
        raise ValueError(f"names has {len(found)} items, expected {count}, one per primal")
    for i, name in enumerate(found):
        if not isinstance(name, str):
            raise TypeError(f"names[{i}] is {shown(name)}, expected a string")
    return found


def _choice(size: int, most: int, rng: np.random.Generator) -> Array:
    """All entries, or as many as there may be, drawn."""
    return np.arange(size) if size <= most else np.sort(rng.choice(size, most, replace=False))
