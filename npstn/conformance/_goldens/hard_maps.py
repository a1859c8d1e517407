"""The tier "hard", of maps: the identity, flips, sizes of one, maps that nearly cancel."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np

from ...oracle import exact
from . import lattice, truth
from .golden import Array, Expected, Golden
from .hard import KINK
from .recipe import DTYPES, Call, Choice, Dims, Recipe, choices, numbers_of, ordered

MODULE, GRID = "spatial_transformer_network", "affine_grid"
SIZES = {2: (3, 4), 3: (2, 3, 4)}
ABOUT = {
    "identity": "the identity: each point on a texel, where derivatives jump; and its mirror image",
    "several": "three maps of each image",
    "ties": "less than a rounding beside ties, where another texel is the nearest",
    "single": "an output of one point on some axes",
    "cancel": "maps whose terms nearly cancel",
    "scale": "maps whose numbers are far apart in size",
    "wild": "maps that are not finite: what IEEE arithmetic makes of them",
    "wide": "a wide image, from left to right, and from right to left",
    "high": "a high image, from top to bottom, and from bottom to top",
    "deep": "a deep volume, from front to back, and from back to front",
}
SHAPES: dict[str, tuple[Dims, Dims]] = {
    "wide": ((3, 513), (2, 70)),
    "high": ((257, 5), (18, 6)),
    "deep": ((65, 2, 3), (10, 2, 3)),
}
OPS = {
    MODULE: ("several", "single", "cancel"),
    GRID: ("single", "cancel", "wild"),
}


def recipes(small: bool) -> Iterator[Recipe]:
    """All cases; of a small set, those of one dtype each."""
    dtypes = ("",) if small else DTYPES
    for choice in choices(dtypes, ("aligned", "unaligned")):
        plain = (choice.mode, choice.padding) == ("bilinear", "zeros")
        if choice.mode == "bilinear":
            yield _recipe("identity", MODULE, choice)
        if choice.mode == "nearest" and choice.rank == 2:
            yield _recipe("ties", MODULE, choice)
        double = choice._replace(dtype="float64")  # float32 has not the numbers of "scale"
        if choice.mode == "bilinear" and (small or choice == double):
            yield from (_recipe("scale", op, double) for op in OPS if plain or op == MODULE)
        if plain:
            for op, kinds in OPS.items():
                yield from (_recipe(kind, op, choice) for kind in kinds)
            for kind, (size, _) in SHAPES.items():
                if len(size) == choice.rank:
                    yield _recipe(kind, MODULE, choice)


def _recipe(kind: str, op: str, choice: Choice) -> Recipe:
    options = choice if op == MODULE else f"{choice.rank}d-{choice.unit}-{choice.dtype}"
    name = f"hard-{kind}-{op}-{options}"
    return Recipe(name, "hard", partial(golden, name, kind, op, choice))


def golden(name: str, kind: str, op: str, choice: Choice) -> Golden:
    """A golden of a map of some kind."""
    numbers, rank = numbers_of(name), choice.rank
    size = lattice.SIZES[rank, choice.unit] if kind == "ties" else SIZES[rank]
    shapes = dict.fromkeys(("identity", "ties"), (size, size))
    shapes |= {"single": (size, (1,) * (rank - 1) + (3,)), "wild": (size, (3,) * rank)} | SHAPES
    size, out = shapes.get(kind, (size, (2, 3, 2)[-rank:]))
    lead = {"several": (2, 3), "scale": (2, 3) if op == MODULE else (6,), "wild": (4,)}.get(
        kind, (2,)
    )
    theta = numbers.uniform((*lead, rank, rank + 1), -1.1, 1.1)
    if kind == "identity":
        theta[:] = np.eye(rank, rank + 1)
        theta[1, 0, 0] = -1.0
    if kind == "ties":
        theta = np.sign(theta) * 2.0 ** numbers.choice([-56, -80, -110], theta.shape)
        theta[..., :-1] += np.eye(rank)
        theta[..., -1] = 0.5 / choice.frame(size)[0]
    if kind == "cancel":
        theta[..., -1] = -theta[..., :-1].sum(-1)  # nothing is left at the last corner
    if kind == "scale":
        theta *= 2.0 ** numbers.choice([-1000, -500, 0, 0, 0, 0, 720, 1000], theta.shape)
    if kind == "wild":
        theta[0, 0, 0], theta[1, 1, 1], theta[2, 0, -1] = np.nan, np.inf, -np.inf
        theta[3, 1, 0], theta[3, 1, -1] = np.inf, -np.inf
        theta[0, 1, 0], theta[2, 1, -2] = np.inf, np.inf  # times the 0 in the middle
    if kind in SHAPES:
        theta = 0.95 * np.eye(rank, rank + 1) + 0.02 * theta
        theta[1] *= -1.0
    channels = 2 if rank == 2 and kind not in SHAPES else 1
    arrays: dict[str, Array] = {"theta": theta}
    if op == MODULE:
        x = numbers.uniform((2, *size, channels), -4.0, 4.0)
        arrays = {"x": x, "theta": theta}
        arrays["d_out"] = numbers.uniform((*lead, *out, channels), -4.0, 4.0)
    else:
        arrays["d_grid"] = numbers.uniform((*lead, *out, rank), -4.0, 4.0)
    arrays = {k: v.astype(choice.dtype) for k, v in arrays.items()}
    options = choice.options if op == MODULE else {"align_corners": choice.aligned}
    call = Call(op, arrays, options, out)
    names = ("out", "d_x", "d_theta") if op == MODULE else ("grid", "d_theta")
    results = _wild(call) if kind == "wild" else call.answers("rational", names)
    clauses = ["R5" if choice.aligned else "R6", "R7", "R8", "R35", "R36"]
    if kind == "identity":
        results["d_theta"] = _between(call, results["d_theta"])
        clauses += ["R32"]
    if op == MODULE:
        clauses += choice.clauses(op, names)
    clauses += {"ties": ["R11"], "wild": ["R21", "R22"]}.get(kind, [])
    about, sizes = ABOUT[kind], {"out_dims": out}
    return Golden(name, "hard", op, ordered(clauses), about, options, sizes, arrays, results)


def _wild(call: Call) -> dict[str, Expected]:
    """Answers for maps of which some rows are not finite; d_theta does not depend on them."""
    theta = call.arrays["theta"]
    lost: Array = np.asarray(~np.isfinite(theta).all(-1))
    arrays = {**call.arrays, "theta": np.where(lost[..., None], 0, theta)}
    found = call._replace(arrays=arrays).answers("rational", ("grid", "d_theta"))
    base = _lattice(call.dims, call.options["align_corners"]).astype(np.float64)
    lead = len(theta), *(1,) * len(call.dims)
    with np.errstate(invalid="ignore"):
        ieee = (theta.reshape(*lead, *theta.shape[1:]) * base[..., None, :]).sum(-1)
    where, grid = lost.reshape(*lead, -1), found["grid"]
    value = np.where(where, ieee, grid.value)
    exact = value if grid.exact is None else np.where(where, ieee, grid.exact)
    return {**found, "grid": replace(grid, value=value, exact=exact)}


def _between(call: Call, found: Expected) -> Expected:
    """Accept all sums of what d_grid may be at each point."""
    options: dict[str, Any] = dict(call.options)
    align, theta, out = options["align_corners"], call.arrays["theta"], call.dims
    grid = exact.affine_grid(theta, out, align_corners=align)
    low, high = truth.hull({**call.arrays, "grid": grid}, options, KINK)
    base = _lattice(out, align)
    axes = tuple(range(1, 1 + len(out)))
    ends = [side[..., None] * base[..., None, :] for side in (low, high)]
    sums = [f(*ends).sum(axis=axes).astype(np.float64) for f in (np.minimum, np.maximum)]
    return replace(found, low=sums[0], high=sums[1])


def _lattice(out: Dims, align: bool) -> Array:
    """The exact points (x, y, 1) of the output."""
    rank = len(out)
    unit = np.eye(rank, rank + 1).astype(int)[None]
    base = exact.affine_grid(unit, out, align_corners=align)[0]
    return np.concatenate([base, base[..., :1] * 0 + Fraction(1)], -1)
