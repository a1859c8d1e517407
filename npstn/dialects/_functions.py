"""The functions of a row, made from its data: ours under a system's names and defaults."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from .. import _memory
from .._arithmetic import ieee
from .._arrays import like
from .._check import Array
from ..grid import Floats
from . import _docs, _layouts
from ._arguments import Arguments
from ._frames import Sizes, frame, pixels, units
from ._maps import Mapped, Maps
from ._matrix import Matrix
from ._sampling import Sampling
from ._signature import POINTS, signature
from .row import Convention, Function, Row


def build(
    row: Row, function: Function, problems: Mapping[str, Any] | None = None
) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield a function and its vjp, under their names; ``problems`` may differ from PROBLEMS."""
    problem = (problems or PROBLEMS)[function.op]
    for cotangent in ("", {"grid": "d_grid", "matrix": "d_theta"}.get(function.op, "d_out")):
        made = _built(row, function, cotangent, problem)
        yield made.__name__, made


def _built(row: Row, function: Function, cotangent: str, made_of: Any) -> Callable[..., Any]:
    shape = signature(function, cotangent)

    @ieee
    def call(*args: Any, **kwargs: Any) -> Any:
        given = shape.bind(*args, **kwargs)
        given.apply_defaults()
        arguments = Arguments(function, given.arguments, bool(cotangent))
        problem = made_of(arguments)
        if not cotangent:
            return problem.result()
        return arguments.cotangents(problem.vjp(given.arguments[cotangent]))

    call.__name__ = function.name + ("_vjp" if cotangent else "")
    call.__module__, call.__qualname__ = "npstn.dialects", f"{row.system}.{call.__name__}"
    call.__doc__ = _docs.docstring(row, function, cotangent)
    call.__signature__ = shape  # type: ignore[attr-defined]
    return call


class Sample:
    """Images sampled at points."""

    sampling = Sampling

    def __init__(self, given: Arguments) -> None:
        self.given = given
        x = given.image()
        self.size, self.rank = x.shape[1:-1], x.ndim - 2
        self.align = given.align()
        self.images, self.each = len(x), 1  # and the outputs of each
        self.g = self._points(x)
        if self.each != 1:
            x = np.repeat(x, self.each, 0)
        if len(self.g) not in (1, len(x)):
            name = given.names.get("points") or given.names.get("points_x") or given.names["theta"]
            raise ValueError(f"{name} has a batch of {len(self.g)}, expected {len(x)}")
        rule, size, align = self._unit()
        p = pixels(rule, self.g, size, align, given.faithful)
        p = np.broadcast_to(p, (len(x), *p.shape[1:]))
        rule = given.rule
        mode, padding = given.choice("mode", rule.modes), given.choice("padding", rule.paddings)
        if "gate" in given.values:
            padding = replace(padding, gate=given.choice("gate", rule.gates))
        options = mode, padding, align
        fills = given.fills(x.shape[-1])
        parts = [x] if len(set(fills)) < 2 else np.split(x, len(fills), -1)  # one fill in each
        self.x, self.p = x, p
        self.samplings = [
            self.sampling(rule, part, p, *options, fill, given.faithful)
            for part, fill in zip(parts, fills or (0.0,), strict=False)
        ]

    def result(self) -> Array:
        out = np.concatenate([part.sample() for part in self.samplings], -1)
        return _layouts.original(out, self.given.rule.layout)

    def vjp(self, d_out: object) -> dict[str, Array]:
        given, x, p = self.given, self.x, self.p
        layout = given.rule.layout
        empty = np.broadcast_to(x.dtype.type(0), (*p.shape[:-1], x.shape[-1]))
        checked = like("d_out", d_out, _layouts.original(empty, layout).shape, "the output")
        d_parts = np.split(_layouts.canonical(checked, layout), len(self.samplings), -1)
        pulled = [part.vjp(d) for part, d in zip(self.samplings, d_parts, strict=True)]
        d_x = np.concatenate([d for d, _ in pulled], -1)
        d_p = sum((d for _, d in pulled[1:]), pulled[0][1])
        if len(self.g) < len(x):
            d_p = d_p.sum(0, keepdims=True)
        if self.each != 1:
            d_x = d_x.reshape(self.images, self.each, *x.shape[1:]).sum(1)
        return {"x": _layouts.original(d_x, layout), **self._pulled(d_p * self._factor())}

    def _unit(self) -> tuple[Convention, Sizes, bool]:
        """Where the points are: the arguments of their frame."""
        return self.given.rule, self.size, self.align

    def _factor(self) -> Floats:
        """The derivatives of pixels by points, on each axis."""
        return frame(*self._unit()).a

    def _points(self, x: Array) -> Array:
        g = self.given.points(self.rank)
        self._room(x, g.shape[1:-1])
        return g

    def _room(self, x: Array, out: Sizes) -> None:
        """Raise MemoryError unless there is room for all points, in float64, and their outputs."""
        shape = len(x) * self.each, *out, x.shape[-1]
        needed = math.prod(shape[:-1]) * self.rank * 8
        if not self.given.pulled:
            needed += math.prod(shape) * x.itemsize
        needed += x.nbytes * self.each * (self.each > 1)  # copies of the images
        numbers = " x ".join(map(str, shape))
        _memory.require(needed, f"an output of {numbers} numbers, by points in float64,")

    def _pulled(self, d_g: Array) -> dict[str, Array]:
        given = self.given
        d_g = (d_g if given.rule.order == "xy" else d_g[..., ::-1]).astype(self.g.dtype)
        if "points" in given.values:
            return {"points": _layouts.original(d_g, given.rule.points)}
        word = given.rule.points.replace("R", "")
        parts = [role for role in POINTS[1:] if role in given.values]
        return {role: _layouts.original(d_g[..., [k]], word) for k, role in enumerate(parts)}


