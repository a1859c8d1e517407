"""Exact outputs of samplers in any convention, their cotangents, and the tolerances of both."""

from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._check import Array
from ..dialects import _layouts
from ..dialects import _rules as rules
from ..dialects._arguments import Arguments
from ..dialects._frames import Sizes
from ..grid import Floats
from ..oracle import exact
from ..oracle._exact_terms import Term
from ._cells import Weights
from ._frame import exact_frame
from ._places import Rule, places
from ._points import Given, Mapped
from ._spread import Objects, Spread

SINGLE = 2.0**-24
FAR = Fraction(2**45)  # outside of every image
NOISE = 2.0**-48  # of sums in float64 here, relative to their terms


class Shape(NamedTuple):
    """What bounds depend on, and where the points are."""

    mode: str
    rank: int
    channels: int
    out: Sizes
    inside: NDArray[np.bool_]  # (N, *out): whether a point is in [0, S - 1] on each axis
    points: Floats  # in pixels, x first, (N, *out, R)


def sample_spreads(
    given: Arguments, d: Array | None, unit: float
) -> tuple[dict[str, Spread], Floats | None, Shape]:
    """Results by role, another right output where coordinates are not finite, and the shape."""
    call = _Call(given, unit)
    found, also = call.spreads(d)
    p = np.vectorize(_approximate, otypes=[float])(call.p).reshape(call.shape)
    with np.errstate(invalid="ignore"):
        inside = ((p >= 0) & (p <= np.array(call.size[::-1]) - 1)).all(-1)
    return found, also, Shape(call.mode, call.rank, call.x.shape[-1], call.points.out, inside, p)


