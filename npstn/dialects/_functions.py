"""The functions of a row, made from its data: ours under a system's names and defaults."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from .._arrays import like
from .._check import Array
from . import _docs, _layouts
from ._arguments import POINTS, Arguments, signature
from ._frames import Sizes, frame, pixels
from ._maps import Mapped, Maps
from ._sampling import Sampling
from .row import Function, Row


def build(row: Row, function: Function) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield a function and its vjp, under their names."""
    for cotangent in ("", "d_grid" if function.op == "grid" else "d_out"):
        made = _built(row, function, cotangent)
        yield made.__name__, made


def _built(row: Row, function: Function, cotangent: str) -> Callable[..., Any]:
    shape = signature(function, cotangent)

    def call(*args: Any, **kwargs: Any) -> Any:
        given = shape.bind(*args, **kwargs)
        given.apply_defaults()
        arguments = Arguments(function, given.arguments)
        problem = _PROBLEMS[function.op](arguments)
        if not cotangent:
            return problem.result()
        return arguments.cotangents(problem.vjp(given.arguments[cotangent]))

    call.__name__ = call.__qualname__ = function.name + ("_vjp" if cotangent else "")
    call.__module__ = f"npstn.dialects.{row.system}"
    call.__doc__ = _docs.docstring(row, function, cotangent)
    call.__signature__ = shape  # type: ignore[attr-defined]
    return call


class _Sample:
    """Images sampled at points."""

    def __init__(self, given: Arguments) -> None:
        self.given = given
        x = given.image()
        self.size, self.rank = x.shape[1:-1], x.ndim - 2
        self.align = given.align()
        self.g = self._points(x)
        if len(self.g) not in (1, len(x)):
            name = given.names.get("points") or given.names.get("points_x") or given.names["theta"]
            raise ValueError(f"{name} has a batch of {len(self.g)}, expected {len(x)}")
        p = pixels(given.rule, self.g, self.size, self.align, given.faithful)
        p = np.broadcast_to(p, (len(x), *p.shape[1:]))
        rule = given.rule
        mode, padding = given.choice("mode", rule.modes), given.choice("padding", rule.paddings)
        if "gate" in given.values:
            padding = padding._replace(gate=given.choice("gate", rule.gates))
        fill = given.number("fill")
        self.sampling = Sampling(rule, x, p, mode, padding, self.align, fill, given.faithful)

    def result(self) -> Array:
        return _layouts.original(self.sampling.sample(), self.given.rule.layout)

    def vjp(self, d_out: object) -> dict[str, Array]:
        given, x, p = self.given, self.sampling.x, self.sampling.p
        layout = given.rule.layout
        empty = np.broadcast_to(x.dtype.type(0), (*p.shape[:-1], x.shape[-1]))
        checked = like("d_out", d_out, _layouts.original(empty, layout).shape, "the output")
        d_x, d_p = self.sampling.vjp(_layouts.canonical(checked, layout))
        if len(self.g) < len(x):
            d_p = d_p.sum(0, keepdims=True)
        a = frame(given.rule, self.size, self.align).a
        return {"x": _layouts.original(d_x, layout), **self._pulled(d_p * a)}

    def _points(self, x: Array) -> Array:
        return self.given.points(self.rank)

    def _pulled(self, d_g: Array) -> dict[str, Array]:
        given = self.given
        d_g = (d_g if given.rule.order == "xy" else d_g[..., ::-1]).astype(self.g.dtype)
        if "points" in given.values:
            return {"points": _layouts.original(d_g, given.rule.points)}
        word = given.rule.points.replace("R", "")
        parts = [role for role in POINTS[1:] if role in given.values]
        return {role: _layouts.original(d_g[..., [k]], word) for k, role in enumerate(parts)}


class _Warp(_Sample):
    """Images sampled at the points of a map."""

    def _points(self, x: Array) -> Array:
        self.out = self.given.size(self.size, self.rank)
        self.mapped = _Mapped(self.given, self.rank, self.out, self.align)
        return self.mapped.mapped.points

    def _pulled(self, d_g: Array) -> dict[str, Array]:
        return self.mapped.pulled(d_g)


class _Mapped:
    """The points of maps, and the way back to their parameters."""

    def __init__(self, given: Arguments, rank: int, out: Sizes, align: bool) -> None:
        self.given, self.rank = given, rank
        theta = given.maps(rank)
        self.kind = theta.dtype
        self.maps = Maps(given.rule, given.names["theta"], theta.astype(np.float64), rank)
        args = given.rule, self.maps.matrices(), out, align, theta.dtype, given.faithful
        self.mapped = Mapped(*args)

    def pulled(self, d_g: Any) -> dict[str, Array]:
        """The cotangents of the parameters from that of the points."""
        d = self.maps.vjp(self.mapped.vjp(d_g))
        if self.given.has("offset"):
            parts = d.reshape(self.rank, self.rank + 1)
            d_offset = parts[:, -1] if np.ndim(self.given.values["offset"]) else parts[:, -1].sum()
            return {"theta": parts[:, :-1].astype(self.kind), "offset": d_offset}
        return {"theta": d.reshape(np.shape(self.given.values["theta"])).astype(self.kind)}


class _Grid:
    """The grid of a map, as points of a system."""

    def __init__(self, given: Arguments) -> None:
        self.given = given
        out = given.size(None, None)
        self.mapped = _Mapped(given, len(out), out, given.align())

    def result(self) -> Array:
        rule, points = self.given.rule, self.mapped.mapped.points
        return _layouts.original(points if rule.order == "xy" else points[..., ::-1], rule.points)

    def vjp(self, d_grid: object) -> dict[str, Array]:
        rule = self.given.rule
        checked = like("d_grid", d_grid, self.result().shape, "the grid")
        d_g = _layouts.canonical(checked, rule.points).astype(np.float64)
        return self.mapped.pulled(d_g if rule.order == "xy" else d_g[..., ::-1])


_PROBLEMS: dict[str, Any] = {"sample": _Sample, "warp": _Warp, "grid": _Grid}