class Warp(Sample):
    """Images sampled at the points of a map."""

    maps, points_of = Maps, Mapped

    def _points(self, x: Array) -> Array:
        self.out = self.given.size(self.size, self.rank)
        self.mapped = _Mapped(self, self.rank, self.out, self.align)
        if self.given.rule.several:
            self.each = np.shape(self.given.values["theta"])[1]
        self._room(x, self.out)
        return self.mapped.mapped.points

    def _pulled(self, d_g: Array) -> dict[str, Array]:
        return self.mapped.pulled(d_g)


class _Mapped:
    """The points of maps, and the way back to their parameters."""

    def __init__(self, problem: Any, rank: int, out: Sizes, align: bool) -> None:
        given = problem.given
        self.given, self.rank = given, rank
        theta = given.maps(rank)
        self.kind = theta.dtype
        self.maps = problem.maps(given.rule, given.names["theta"], theta.astype(np.float64), rank)
        self.points_of: type[Mapped] = problem.points_of
        self.lattice = out, align

    @cached_property
    def mapped(self) -> Mapped:
        """The points, which are made when they are asked for."""
        given, m = self.given, self.maps.matrices()
        args = given.rule, m, *self.lattice, self.kind, given.faithful
        return self.points_of(*args, given.choice("mode", given.rule.modes))

    def pulled(self, d_g: Any) -> dict[str, Array]:
        """The cotangents of the parameters from that of the points."""
        d = self.maps.vjp(self.mapped.vjp(d_g))
        if self.given.has("offset"):
            return self._parts(d.reshape(self.rank, self.rank + 1))
        return {"theta": d.reshape(np.shape(self.given.values["theta"])).astype(self.kind)}

    def _parts(self, d: Any) -> dict[str, Array]:
        """The cotangents of a matrix, in the shape it was given in, and of its offset."""
        shape, offset = np.shape(self.given.values["theta"]), self.given.values["offset"]
        d_theta, d_offset = np.zeros(shape), d[:, -1]
        if len(shape) == 1:
            d_theta = d.diagonal()
        elif shape[1] == self.rank:
            d_theta = d[:, :-1]
        else:
            d_theta[: self.rank] = d
            d_offset = np.zeros(self.rank)
        d_offset = d_offset if np.ndim(offset) else d_offset.sum()
        return {"theta": d_theta.astype(self.kind), "offset": d_offset}


class _Moved:
    """The points of displacements, and the way back to them."""

    def __init__(self, given: Arguments, align: bool) -> None:
        self.given = given
        moved = given.points(given.rule.ranks[0])
        self.kind = moved.dtype
        self.points = units(given.rule, moved, align, given.faithful)
        self.a = frame(given.rule, moved.shape[1:-1], align).a

    def pulled(self, d_g: Floats) -> dict[str, Array]:
        """The cotangent of the displacements from that of the points."""
        rule = self.given.rule
        d = (d_g / self.a).astype(self.kind)
        return {"points": _layouts.original(d if rule.order == "xy" else d[..., ::-1], rule.points)}


class Grid:
    """The grid of a map, or of displacements, as points of a system."""

    maps, points_of = Maps, Mapped

    def __init__(self, given: Arguments) -> None:
        self.given = given
        self.mapped: _Moved | _Mapped
        if given.has("points"):
            moved = _Moved(given, given.align())
            self.mapped, self.points = moved, moved.points
        else:
            out = given.size(None, None)
            maps = _Mapped(self, len(out), out, given.align())
            self.mapped, self.points = maps, maps.mapped.points

    def result(self) -> Array:
        rule, points = self.given.rule, self.points
        return _layouts.original(points if rule.order == "xy" else points[..., ::-1], rule.points)

    def vjp(self, d_grid: object) -> dict[str, Array]:
        rule = self.given.rule
        checked = like("d_grid", d_grid, self.result().shape, "the grid")
        d_g = _layouts.canonical(checked, rule.points).astype(np.float64)
        return self.mapped.pulled(d_g if rule.order == "xy" else d_g[..., ::-1])


PROBLEMS: dict[str, Any] = {"sample": Sample, "warp": Warp, "grid": Grid, "matrix": Matrix}
