"""The arguments of a system's function: its signature, and what they are to us."""

import inspect
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from .. import _check, _values
from .._check import Array
from .._hints import shown
from . import _layouts
from ._frames import Sizes
from ._maps import FORMS, fits, shape_of
from .row import REQUIRED, Argument, Function

POINTS = ("points", "points_x", "points_y", "points_z")
PRIMALS = ("x", *POINTS, "theta", "offset", "params")  # those that have a cotangent


def argument(value: str | Argument) -> Argument:
    """An argument as data; a word alone is a role without default."""
    return value if isinstance(value, Argument) else Argument(value)


def signature(function: Function, cotangent: str = "") -> inspect.Signature:
    """The signature of a function, or of its vjp: the cotangent of the result comes first."""
    kind, empty = inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.empty
    parameters = [inspect.Parameter(cotangent, kind)] if cotangent else []
    for name, value in function.arguments.items():
        default = argument(value).default
        default = empty if default is REQUIRED else default
        parameters.append(inspect.Parameter(name, kind, default=default))
    only = inspect.Parameter.KEYWORD_ONLY
    return inspect.Signature([*parameters, inspect.Parameter("faithful", only, default=True)])


class Arguments:
    """Values by role, checked as they are asked for; errors name the system's own argument."""

    def __init__(self, function: Function, given: Mapping[str, Any]) -> None:
        self.function, self.rule = function, function.convention
        self.faithful = _values.flag("faithful", given["faithful"])
        self.names, self.values = {}, dict(function.constants)
        for name, value in function.arguments.items():
            role, default = argument(value)
            if role == "only":
                self._only(name, given[name], default)
            else:
                self.names[role], self.values[role] = name, given[name]
        if "flags" in self.values:
            self._flags()
        if self.choice("transform", {"affine": False, "warp": True}):
            for table in (self.names, self.values):
                table["points"] = table.pop("theta")

    def has(self, role: str) -> bool:
        """Whether the function has an argument of a role, or a constant."""
        return role in self.values

    def image(self) -> Array:
        """The image (N, *, C); the convention is then that for its dtype and channels."""
        name, layouts = self.names["x"], self.rule.layout.split("|")
        rule, other = self.rule, self.function.otherwise
        ranks = tuple(dict.fromkeys((*rule.ranks, *(() if other is None else other.ranks))))
        shapes = " or ".join(f"({_axes(word, rank)})" for word in layouts for rank in ranks)
        x = _check.array(name, self.values["x"], f"of shape {shapes}")
        layout = next((w for w in layouts if _layouts.spatial(w, x.ndim) in ranks), None)
        if layout is None:
            raise ValueError(f"{name} has shape {x.shape}, expected {shapes}")
        found = _layouts.canonical(x, layout)
        rank = _layouts.spatial(layout, x.ndim)
        self.rule = rule = replace(rule, layout=layout)
        if other is not None and not (
            rank in rule.ranks
            and x.dtype.name in rule.dtypes
            and (not rule.channels or found.shape[-1] in rule.channels)
        ):
            self.rule = replace(other, layout=layout, direction=rule.direction)
        return found

    def points(self, rank: int) -> Array:
        """Points (N, *out, R), x first."""
        layout = self.rule.points
        parts = [role for role in POINTS[1:] if role in self.values]
        if parts:
            arrays = [self._plain(role) for role in parts]
            for role, a in zip(parts, arrays, strict=True):
                if a.shape != arrays[0].shape:
                    msg = f"{self.names[role]} has shape {a.shape}"
                    raise ValueError(f"{msg}, expected that of {self.names[parts[0]]}")
            given, name = np.stack(arrays, -1), self.names[parts[0]]
        else:
            given, name = self._plain("points"), self.names["points"]
        shapes = f"({_axes(layout, rank).replace('R', str(rank))})"
        if _layouts.spatial(layout, given.ndim) < 0 or given.ndim < len(layout) - 1:
            raise ValueError(f"{name} has shape {given.shape}, expected {shapes}")
        found = _layouts.canonical(given, layout)
        if found.shape[-1] != rank:
            raise ValueError(f"{name} has shape {given.shape}, expected {shapes}")
        return found if self.rule.order == "xy" else found[..., ::-1]

    def maps(self, rank: int) -> Array:
        """The parameters (N, numbers) of maps."""
        given, name = self._plain("theta"), self.names["theta"]
        batch = "N" in self.rule.layout
        if "offset" in self.values:
            given = self._shifted(given, name, rank)
        numbers = FORMS[self.rule.form](rank)
        leading = batch + batch * self.rule.several
        one = leading == 1 and fits(self.rule, rank, given.shape)  # a map for all images
        if not one and not fits(self.rule, rank, given.shape[leading:]):
            lead = "N, K, "[: 3 * leading]
            own = ", ".join(map(str, shape_of(self.rule, rank)))
            raise ValueError(f"{name} has shape {given.shape}, expected ({lead}{own})")
        count = 1 if one else int(np.prod(given.shape[:leading]))
        return given.reshape(count, numbers)

    def _shifted(self, given: Array, name: str, rank: int) -> Array:
        """A matrix (R, R + 1) of one of its shapes; only (R, R) and (R,) take the offset."""
        if given.shape in ((rank, rank + 1), (rank + 1, rank + 1)):
            if (given[rank:] != np.eye(rank + 1)[rank:][: len(given) - rank]).any():
                raise ValueError(f"{name} has the last row {given[-1]}, expected (0, ..., 0, 1)")
            return given[:rank]
        if given.shape == (rank,):
            given = np.diag(given)
        if given.shape != (rank, rank):
            raise ValueError(f"{name} has shape {given.shape}, expected {(rank, rank)}")
        offset = np.broadcast_to(np.asarray(self.values["offset"], given.dtype), rank)
        return np.concatenate([given, offset[:, None]], 1)

    def size(self, size: Sizes | None, rank: int | None) -> Sizes:
        """The size of the output, that of the input by default."""
        ranks = self.rule.ranks if rank is None else (rank,)
        if "height" in self.values:
            parts = {r: self.values[r] for r in ("depth", "height", "width") if r in self.values}
            return tuple(_values.integer(self.names[r], n, 0) for r, n in parts.items())
        for role in ("size", "size_xy", "shape"):
            if role in self.names:
                value, name = self.values[role], self.names[role]
                if value is None and size is not None:
                    return size
                if role == "shape" and np.ndim(value) == 1 and len(value) > 2:
                    value = tuple(value)[2:]
                found = _values.sizes(name, value, ranks=ranks)
                return found[::-1] if role == "size_xy" else found
        if size is None:
            raise TypeError(f"{self.function.name} has no size, expected one")
        return size

    def align(self) -> bool:
        """The option align_corners: None is False."""
        value = self.values.get("align")
        name = self.names.get("align", "align_corners")
        return value is not None and _values.align(value, name)

    def choice(self, role: str, allowed: Mapping[Any, Any]) -> Any:
        """What a name of a mode or padding means; the first one where there is no argument."""
        if role not in self.values:
            return next(iter(allowed.values()))
        value, name = self.values[role], self.names.get(role, role)
        if isinstance(value, str | int | None) and value in allowed:
            return allowed[value]
        raise ValueError(
            f"{name} is {shown(value)}, expected one of {', '.join(map(repr, allowed))}"
        )

    def number(self, role: str) -> float:
        """A number, 0 where there is no argument."""
        value = self.values.get(role)
        return 0.0 if value is None else _values.number(self.names.get(role, role), value)

    def cotangents(self, found: Mapping[str, Array]) -> Any:
        """The cotangents of the arguments in their order; of one alone, itself."""
        results = tuple(found[role] for role in self.names if role in PRIMALS)
        return results[0] if len(results) == 1 else results

    def _plain(self, role: str) -> Array:
        name, value = self.names[role], self.values[role]
        if role == "theta" and isinstance(value, tuple | list):
            value = np.array(value, np.float64)
        return _check.array(name, value, "of coordinates" if role in POINTS else "of maps")

    def _only(self, name: str, value: object, default: object) -> None:
        alike = value is default or (np.ndim(value) == 0 and value == default)  # type: ignore[arg-type]
        if not alike:
            msg = f"expected {default!r}: npstn has no other"
            raise ValueError(f"{name} is {shown(value)}, {msg}")

    def _flags(self) -> None:
        """Split OpenCV's flags: a mode, and 16 for a map from output to input."""
        flags = _values.integer(self.names["flags"], self.values["flags"], 0)
        self.names["mode"], self.values["mode"] = self.names["flags"], flags & ~16
        if flags & 16:
            self.rule = replace(self.rule, direction="pull")


def _axes(layout: str, rank: int) -> str:
    space = {2: "H, W", 3: "D, H, W"}[rank]
    return ", ".join(space if letter == "*" else letter for letter in layout)
