"""Calls of a running program, judged where they differ most from npstn.

npstn's own samplers say where to look, in all numbers of a call; what is found there is judged
against exact answers, in a call of few points.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..._arithmetic import ieee
from ...dialects.row import Function
from ...grid import Floats
from ...operator import coverage, sampling_matrix
from .._ledger import Index, Ledger
from .._precision import UNITS
from ..answers import answers
from ..case import Case

Array = NDArray[Any]
FEW = 16  # points, or texels, that are judged
POINTS = 4096  # that one texel may be read by, if it is judged
TEXELS = 2**20  # numbers of an image, and of a grid that a map makes, if they are judged


class Call(NamedTuple):
    """Arguments of a function of a dialect by name, and the precision that computed it."""

    function: Function
    given: dict[str, Any]
    dtype: str
    first: int = 0  # the number of its first image, in the whole call

    @property
    def size(self) -> tuple[int, ...]:
        """The size of the images that are sampled."""
        return tuple(self.given["input"].shape[2:])

    @property
    def options(self) -> dict[str, Any]:
        """How they are sampled, by the names of coverage and sampling_matrix."""
        return {k: self.given[k] for k in ("mode", "padding_mode", "align_corners")}

    def part(self, **arrays: Any) -> "Call":
        """Make a call of other arrays, with the same options."""
        return self._replace(given={**self.given, **arrays})


@ieee
def judge_out(ledger: Ledger, call: Call, out: Array, right: Array) -> list[str]:
    """Judge a result where it is farthest from npstn's; or say why it is not judged."""
    n, c, *_ = _worst(out, right)
    image = call.first + n
    if call.function.op == "grid":
        if out[0].size > TEXELS:
            return [_large("out", "a grid", out[0])]
        one = call.part(**_one_map(call, n))
        # The lattice may be off by some roundings of 1, PyTorch's is near 0.
        floor = 4 * UNITS[call.dtype] * float(abs(one.given["theta"]).sum(-1).max())
        _judge(ledger, one, "out", out[n : n + 1], None, lambda at: (image, *at[1:]), floor=floor)
        return []
    x, grid = call.given["input"], call.given["grid"]
    if x[0, 0].size > TEXELS:
        return [_large("out", "a channel", x[0, 0])]
    points = _chosen(call, n, abs(_gap(out[n, c], right[n, c])).reshape(-1))
    some = call.part(input=x[n : n + 1, c : c + 1], grid=_row(grid[n], points))
    where = np.unravel_index(points, out.shape[2:])
    found = _channels(out[n, c : c + 1], points)
    _judge(
        ledger,
        some,
        "out",
        found,
        None,
        lambda at: (image, c, *(int(w[at[-1]]) for w in where)),
    )
    return []


@ieee
def judge_pulled(
    ledger: Ledger, call: Call, d_out: Array, got: dict[str, Array], right: dict[str, Array]
) -> list[str]:
    """Judge cotangents where they are farthest from npstn's; or say why some are not judged."""
    ways = {"theta": _judge_theta, "grid": _judge_points, "input": _judge_texel}
    reasons = [ways[name](ledger, call, d_out, got[name], right[name]) for name in got]
    return [reason for reason in reasons if reason]


def _judge_theta(ledger: Ledger, call: Call, d_out: Array, got: Array, right: Array) -> str:
    n, *_ = _worst(got, right)
    image = call.first + n
    if d_out[0].size > TEXELS:
        return _large("d_theta", "a grid", d_out[0])
    one, mine = call.part(**_one_map(call, n)), slice(n, n + 1)
    _judge(ledger, one, "d_theta", got[mine], d_out[mine], lambda at: (image, *at[1:]))
    return ""


def _judge_points(ledger: Ledger, call: Call, d_out: Array, got: Array, right: Array) -> str:
    x, grid = call.given["input"], call.given["grid"]
    if x[0].size > TEXELS:
        return _large("d_grid", "an image", x[0])
    n, *_ = _worst(got, right)
    image = call.first + n
    points = _chosen(call, n, abs(_gap(got[n], right[n])).max(-1).reshape(-1))
    some = call.part(input=x[n : n + 1], grid=_row(grid[n], points))
    place = np.unravel_index(points, grid.shape[1:-1])
    d, found = _channels(d_out[n], points), _row(got[n], points)

    def index(at: Index) -> Index:
        return image, *(int(w[at[-2]]) for w in place), at[-1]

    _judge(ledger, some, "d_grid", found, d, index)
    return ""