class _Call:
    def __init__(self, given: Arguments, unit: float) -> None:
        self.given = given
        x = given.image()
        self.images, self.size, self.rank = len(x), x.shape[1:-1], x.ndim - 2
        rule = self.rule = given.rule
        align = given.align()
        self.points: Given | Mapped
        if given.has("theta"):
            self.points = Mapped(given, given.size(self.size, self.rank), align)
            self.frame = exact_frame(rule, self.size, self.points.out, align)
            p, rounding = self.points.pixels(self.frame)
            if rule.several:
                x = np.repeat(x, np.shape(given.values["theta"])[1], 0)
        else:
            self.points = Given(given, self.size, align)
            p, rounding = self.points.p, self.points.rounding
        self.x, self.broken = np.where(np.isfinite(x), x, 0), ~np.isfinite(x).all(-1)
        shape = len(x), *p.shape[1:]
        self.mode = given.choice("mode", rule.modes)
        padding = given.choice("padding", rule.paddings)
        if "gate" in given.values:
            padding = replace(padding, gate=given.choice("gate", rule.gates))
        self.padding, self.align = padding, align
        mirror = align if padding.align is None else padding.align
        self.where = Rule(rule, padding, self.mode, mirror)
        fills = given.fills(x.shape[-1])
        self.fill = np.broadcast_to(np.array(fills), x.shape[-1]).astype(np.float64)
        unit = max(unit, SINGLE) if rule.cast == "float32" else unit
        self.p = np.broadcast_to(p, shape).reshape(-1, self.rank)
        self.delta = unit * np.broadcast_to(rounding, shape).reshape(-1, self.rank)
        self.image = np.repeat(np.arange(len(x)), len(self.p) // max(len(x), 1))
        self.shape = shape

    def spreads(self, d: Array | None) -> tuple[dict[str, Spread], Floats | None]:
        layout = self.rule.layout
        wild = _wild(self.p, self.rule.number("huge", self.mode))
        also = None
        if wild.any():
            self.delta = np.where(wild, 0.0, self.delta)
            ours, theirs = _specified(self, wild), _ruled(self, wild)
            found = {"out": self._at(*theirs, None)["out"]}
            other = self._at(*ours, None)["out"]
            also = _layouts.original(_floats(other.value), layout)
        else:
            inside = np.ones(len(self.p), bool)
            d_out = None if d is None else _layouts.canonical(np.asarray(d), layout)
            found = self._at(self.p, inside, ~inside, d_out)
        found = {
            role: s.each(lambda a: _layouts.original(a, layout)) if role in ("out", "x") else s
            for role, s in found.items()
        }
        return found, also

    def _at(
        self, p: Objects, counts: NDArray[np.bool_], nan: NDArray[np.bool_], d: Array | None
    ) -> dict[str, Spread]:
        """Results at finite points p (P, R), of which some do not count, or are NaN."""
        size, delta = self.size[::-1], self.delta.copy()
        if self.padding.mode in ("zeros", "border") and not (
            self.padding.turns or self.padding.period is not None
        ):
            away = np.array([[abs(v) for v in row] for row in p], object) > self._reach()
            delta[away] = 0.0  # so far outside that no rounding brings it back
        found = places(self.where, p, delta, size)
        weights = Weights(self.where, found, size, self.rule.cubic_coefficient)
        texels = self.x.reshape(len(self.x), -1, self.x.shape[-1]).astype(np.float64)
        # The last one stands for all that are missing.
        fill = np.broadcast_to(self.fill, (len(self.x), 1, self.x.shape[-1]))
        texels = np.concatenate([texels, fill], 1)
        inside = counts & found.inside[..., 0].all(-1)
        out, terms = self._exact(found.q, inside, d)
        tables = _Tables(self, weights, texels, delta, d, inside)
        breaks = self._breaks()
        result = {"out": tables.out(out, breaks)}
        lost = found.lost & ~nan
        if lost.any():
            least, most = texels.min(1)[self.image], texels.max(1)[self.image]
            value = _floats(out.value)
            for table, bound in ((result["out"].low, least), (result["out"].high, most)):
                table[lost] = (bound - value)[lost]
        touched = tables.reads(self.broken)
        result["out"].low[touched], result["out"].high[touched] = -np.inf, np.inf
        result["out"].value[nan] = np.nan
        outer = *self.shape[:-1], self.x.shape[-1]
        result["out"] = result["out"].each(lambda a: a.reshape(outer))
        if d is not None and terms is not None:
            d_x, d_p = tables.x(terms[0], breaks), tables.points(terms[1])
            if self.images != len(self.x):
                whole = self.images, -1, *self.x.shape[1:]
                d_x = d_x.each(lambda a: a.reshape(whole).sum(1))
            result["x"] = d_x
            d_p = d_p.each(lambda a: a.reshape(self.shape))
            if isinstance(self.points, Given):
                result |= self.points.pulled(d_p)
            else:
                result |= self.points.pulled(d_p, self.frame.a)
        return result

    def _reach(self) -> Floats:
        return np.array(self.size[::-1]) + 4 + self.delta

    def _breaks(self) -> bool:
        """Whether the output may jump where a coordinate moves."""
        padding = self.padding
        gated = padding.gate is not None or padding.period is not None or padding.turns
        return bool(self.mode == "nearest" or gated or self.rule.number("quantum", self.mode))

    def _exact(
        self, q: Objects, inside: NDArray[np.bool_], d: Array | None
    ) -> tuple[Spread, tuple[Spread, Spread] | None]:
        """Exact output, and the gradients of images and points, all with points in rows."""
        channels = self.x.shape[-1]
        lead = (1,) * (self.rank - 1)
        batch = len(self.x), *lead, -1
        options = {"mode": self.mode, "padding_mode": self.padding.mode, "coordinates": "pixel"}
        options |= {"align_corners": self.where.align, "fill_value": self.fill}
        options |= {"cubic_coefficient": self.rule.cubic_coefficient}
        if d is not None:
            d = np.where(inside[:, None], d.reshape(-1, channels), 0.0).reshape(*batch, channels)
        found = exact.grid_sample(self.x, q.reshape(*batch, self.rank), d, **options)
        out = Spread.of(_rows(found.out, channels))
        out.value[~inside] = [Fraction(v) for v in self.fill]
        out.magnitude[~inside] = [abs(Fraction(v)) for v in self.fill]
        if found.d_x is None or found.d_coords is None:
            return out, None
        return out, (Spread.of(found.d_x), Spread.of(_rows(found.d_coords, self.rank)))


class _Tables:
    """Extremes of values, weights and slopes over the places that points may be at."""

    def __init__(
        self,
        call: _Call,
        weights: Weights,
        texels: Floats,
        delta: Floats,
        d: Array | None,
        counts: NDArray[np.bool_],
    ) -> None:
        self.call, self.delta, rank = call, delta, call.rank
        points, channels = len(delta), texels.shape[-1]
        count = texels.shape[1] - 1
        flat_d = None if d is None else d.reshape(points, channels)
        values, slopes, self.g, self.curves = [], np.zeros((points, rank, channels)), [], 0.0
        self.w: list[Floats] = []
        self.w_slopes, self.sizes = np.zeros((points, count)), np.zeros((points, channels))
        self.d_sizes = np.zeros((points, count))
        if d is not None:
            self.curves = np.zeros((points, rank))
        for choice in weights.choices():
            flat, inside = weights.at(choice)
            inside = inside & counts if counts.any() else inside
            v = texels[call.image[:, None], flat]  # (P, T, C); -1 is the fill
            w = weights.weights(choice, weights.orders())
            gate = inside[:, None]
            values.append(np.where(gate, (w[..., None] * v).sum(1), call.fill))
            self.sizes = np.maximum(self.sizes, abs(v).sum(1) * gate)
            firsts = [weights.weights(choice, weights.orders(a)) * gate for a in range(rank)]
            g = np.stack([(f[..., None] * v).sum(1) for f in firsts], 1)  # (P, R, C)
            slopes = np.maximum(slopes, abs(g))
            if flat_d is None:
                continue
            self.g.append((g * flat_d[:, None]).sum(-1))
            self._bend(weights, choice, v, flat_d, gate)
            self._scatter(flat, w * gate, firsts, count)
        self.read = weights
        self.values = np.stack(values)
        self.shift = (delta[..., None] * slopes).sum(1)
        self.d = flat_d

    def _bend(
        self, weights: Weights, choice: tuple[int, ...], v: Floats, d: Floats, gate: Floats
    ) -> None:
        """How far the slopes change while the coordinate moves in a cell."""
        rank = self.call.rank
        for a in range(rank):
            moved = np.zeros(len(v))
            for b in range(rank):
                second = weights.weights(choice, weights.orders(a, b)) * gate
                moved += self.delta[:, b] * abs(((second[..., None] * v).sum(1) * d).sum(-1))
            self.curves[:, a] = np.maximum(self.curves[:, a], moved)

    def _scatter(self, flat: Floats, w: Floats, firsts: list[Floats], count: int) -> None:
        """The weights of all texels (P, texels), and how far they move."""
        rows = np.broadcast_to(np.arange(len(flat))[:, None], flat.shape)
        dense = np.zeros((len(flat), count + 1))
        np.add.at(dense, (rows, flat), w)
        self.w.append(dense[:, :-1])
        moved = sum(self.delta[:, [a]] * abs(f) for a, f in enumerate(firsts))
        dense = np.zeros((len(flat), count + 1))
        np.add.at(dense, (rows, flat), moved)
        self.w_slopes = np.maximum(self.w_slopes, dense[:, :-1])
        dense = np.zeros((len(flat), count + 1))
        np.add.at(dense, (rows, flat), np.ones(flat.shape))
        self.d_sizes = np.maximum(self.d_sizes, dense[:, :-1])

    def reads(self, broken: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which points (P,) may read one of these texels (N, *)."""
        if not broken.any():
            return np.zeros(len(self.delta), bool)
        table = np.concatenate(
            [broken.reshape(len(broken), -1), np.zeros((len(broken), 1), bool)], 1
        )
        found = np.zeros(len(self.delta), bool)
        for choice in self.read.choices():
            flat, _ = self.read.at(choice)
            found |= table[self.call.image[:, None], flat].any(1)
        return found

    def _cubic(self, sizes: Floats) -> Floats:
        return sizes if self.call.mode == "bicubic" else np.zeros_like(sizes)

    def out(self, exact: Spread, breaks: bool) -> Spread:
        """The output (P, C)."""
        main, zero = self.values[0], np.zeros_like(self.values[0])
        low = self.values.min(0) - main if breaks else zero.copy()
        high = self.values.max(0) - main if breaks else zero.copy()
        quantum = self.call.rule.number("quantum", self.call.mode)
        shift = zero if quantum else self.shift
        return exact._replace(low=low, high=high, shift=shift, slack=self._cubic(self.sizes))

    def points(self, exact: Spread) -> Spread:
        """The cotangent of points (P, R)."""
        g = np.stack(self.g)
        noise = NOISE * exact.magnitude.astype(np.float64)
        value = _floats(exact.value)
        moves = (g != g[0]).any(0)
        low = np.where(moves, g.min(0) - value - noise, 0.0)
        high = np.where(moves, g.max(0) - value + noise, 0.0)
        slack = self._cubic((abs(self.d) * self.sizes).sum(-1)[:, None] + 0 * value)
        return exact._replace(low=low, high=high, shift=self.curves, slack=slack)

    def x(self, exact: Spread, breaks: bool) -> Spread:
        """The cotangent of the images (N, *, C)."""
        w = np.stack(self.w)
        shape = exact.value.shape
        least, most, main = w.min(0), w.max(0), w[0]
        size = abs(self.d)
        up, down = np.maximum(self.d, 0.0), np.minimum(self.d, 0.0)
        low, high = (
            self._summed(least - main, up) + self._summed(most - main, down),
            (self._summed(most - main, up) + self._summed(least - main, down)),
        )
        if not breaks:
            low, high = 0 * low, 0 * high
        shift, slack = self._summed(self.w_slopes, size), self._summed(self.d_sizes, size)
        tables = [a.reshape(shape) for a in (low, high, shift, self._cubic(slack))]
        return exact._replace(**dict(zip(("low", "high", "shift", "slack"), tables, strict=True)))

    def _summed(self, w: Floats, d: Floats) -> Floats:
        """Sums of weights (P, texels) times cotangents (P, C), of each image (N, texels, C)."""
        images = len(self.call.x)
        w, d = (a.reshape(images, -1, a.shape[-1]) for a in (w, d))
        return np.einsum("npt,npc->ntc", w, d)


def _rows(term: Term, last: int) -> Term:
    return Term(*(a.reshape(-1, last) for a in term))


def _floats(a: Objects) -> Floats:
    return np.asarray(a.astype(np.float64))


def _approximate(v: object) -> float:
    try:
        return float(v)  # type: ignore[arg-type]
    except OverflowError:
        return float("inf") if v > 0 else float("-inf")  # type: ignore[operator]


def _wild(p: Objects, huge: float) -> NDArray[np.bool_]:
    """Which coordinates no finite rule is about."""
    floats = np.vectorize(_approximate, otypes=[float])(p) if p.size else np.zeros(p.shape)
    return np.asarray(~np.isfinite(floats) | (abs(floats) >= huge))


Points = tuple[Objects, NDArray[np.bool_], NDArray[np.bool_]]


def _specified(call: _Call, wild: NDArray[np.bool_]) -> Points:
    """Points by the specification: (p, whether they count, whether they are NaN)."""
    p, nan = call.p.copy(), np.zeros(len(call.p), bool)
    for at in np.argwhere(wild):
        v = p[tuple(at)]
        far = v == v and call.padding.mode in ("zeros", "border")
        nan[at[0]] |= not far
        p[tuple(at)] = (FAR if v > 0 else -FAR) if far else Fraction(0)
    return p, ~nan, nan


def _ruled(call: _Call, wild: NDArray[np.bool_]) -> Points:
    """Points by the rules of the system."""
    rule = replace(call.rule, cubic_stage="texel", quantum=0.0)
    floats = np.vectorize(_approximate, otypes=[float])(call.p)
    size = np.array(call.size[::-1], np.float64)
    found = rules.ruled(rule, call.padding, call.mode, floats, size, call.align, True)
    p, nan = call.p.copy(), np.zeros(len(call.p), bool)
    counts = np.ones(len(p), bool) if found.inside is None else found.inside[..., 0].copy()
    for at in np.argwhere(wild):
        v = float(found.p[tuple(at)])
        far = v == v and call.padding.mode in ("zeros", "border")
        finite = np.isfinite(v)
        nan[at[0]] |= counts[at[0]] and not (far or finite)
        p[tuple(at)] = Fraction(v) if finite else (FAR if v > 0 else -FAR) if far else Fraction(0)
    return p, counts & ~nan, nan
