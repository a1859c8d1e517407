"""Exact outputs of samplers in any convention, their cotangents, and the tolerances of both."""

from typing import NamedTuple

import numpy as np

from .._check import Array
from ..dialects import _layouts
from ..dialects._arguments import Arguments
from ..dialects._frames import Sizes
from ..grid import Floats
from ..oracle._exact_axis import Options
from ..oracle._exact_cells import Cells as Exact
from ..oracle._exact_terms import scaled
from ._call import Call
from ._cells import Cells
from ._places import places
from ._spread import Mask, Objects, Spread, floats, fractions
from ._tables import Tables
from ._wild import Tamed, ruled, specified, wild


class Shape(NamedTuple):
    """What bounds depend on, and where the points are."""

    mode: str
    rank: int
    channels: int
    out: Sizes
    inside: Mask  # (N, *out): whether a point is in [0, S - 1] on each axis
    points: Floats  # in pixels, x first, (N, *out, R)


def sample_spreads(
    given: Arguments, d: Array | None, unit: float
) -> tuple[dict[str, Spread], Floats | None, Shape]:
    """Results by role, another right output where coordinates are not finite, and the shape.

    There are no cotangents where coordinates are not finite.
    """
    call, layout = Call(given, unit), given.rule.layout
    strange, also = wild(call), None
    if strange.any():
        call.delta = np.where(strange, 0.0, call.delta)
        found = _spreads(call, ruled(call, strange), None)
        other = _spreads(call, specified(call, strange), None)["out"]
        also = np.asarray(_layouts.original(floats(other.value), layout), np.float64)
    else:
        every = np.ones(len(call.p), bool)
        d_out = None if d is None else _layouts.canonical(np.asarray(d), layout)
        found = _spreads(call, Tamed(call.p, every, ~every), d_out)
    for role in ("out", "x"):
        if role in found:
            found[role] = found[role].each(lambda a: _layouts.original(a, layout))
    p = np.reshape(floats(call.p), call.shape)
    with np.errstate(invalid="ignore"):
        within = ((p >= 0) & (p <= np.array(call.size[::-1]) - 1)).all(-1)
    rest = call.channels, call.points.out, np.asarray(within), p
    shape = Shape(call.where.mode, call.rank, *rest)
    return found, also, shape


def _spreads(call: Call, at: Tamed, d: Array | None) -> dict[str, Spread]:
    """Results at finite points."""
    size, delta = call.size[::-1], call.delta
    if not call.where.turns:
        away = abs(floats(at.p)) > np.array(size) + 4 + delta
        delta = np.where(away, 0.0, delta)  # so far outside that no rounding brings it back
    found = places(call.where, at.p, delta, size)
    cells = Cells(call.where, found, size, call.rule.cubic_coefficient)
    cells.inside &= at.counts[cells.point]
    counts = cells.inside[cells.first]
    rows = None if d is None else d.astype(np.float64).reshape(-1, call.channels)
    out, *pulled = _exact(call, found.q, counts, rows)
    tables = Tables(call, cells, np.where(found.lost[:, None], 0.0, delta), found.lost)
    out = tables.out(out, at.nan)
    out.value[at.nan] = np.nan
    shape = *call.shape[:-1], call.channels
    results = {"out": out.each(lambda a: a.reshape(shape))}
    if rows is not None:
        d_x, d_p = pulled
        results |= call.pulled(tables.x(d_x, rows), tables.points(d_p, rows))
    return results


def _exact(call: Call, q: Objects, counts: Mask, d: Floats | None) -> list[Spread]:
    """The exact output, and with a cotangent those of images and points, all of them rows."""
    where, channels = call.where, call.channels
    each = len(q) // max(len(call.x), 1)
    lead = len(call.x), *(1,) * (call.rank - 1), each
    points = scaled("points", q.reshape(*lead, call.rank), (call.rank + 2,), call.rank)
    options = Options(
        where.mode, where.padding.mode, "pixel", where.align, call.rule.cubic_coefficient
    )
    exact = Exact(call.x, points, options, call.fill)
    out = Spread.of_sums(exact.push(), channels)
    out.value[~counts], out.magnitude[~counts] = fractions(call.fill), abs(call.fill)
    if d is None:
        return [out]
    d_x, d_p, _ = exact.pull(np.where(counts[:, None], d, 0.0).reshape(*lead, channels))
    return [out, Spread.of_sums(d_x, channels), Spread.of_sums(d_p, call.rank)]