def _judge_texel(ledger: Ledger, call: Call, d_out: Array, got: Array, right: Array) -> str:
    x, grid = call.given["input"], call.given["grid"]
    n, c, *texel = _worst(got, right)
    image, where = call.first + n, (0, 0, *texel)
    points = _readers(call, n, tuple(texel))
    if x[0, 0].size > TEXELS:
        return _large("d_input", "a channel", x[0, 0])
    if len(points) > POINTS:
        return f"d_input: {len(points)} points read a texel, more than {POINTS}"
    if len(points) == 0:
        return ""
    some = call.part(input=x[n : n + 1, c : c + 1], grid=_row(grid[n], points))
    found = np.full(some.given["input"].shape, np.nan)
    found[where] = got[(n, c, *texel)]
    d = _channels(d_out[n, c : c + 1], points)
    _judge(ledger, some, "d_input", found, d, lambda at: (image, c, *at[2:]), only=where)
    return ""


def _large(name: str, what: str, a: Array) -> str:
    return f"{name}: {what} of {a.size} numbers, more than {TEXELS}"


def _judge(
    ledger: Ledger,
    call: Call,
    name: str,
    found: Array,
    d: Array | None,
    index: Callable[[Index], Index],
    *,
    only: Index | None = None,
    floor: float = 0.0,
) -> None:
    """Judge a result of a small call, or one number of it."""
    function = call.function
    given: dict[str, Any] = {
        k: v.copy() if isinstance(v, np.ndarray) else v for k, v in call.given.items()
    }
    right = answers(function, given, d, unit=UNITS[call.dtype])
    size = given["input"].shape[2:] if "input" in given else tuple(given["size"][2:])
    out = given["grid"].shape[1:-1] if "grid" in given else size
    padding = given.get("padding_mode")
    none = np.zeros(0)
    case = Case(
        function,
        "audit",
        call.dtype,
        given.get("mode", "bilinear"),
        padding,
        given["align_corners"],
        size,
        out,
        given,
        right.points,
        none if d is None else d,
        "torch",
    )
    if name not in right.results:  # of points that are not finite
        return
    if only is not None:  # all other numbers count as right
        exact = right.results[name].value.astype(np.float64)
        exact[only] = found[only]
        found = exact
    ledger.judge(case, name, found, right, index, floor)


def _gap(a: Array, b: Array) -> Floats:
    """Differences; infinite where only one is not a number."""
    with np.errstate(all="ignore"):
        found = np.subtract(a, b, dtype=np.float64)
        same = (a == b) | (np.isnan(a) & np.isnan(b))
    return np.where(same, 0.0, np.where(np.isnan(found), np.inf, found))


def _worst(a: Array, b: Array) -> Index:
    gap = abs(_gap(a, b))
    return tuple(map(int, np.unravel_index(int(np.argmax(gap)), gap.shape)))


def _chosen(call: Call, n: int, gap: Floats) -> NDArray[np.intp]:
    """The points of an image that differ most, and those of them that are no kinks."""
    grid = call.given["grid"][n : n + 1]
    kinks = coverage(grid, call.size, **call.options).kinks.reshape(-1)
    chosen = [np.argsort(-gap, kind="stable")[:FEW]]
    smooth = np.flatnonzero(~kinks)
    if kinks[chosen[0]].any() and len(smooth):
        chosen.append(smooth[np.argsort(-gap[smooth], kind="stable")[:FEW]])
    return np.unique(np.concatenate(chosen))


def _row(a: Array, points: NDArray[np.intp]) -> Array:
    """Some points of an array (*out, C) as one row (1, 1.., points, C)."""
    rank = a.ndim - 1
    return a.reshape(-1, a.shape[-1])[points].reshape(*(1,) * rank, len(points), a.shape[-1])


def _channels(a: Array, points: NDArray[np.intp]) -> Array:
    """Some points of an array (C, *out) as one row (1, C, 1.., points)."""
    return np.moveaxis(_row(np.moveaxis(a, 0, -1), points), -1, 1)


def _readers(call: Call, n: int, texel: tuple[int, ...]) -> NDArray[np.intp]:
    """The points that read a texel, or one beside it."""
    grid, size = call.given["grid"][n : n + 1], call.size
    if grid.size <= POINTS:
        return np.arange(grid.size // grid.shape[-1])
    matrix = sampling_matrix(grid, size, **call.options).tocsc()
    ranges = [np.arange(max(i - 1, 0), i + 2) for i in texel]
    around = np.ix_(*(r[r < s] for r, s in zip(ranges, size, strict=True)))
    columns = np.ravel_multi_index(around, size).reshape(-1)
    return np.unique(matrix[:, columns].indices)


def _one_map(call: Call, n: int) -> dict[str, Any]:
    return {"theta": call.given["theta"][n : n + 1], "size": (1, *call.given["size"][1:])}
