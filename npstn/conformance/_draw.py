"""Cases drawn from the convention of a function: images, points or maps of one kind, all options.

Numbers are those of :class:`._numbers.Numbers`, so that a case is the same everywhere. Points are
drawn in pixels and put into the units of the system.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np

from ..dialects._arguments import argument
from ..dialects._frames import Sizes, frame
from ..dialects._layouts import original
from ..dialects._maps import shape_of
from ..dialects.row import Convention, Function
from ..grid import Floats
from . import _ops
from ._numbers import Numbers
from ._precision import rounded

WILD = ("nan", "inf", "huge")
SPECIAL: dict[str, list[float]] = {
    "nan": [np.nan],
    "inf": [np.inf, -np.inf],
    "huge": [1e10, -1e10, 3e18, 1e30, -1e30],
}


@dataclass(frozen=True)
class Case:
    """Arguments of a call, and what it is about."""

    function: Function
    kind: str
    dtype: str
    mode: str  # npstn's
    padding: Any  # the system's own name
    align: bool | None
    size: Sizes
    out: Sizes
    given: dict[str, Any]  # by the system's own names
    points: Floats | None  # in pixels, x first, (N, *out, R); None for maps
    d_out: Floats

    def __str__(self) -> str:
        align = "" if self.align is None else f"-align={self.align}"
        padding = "" if self.padding is None else f"-{self.padding}"
        sizes = "x".join(map(str, self.size))
        return f"{self.kind}-{self.dtype}-{self.mode}{padding}{align}-{sizes}"

    @property
    def label(self) -> str:
        """The options in words."""
        words = [self.mode, *([] if self.padding is None else [str(self.padding)])]
        if "align" in roles_of(self.function):
            words.append("aligned" if self.align else "not aligned")
        return " ".join([*words, f"{len(self.size)}-D"])

    @property
    def positional(self) -> tuple[Any, ...]:
        """Arrays and sizes, as a backend is given them."""
        names = _ops.positional(self.function)
        return tuple(value for name, value in self.given.items() if name in names)

    @property
    def options(self) -> dict[str, Any]:
        """All other arguments, as keywords."""
        names = _ops.options(self.function)
        return {name: value for name, value in self.given.items() if name in names}

    @property
    def arrays(self) -> tuple[str, ...]:
        """Names of the arrays, each of which has a cotangent."""
        return tuple(name for name in _ops.arrays(self.function) if name in self.given)


def draw(
    function: Function,
    kinds: tuple[str, ...],
    dtypes: tuple[str, ...] = (),
    channels: int = 2,
    fixed: Mapping[str, Any] | None = None,
) -> Iterator[Case]:
    """Draw a case of each kind and dtype under each choice of options and in each rank.

    ``fixed`` has arguments with one value. Without dtypes they are those of the convention.
    """
    rules = [function.convention, *filter(None, [function.otherwise])]
    wanted = dtypes or tuple(dict.fromkeys(d for rule in rules for d in rule.dtypes))
    numbers = Numbers(14)
    for rule in rules:
        rule = replace(rule, layout=rule.layout.split("|")[0])
        ours = replace(function, convention=rule)
        for rank, dtype, kind in product(rule.ranks, wanted, kinds):
            for choice in choices(ours, kind):
                yield _Maker(ours, kind, dtype, rank, choice, numbers, channels).case(fixed or {})


class Choice:
    """One choice of all options."""

    def __init__(self, mode: Any, padding: Any, align: bool | None, gate: Any) -> None:
        self.mode, self.padding, self.align, self.gate = mode, padding, align, gate


def choices(function: Function, kind: str) -> Iterator[Choice]:
    """All choices of options that a kind of case is about."""
    rule, roles = function.convention, roles_of(function)
    if function.op != "sample" and kind in (*WILD, "edges", "leak"):
        return
    modes = list(rule.modes) if {"mode", "flags"} & set(roles) else [next(iter(rule.modes))]
    paddings = list(rule.paddings) if "padding" in roles else [next(iter(rule.paddings))]
    gates = list(rule.gates) if "gate" in roles else [None]
    aligns = [True, False] if "align" in roles else [function.constants.get("align")]
    for mode, padding, align, gate in product(modes, paddings, aligns, gates):
        if kind == "ties" and rule.modes[mode] != "nearest":
            continue
        if rule.through == "align" and align is False and kind in ("lattice", "kinks", "ties"):
            continue  # p S/(S - 1) - 1/2: no float is exactly there
        if kind != "random" and (mode in _again(rule.modes) or padding in _again(rule.paddings)):
            continue
        yield Choice(mode, padding, align, gate)


def roles_of(function: Function) -> dict[str, str]:
    """Names of arguments by role."""
    return {argument(v).role: name for name, v in function.arguments.items()}


def _again(names: Mapping[Any, Any]) -> list[Any]:
    """The names that mean what an earlier one means."""
    meanings = list(names.values())
    return [name for k, name in enumerate(names) if meanings[k] in meanings[:k]]


class _Maker:
    """One case."""

    def __init__(
        self,
        function: Function,
        kind: str,
        dtype: str,
        rank: int,
        choice: Choice,
        numbers: Numbers,
        channels: int,
    ) -> None:
        self.function, self.kind, self.dtype, self.rank = function, kind, dtype, rank
        self.choice, self.numbers = choice, numbers
        rule = self.rule = function.convention
        self.roles = roles_of(function)
        align = choice.align is None or bool(choice.align)
        aligned = align if rule.shrink is None else rule.shrink
        self.size = sizes(kind, rank, aligned)
        self.batch = 2 if "N" in rule.layout else 1
        self.count = channels if "C" in rule.layout else 1

    def case(self, fixed: Mapping[str, Any]) -> Case:
        """Make it."""
        made = self._sampled() if self.function.op == "sample" else self._mapped()
        chosen = {"mode": self.choice.mode, "flags": self.choice.mode}
        chosen |= {"padding": self.choice.padding, "align": self.choice.align}
        chosen |= {"gate": self.choice.gate, "transform": "affine"}
        given, out, points, d_out = made
        given |= {self.roles[r]: v for r, v in chosen.items() if r in self.roles}
        given |= fixed
        for name, value in given.items():
            if isinstance(value, np.ndarray):
                given[name] = frozen(rounded(value, self.dtype))
        return Case(
            self.function,
            self.kind,
            self.dtype,
            self.rule.modes[self.choice.mode],
            self.choice.padding if "padding" in self.roles else None,
            self.choice.align,
            self.size,
            out,
            {name: given[name] for name in self.function.arguments if name in given},
            points,
            frozen(rounded(d_out, self.dtype)),
        )

    def _image(self, shape: Sizes) -> Floats:
        if self.kind in ("random", "wide"):
            return self.numbers.uniform(shape, -4.0, 4.0)
        found = self.numbers.integers(shape, -3, 3)
        if self.kind == "leak":
            found[(slice(None), *(n // 2 for n in shape[1:-1]))] = np.inf
        return found

    def _sampled(self) -> tuple[dict[str, Any], Sizes, Floats | None, Floats]:
        rule, roles, size = self.rule, self.roles, self.size
        out = (3, 4, 6)[-self.rank :] if rule.unit != "flow" else size
        batch = self.batch
        if self.kind == "empty":
            batch, out = (0, out) if "N" in rule.layout else (1, (*out[:-1], 0))
        x = self._image((batch, *size, self.count))
        p = self._pixels((batch, *out))
        a, b = frame(rule, size if rule.unit != "flow" else out, bool(self.choice.align))
        with np.errstate(all="ignore"):
            g = np.where(a != 0, (p - b) / a, p)
        if self.kind == "edges":  # a unit in the last place to the left and to the right
            kind = np.dtype("float32" if self.dtype == "bfloat16" else self.dtype)
            ways = np.where(self.numbers.integers(g.shape, 0, 1) > 0, np.inf, -np.inf)
            g = np.nextafter(g.astype(kind), ways.astype(kind)).astype(np.float64)
        g = g if rule.order == "xy" else g[..., ::-1]
        given = {roles["x"]: original(x, rule.layout)}
        if "points" in roles:
            given[roles["points"]] = original(g, rule.points)
        else:
            word = rule.points.replace("R", "")
            for k, role in enumerate(("points_x", "points_y", "points_z")[: self.rank]):
                given[roles[role]] = original(g[..., [k]], word)
        d_out = original(self._cotangent((batch, *out, self.count)), rule.layout)
        return given, out, p, d_out

    def _cotangent(self, shape: Sizes) -> Floats:
        if self.kind in ("random", "wide"):
            return self.numbers.uniform(shape, -4.0, 4.0)
        return self.numbers.integers(shape, -3, 3)

    def _pixels(self, shape: Sizes) -> Floats:
        """Points in pixels (*shape, R), x first, in and around the image."""
        numbers, kind, axes = self.numbers, self.kind, []
        for n in reversed(self.size):
            if kind in ("random", "single", "wide"):
                axes.append(numbers.uniform(shape, -0.8 * n - 1, 1.8 * n + 1))
            elif kind == "kinks":
                axes.append(numbers.integers(shape, -n, 2 * n))
            elif kind in ("ties", "edges"):
                axes.append(numbers.integers(shape, -2 * n, 4 * n) / 2)
            elif kind == "outside":
                axes.append(numbers.integers(shape, -20 * n, 20 * n) + 0.25)
            else:
                axes.append(numbers.integers(shape, -4 * n, 8 * n) / 4)
        p = np.stack(axes, -1)
        if kind in SPECIAL:
            chosen = numbers.choice([*SPECIAL[kind], 0.25, 1.5], shape)
            at = numbers.integers(shape, 0, self.rank - 1)
            for k in range(self.rank):
                p[..., k] = np.where(at == k, chosen, p[..., k])
        return p

    def _mapped(self) -> tuple[dict[str, Any], Sizes, Floats | None, Floats]:
        rule, roles, rank, size = self.rule, self.roles, self.rank, self.size
        sized = set(_ops.SIZES) & set(roles)
        out = (3, 4, 6)[-rank:] if sized else size
        if self.kind in ("lattice", "kinks") and sized:
            out = size
        batch = self.batch
        if self.kind == "empty":
            batch, out = (0, out) if "N" in rule.layout else (1, (*out[:-1], 0))
        m = own_maps(rule, self._matrices(batch))
        lead = (batch, 1) if rule.several else (batch,)
        theta = m.reshape(*lead, *shape_of(rule, rank))
        theta = theta if "N" in rule.layout else theta[0]
        given: dict[str, Any] = {roles["theta"]: theta}
        if "offset" in roles:
            given = {roles["theta"]: theta[:, :-1], roles["offset"]: theta[:, -1]}
        values: dict[str, Any] = {"size": out, "size_xy": out[::-1], "dsize": out[::-1]}
        values |= {"shape": (batch, 1, *out), "height": out[-2], "width": out[-1], "depth": out[0]}
        given |= {roles[role]: value for role, value in values.items() if role in roles}
        if self.function.op == "grid":
            d_out = original(self._cotangent((batch, *out, rank)), rule.points)
        else:
            given[roles["x"]] = original(self._image((batch, *size, self.count)), rule.layout)
            d_out = original(self._cotangent((batch, *out, self.count)), rule.layout)
        return given, out, None, d_out

    def _matrices(self, batch: int) -> Floats:
        """Maps (N, R + 1, R + 1) from output to input, x first."""
        rank, rule, numbers = self.rank, self.rule, self.numbers
        m = np.tile(np.eye(rank + 1), (batch, 1, 1))
        if self.kind in ("lattice", "kinks", "ties"):
            step = 1.0 if self.kind == "kinks" else 0.5
            moved = step * numbers.integers((batch, rank), -3, 3)
            m[:, :-1, -1] = moved * 0.25 if rule.unit == "normalized" else moved
        elif self.kind not in ("single", "empty"):
            m += 0.3 * numbers.uniform(m.shape)
            m[:, -1] = np.eye(rank + 1)[-1]
            if rule.form not in ("affine", "square"):
                scale = 0.1 if rule.unit == "normalized" else 0.01
                m[:, -1, :-1] = scale * numbers.uniform((batch, rank))
            if self.kind == "outside":
                m[:, :-1, -1] += 40.0
        return m


def sizes(kind: str, rank: int, aligned: float) -> Sizes:
    """Sizes whose texels a normalised float holds: powers of two, and what is taken from S."""
    if kind == "single":
        return (1, 5, 4)[-rank:] if rank == 3 else (1, 5)
    if kind == "random":
        return (4, 5, 7)[-rank:]
    if kind == "wide":
        return (2, 3, 512)[-rank:]
    return tuple(n + int(aligned) for n in (2, 8, 4)[-rank:])


def own_maps(rule: Convention, m: Floats) -> Floats:
    """Parameters (N, numbers) in a system's form of pull matrices (N, R + 1, R + 1), x first."""
    n = m.shape[1]
    if rule.direction == "push":
        m = np.linalg.inv(m)
        m = m / m[:, -1:, -1:]
    if rule.order == "ij":
        turn = [*range(n - 2, -1, -1), n - 1]
        m = m[:, turn][:, :, turn]
    flat = m.reshape(len(m), -1)
    whole = {"eight": flat[:, :-1], "homogeneous": flat, "square": flat}
    return flat[:, :-n] if rule.form == "affine" else whole[rule.form]


def frozen(a: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
    """A read-only copy, in the same order and byte order."""
    a = a.copy(order="K")
    a.flags.writeable = False
    return a
