"""The arguments of a call: what they are to us, checked."""

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
from ._signature import POINTS, PRIMALS, SIZES, argument, ranks
from .row import Function


class Arguments:
    """Values by role, checked as they are asked for; errors name the system's own argument."""

    def __init__(self, function: Function, given: Mapping[str, Any], pulled: bool = False) -> None:
        self.function, self.rule = function, function.convention
        self.pulled = pulled  # whether for a cotangent, so that no output is made
        self.faithful = _values.flag("faithful", given["faithful"])
        self.names, self.values = {}, dict(function.constants)
        self.batch: int | None = None  # in the shape of the output, once that was asked for
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
        known = ranks(self.function)
        shapes = " or ".join(f"({_axes(word, rank)})" for word in layouts for rank in known)
        x = _check.array(name, self.values["x"], f"of shape {shapes}")
        layout = next((w for w in layouts if _layouts.spatial(w, x.ndim) in known), None)
        if layout is None:
            raise ValueError(f"{name} has shape {x.shape}, expected {shapes}")
        rank = _layouts.spatial(layout, x.ndim)
        if 0 in x.shape[layout.index("*") :][:rank]:
            raise ValueError(f"{name} has shape {x.shape}, expected a texel on each axis at least")
        found, other = _layouts.canonical(x, layout), self.function.otherwise
        self.rule = rule = replace(self.rule, layout=layout)
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
        flow = self.rule.unit == "flow"  # a displacement for each texel, so of as many axes
        spatial = _layouts.spatial(layout, given.ndim)
        known = spatial == rank if flow else spatial >= 0
        if not known or given.shape[layout.replace("*", "*" * spatial).index("R")] != rank:
            axes = _axes(layout, rank if flow else 0).replace("R", str(rank))
            raise ValueError(f"{name} has shape {given.shape}, expected ({axes})")
        found = _layouts.canonical(given, layout)
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
        if self.batch not in (None, count):
            where = f"{self.batch} as in {self.names['shape']}"
            raise ValueError(f"{name} has a batch of {count}, expected {where}")
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
        own, value = self.names["offset"], self.values["offset"]
        offset = _numbers(value)
        if offset is None or offset.shape not in ((), (rank,)):
            raise ValueError(f"{own} is {shown(value)}, expected a number or {rank} numbers")
        offset = np.broadcast_to(offset.astype(given.dtype), rank)
        return np.concatenate([given, offset[:, None]], 1)

    def size(self, size: Sizes | None, rank: int | None) -> Sizes:
        """The size of the output, that of the input by default."""
        ranks = self.rule.ranks if rank is None else (rank,)
        if "height" in self.values:
            parts = [r for r in ("depth", "height", "width") if r in self.values]
            found = tuple(_values.integer(self.names[r], self.values[r], 0) for r in parts)
            name = f"({', '.join(self.names[r] for r in parts)})"
            return _values.sizes(name, found, ranks=(len(parts),))
        role = next((r for r in SIZES if r in self.names), "")
        value = self.values.get(role)
        if value is None and size is not None:
            return size
        if role == "shape":
            return self._shape(value)
        name, order = self.names[role], "DWH" if role != "size" else "DHW"
        found = _values.sizes(name, value, ranks=ranks, order=order)
        if role == "dsize" and size is not None and 0 in found:
            return size
        return found if role == "size" else found[::-1]

    def _shape(self, value: object) -> Sizes:
        """The size in a whole shape; its N is kept for the maps."""
        name = self.names["shape"]
        values = _values.several(name, value)
        if len(values) - 2 not in self.rule.ranks:
            expected = " or ".join(f"(N, C, {_axes('*', rank)})" for rank in self.rule.ranks)
            raise ValueError(f"{name} is {shown(value)}, expected {expected}")
        self.batch = _values.integer(name, values[0], 0)
        return _values.sizes(name, values[2:], ranks=self.rule.ranks)

    def align(self) -> bool:
        """The option align_corners."""
        return self.flag("align")

    def flag(self, role: str) -> bool:
        """An option that is True or False; None is False, and so is one that there is not."""
        value = self.values.get(role)
        return value is not None and _values.align(value, self.names.get(role, role))

    def choice(self, role: str, allowed: Mapping[Any, Any]) -> Any:
        """What a name of a mode or padding means; the first one where there is no argument."""
        if role not in self.values:
            return next(iter(allowed.values()))
        value, name = self.values[role], self.names.get(role, role)
        if isinstance(value, np.integer):
            value = int(value)
        if isinstance(value, str | int | None) and value in allowed:
            return allowed[value]
        known = ", ".join(
            f"{own!r} ({ours})" if isinstance(ours, str) and own != ours else repr(own)
            for own, ours in allowed.items()
        )
        raise ValueError(f"{name} is {shown(value)}, expected one of {known}")

    def fills(self, channels: int) -> tuple[float, ...]:
        """The fill of each channel, or one of all; none is 0."""
        role = "scalar" if "scalar" in self.values else "fill"
        name, value = self.names.get(role, role), self.values.get(role)
        if isinstance(value, np.ndarray) and not value.ndim:
            value = value[()]
        values = value if isinstance(value, tuple | list | np.ndarray) else (value,)
        found = tuple(0.0 if v is None else _values.number(name, v) for v in values)
        if role == "scalar" and 0 < len(found) <= 4:  # of four channels, and again of the next
            four = (*found, 0.0, 0.0, 0.0)[:4]
            return tuple(four[c % 4] for c in range(channels))
        if len(found) not in (1, channels):
            numbers = "1 to 4 numbers" if role == "scalar" else f"a number, or {channels}"
            raise ValueError(f"{name} is {shown(value)}, expected {numbers}")
        return found

    def cotangents(self, found: Mapping[str, Array]) -> Any:
        """The cotangents of the arguments in their order; of one alone, itself."""
        results = tuple(found[role] for role in self.names if role in PRIMALS)
        return results[0] if len(results) == 1 else results

    def _plain(self, role: str) -> Array:
        name, value = self.names[role], self.values[role]
        listed = isinstance(value, tuple | list)
        whole = isinstance(value, np.ndarray) and value.dtype.kind in "iu"
        by_axis = role == "points" and self.rule.points.startswith("R")
        if (role == "theta" and listed) or (by_axis and (listed or whole)):
            value = self._floats(name, value)
        return _check.array(name, value, "of coordinates" if role in POINTS else "of maps")

    @staticmethod
    def _floats(name: str, value: object) -> Array:
        """Lists and integers as arrays of floats."""
        found = _numbers(value)
        if found is None:
            raise ValueError(f"{name} is {shown(value)}, expected an array of numbers")
        return found if found.dtype.name in ("float32", "float64") else found.astype(np.float64)

    def _only(self, name: str, value: object, default: object) -> None:
        try:
            alike = value is default or (not getattr(value, "ndim", 0) and bool(value == default))
        except ValueError:  # the truth of an array
            alike = False
        if not alike:
            raise ValueError(f"{name} is {shown(value)}, expected {default!r}: npstn has no other")

    def _flags(self) -> None:
        """Split OpenCV's flags: a mode, and 16 for a map from output to input."""
        flags = _values.integer(self.names["flags"], self.values["flags"], 0)
        self.names["mode"], self.values["mode"] = self.names["flags"], flags & ~16
        if flags & 16:
            self.rule = replace(self.rule, direction="pull")


def _numbers(value: object) -> Array | None:
    """What is an array of numbers, or can be one."""
    try:
        found = np.asarray(value)
    except ValueError:  # ragged
        return None
    return found if found.dtype.kind in "fiu" else None


def _axes(layout: str, rank: int) -> str:
    space = {0: "...", 2: "H, W", 3: "D, H, W"}[rank]
    return ", ".join(space if letter == "*" else letter for letter in layout)
