"""A probe in the terms of a dialect: its layout, order, units, and names of options."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from .._arithmetic import ieee
from .._check import Array
from ..dialects._frames import Frame, frame, lattice_frame
from ..dialects._layouts import original
from ..dialects._maps import own_parameters, shape_of
from ..dialects._signature import argument, roles_of
from ..dialects.row import Function, Padding
from ..grid import Floats
from . import _ops
from ._probes import WILD, Probe, clause, image, numbers, points

FILL = 3.0


class Question(NamedTuple):
    """A call, and what it is about."""

    name: str
    clause: str
    vjp: bool
    positional: tuple[Any, ...]
    options: dict[str, Any]  # all, by the dialect's own names
    d_out: Any
    chosen: dict[str, Any]  # the dialect's own values by role: mode, padding, align, gate
    tolerance: float


@dataclass(frozen=True)
class Asked:
    """What a function takes: the dtype, the one rank or any, and whether it has a vjp."""

    dtype: str = "float32"
    rank: int | None = None
    vjp: bool = False


def names(function: Function) -> dict[str, str]:
    """Names of arguments by role; OpenCV's flags are a mode."""
    found = roles_of(function).items()
    return {"mode" if role == "flags" else role: name for role, name in found}


class Terms:
    """One question."""

    def __init__(
        self,
        function: Function,
        probe: Probe,
        asked: Asked,
        chosen: dict[str, Any],
        own: dict[str, Any],
    ) -> None:
        self.function, self.probe, self.asked, self.own = function, probe, asked, own
        rule = self.rule = function.convention
        self.names = names(function)
        self.mode, self.padding = rule.modes[chosen["mode"]], rule.paddings[chosen["padding"]]
        self.align = chosen["align"] is None or bool(chosen["align"])
        # PyTorch's way from pixels and back is not exact without align_corners.
        self.exact = rule.through != "align" or self.align
        self.rank = probe.rank if 2 in rule.ranks else probe.rank + 1
        aligned = float(self.align) if rule.shrink is None else rule.shrink
        size = tuple(n + int(aligned) for n in (2, 4, 8)[-self.rank :])
        self.size = (*size[:-2], 1, size[-1]) if probe.single and function.op == "sample" else size
        self.channels = 3 if "C" in rule.layout else 1
        sized = {*_ops.SIZES} & {*self.names}
        moves = function.op == "sample" and rule.unit != "flow"
        out = (3, 5, 7)[-self.rank :] if moves or sized else self.size
        self.out = (*out[:-1], 1) if probe.single and function.op != "sample" else out

    @property
    def fits(self) -> bool:
        """Whether points are where the probe wants them."""
        if self.probe.places == "huge":  # not so in fixed point, nor where they are infinite
            quantum, huge = (self.rule.number(n, self.mode) for n in ("quantum", "huge"))
            return not quantum and huge > WILD["huge"] and self.padding.gate is None
        return self.exact or self.probe.places not in ("ties", "texels")

    @ieee
    def question(self) -> Question:
        """Make it."""
        function, rule, probe = self.function, self.rule, self.probe
        given = self._sampled() if function.op == "sample" else self._mapped()
        word, last = (rule.layout, self.channels)
        if function.op == "grid":
            word, last = rule.points, self.rank
        else:
            x = image(probe, (probe.batch, *self.size, self.channels))
            given[self.names["x"]] = self._array(original(x, rule.layout))
        shape = (probe.batch, *self.out, last)
        d = self._array(original(numbers(int(np.prod(shape)), -4, 4, 5).reshape(shape), word))
        largest = 7 * 1024.0 if probe.image == "steep" else 8.0
        return Question(
            self._name(),
            clause(probe, self.mode, self.padding, self.align),
            probe.vjp,
            tuple(given[name] for name in _ops.positional(function) if name in given),
            self._options(),
            d if probe.vjp else None,
            self.own,
            largest * 2.0**-14 * (16 if probe.vjp else 1),
        )

    def _name(self) -> str:
        words = [self.probe.name]
        if "mode" in self.own:
            words.append(self.mode)
        if "padding" in self.own:
            words.append(str(self.own["padding"]))
        if "align" in self.own:
            words.append("aligned" if self.align else "not aligned")
        return ", ".join(words)

    def _array(self, a: Array) -> Any:
        return np.ascontiguousarray(a, dtype=self.asked.dtype)

    def _options(self) -> dict[str, Any]:
        own: dict[str, Any] = {}
        for role, value in self.own.items():
            default = argument(self.function.arguments[self.names[role]]).default
            plain = role == "align" and type(default) is int
            own[self.names[role]] = int(value) if plain else value
        for role in ("fill", "scalar"):
            if role in self.names and _fills(self.padding):
                own[self.names[role]] = FILL
        if "transform" in self.names:
            own[self.names["transform"]] = "affine"
        return own

    def _sampled(self) -> dict[str, Any]:
        rule, probe = self.rule, self.probe
        shape = probe.batch, *self.out
        p = points(probe, self.size, shape, edges=self.exact and self.mode != "nearest")
        a, b = frame(rule, self.size if rule.unit != "flow" else self.out, self.align)
        with np.errstate(all="ignore"):
            g = np.where(a != 0, (p - b) / a, p)
        g = g if rule.order == "xy" else g[..., ::-1]
        if "points" in self.names:
            return {self.names["points"]: self._array(original(g, rule.points))}
        word = rule.points.replace("R", "")
        parts = [r for r in ("points_x", "points_y", "points_z") if r in self.names]
        return {
            self.names[role]: self._array(original(g[..., [k]], word))
            for k, role in enumerate(parts)
        }

    def _mapped(self) -> dict[str, Any]:
        rule, rank, batch = self.rule, self.rank, self.probe.batch
        m = self._pull()
        if rule.unit == "normalized" and self.function.op == "warp" and not self.probe.single:
            outer = lattice_frame(rule, self.out, self.align)
            m = _between(frame(rule, self.size, self.align), m, outer)
        elif rule.unit != "normalized":
            plain = replace(rule, through="")  # on its way an axis of one point is lost
            outer = frame(plain, self.out, self.align)
            m = _between(frame(plain, self.size, self.align), m, outer)
        if rule.direction == "push":
            m = _inverse(m)
        theta = own_parameters(rule, m)
        leading = (batch, 1) if rule.several else (batch,)
        theta = theta.reshape(*leading, *shape_of(rule, rank))
        theta = theta if self._batched() else theta[0]
        given: dict[str, Any] = {self.names["theta"]: self._array(theta)}
        if "offset" in self.names:
            given[self.names["theta"]] = self._array(theta[:, :-1])
            given[self.names["offset"]] = self._array(theta[:, -1])
        sizes: dict[str, Any] = {"size": self.out, "size_xy": self.out[::-1]}
        sizes |= {"dsize": self.out[::-1], "shape": (batch, 2, *self.out)}
        sizes |= {"height": self.out[-2], "width": self.out[-1], "depth": self.out[0]}
        return given | {self.names[role]: v for role, v in sizes.items() if role in self.names}

    def _batched(self) -> bool:
        return "N" in self.rule.layout

    def _pull(self) -> Floats:
        """Maps (N, R + 1, R + 1) from output to input, x first, whose inverses are dyadic."""
        places, rank = self.probe.places, self.rank
        m = np.eye(rank + 1)
        in_pixels = self.function.op == "warp" and not (
            self.rule.unit == "normalized" and self.probe.single
        )
        unit = 1.0 if in_pixels else 0.25
        if places in ("inside", "outside", "raw"):
            m[:2, :2] = [[1.0, 0.5], [-1.0, 0.5]]
            m[:2, rank] = np.array([0.625, 2.125]) * unit
            m[2:rank, rank] = 0.375 * unit
        if places == "outside":
            m[:rank, :rank] *= 4
            m[0, rank], m[1, rank] = -14.625, 9.625
        if places == "raw":
            m[rank, :2] = [1 / 16, 1 / 32]
        if places == "ties":
            m[:rank, rank] = -1.5
        if places == "texels" and self.function.op == "warp":
            m[:rank, rank] = -1.0
        if places == "far":
            m[:rank, rank] = 30.375
        if places == "fine":
            m[:rank, :rank] *= 0.5
            m[:rank, rank] = 0.3 + 3 / 4096
        if places in WILD:
            m[0, rank] = WILD[places]
        several = np.tile(m, (self.probe.batch, 1, 1))
        several[1:, :rank, rank] += 0.5 * unit
        several[1:, 0, 0] += 1.0
        return several


def _fills(padding: Padding) -> bool:
    """Whether a padding has a fill."""
    read = [
        v
        for t in (padding.nan, padding.inf)
        for v in (t.values() if isinstance(t, Mapping) else (t,))
    ]
    return padding.mode == "zeros" or padding.gate is not None or "outside" in read


@np.errstate(all="ignore")
def _between(inner: Frame, m: Floats, outer: Frame) -> Floats:
    """Maps of coordinates from maps of pixels; a translation may be no number."""
    found: Floats = (
        np.linalg.inv(_matrix(inner)) @ np.nan_to_num(m, nan=0, posinf=0) @ _matrix(outer)
    )
    lost = np.where(np.isfinite(m), 0.0, m)
    return np.asarray(found + lost)


@np.errstate(all="ignore")
def _inverse(m: Floats) -> Floats:
    if not np.isfinite(m).all():
        return np.where(np.isfinite(m), m, -m)
    back = np.linalg.inv(m)
    return np.asarray(back / back[:, -1:, -1:], np.float64)


def _matrix(frame_of: Frame) -> Floats:
    m = np.diag([*frame_of.a, 1.0])
    m[:-1, -1] = frame_of.b
    return m
