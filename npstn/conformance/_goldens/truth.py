"""Exact answers of an operation, from the oracle in rational arithmetic alone."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np

from ...contract import SLACK, bound
from ...oracle import exact
from ...oracle.exact import Term
from .golden import Array, Call, Expected, fractions

CALLS: dict[str, Call] = {"out": "fn", "grid": "fn", "t_out": "jvp"}
CALLS |= dict.fromkeys(("d_x", "d_grid", "d_theta"), "vjp")
CALLS |= dict.fromkeys(("dd_out", "dd_x", "dd_grid", "dd_theta"), "vjp_vjp")
Dims = tuple[int, ...]


def terms(
    op: str,
    given: Mapping[str, Array],
    options: Mapping[str, Any],
    dims: Dims,
    names: Iterable[str],
) -> dict[str, Term]:
    """Compute exact values, magnitudes and numbers of terms of some results."""
    if op == "affine_grid":
        return _affine(given, options, dims)
    points = "grid" if op == "grid_sample" else "theta"
    sizes = () if op == "grid_sample" else (dims,)
    function, calls = getattr(exact, op), {CALLS[name] for name in names}
    x, at = given["x"], given[points]
    d_out = given["d_out"] if "vjp" in calls else None
    first = function(x, at, *sizes, d_out, **options)
    found = dict(zip(("out", "d_x", f"d_{points}"), first, strict=True))
    if "jvp" in calls:
        tangents = given["t_x"], given[f"t_{points}"]
        found["t_out"] = getattr(exact, f"{op}_jvp")(x, at, *sizes, *tangents, **options)
    if "vjp_vjp" in calls:
        tangents = given["t_x"], given[f"t_{points}"]
        second = getattr(exact, f"{op}_vjp_vjp")(*tangents, given["d_out"], x, at, **options)
        found |= zip(("dd_out", "dd_x", f"dd_{points}"), second, strict=True)
    return {name: found[name] for name in names}


def _affine(given: Mapping[str, Array], options: Mapping[str, Any], dims: Dims) -> dict[str, Term]:
    theta, rank = given["theta"], len(dims)
    grid = exact.affine_grid(theta, dims, **options)
    whole = np.zeros((1, rank, rank + 1), int)
    whole[0, :, :-1] = np.eye(rank, dtype=int)
    base = abs(exact.affine_grid(whole, dims, **options)[0])
    base = np.concatenate([base, base[..., :1] * 0 + 1], -1)
    rows = abs(fractions(theta)).reshape(len(theta), *[1] * rank, rank, rank + 1)
    magnitude = (rows * base[..., None, :]).sum(-1)
    found = {"grid": Term(grid, magnitude, np.full(grid.shape, rank + 1))}
    if "d_grid" in given:
        value, size = exact.affine_grid_vjp(given["d_grid"], **options)
        found["d_theta"] = Term(value, size, np.full(value.shape, prod(dims)))
    return found


def lattice(name: str, dtype: str, term: Term) -> Expected:
    """An answer of whole numbers over a power of two."""
    values, sizes = term.value.ravel().tolist(), term.magnitude.ravel().tolist()
    over = max((v.denominator for v in values), default=1)
    unit = max((v.denominator for v in sizes), default=1)
    if over & (over - 1):
        raise ValueError(f"{name} has denominator {over}, expected a power of two")
    bits = max((int(v * max(unit, over)).bit_length() for v in sizes), default=0)
    numerators = np.array([int(v * over) for v in values], np.int64)
    return Expected(
        name,
        dtype,
        CALLS[name],
        "lattice",
        numerators.reshape(term.value.shape),
        log2_denominator=over.bit_length() - 1,
        bits=bits,
    )


def rational(
    name: str,
    dtype: str,
    term: Term,
    given: Mapping[str, Array],
    options: Mapping[str, Any],
    dims: Dims,
    hull: tuple[Array, Array] | None = None,
) -> Expected:
    """An answer with the terms of its tolerance; with a hull, any value in it is accepted."""
    low, high = (None, None) if hull is None else map(_floats, hull)
    return Expected(
        name,
        dtype,
        CALLS[name],
        "rational",
        _floats(term.value),
        magnitude=_up(term.magnitude),
        terms=term.count.astype(np.int32),
        low=low,
        high=high,
        constant=constant(name, options.get("mode"), given, dims),
        slack=_slack(name, given, options, dims),
        exact=term.value,
    )


def constant(name: str, mode: str | None, given: Mapping[str, Array], dims: Dims) -> int:
    """Look up what the contract adds to n, and one for the rounding of the answer."""
    if name == "grid":
        return 2
    channels = given["x"].shape[-1] if mode else 0
    limit = bound(name, mode or "bilinear", len(dims) if mode else 2)
    return 1 + limit.factor(0, channels, dims)


def hull(given: Mapping[str, Array], options: Mapping[str, Any], step: Fraction) -> tuple[Any, Any]:
    """Compute the least and largest d_grid of grid_sample a step beside each point, and on it.

    Each axis is moved alone: d_grid of that axis does not change within a cell. A step is
    counted in |g| + 1.
    """
    grid = given["grid"]
    exactly = grid if grid.dtype == object else fractions(grid)
    found = [_d_grid(given, exactly, options)]
    for way in (-step, step):
        moved = np.empty_like(exactly)
        for axis in range(grid.shape[-1]):
            there = exactly.copy()
            there[..., axis] += (abs(there[..., axis]) + 1) * np.array(way, object)
            moved[..., axis] = _d_grid(given, there, options)[..., axis]
        found.append(moved)
    return np.minimum.reduce(found), np.maximum.reduce(found)


def _d_grid(given: Mapping[str, Array], grid: Array, options: Mapping[str, Any]) -> Array:
    found = exact.grid_sample(given["x"], grid, given["d_out"], **options).d_coords
    return np.empty(grid.shape, object) if found is None else found.value


def _slack(name: str, given: Mapping[str, Array], options: Mapping[str, Any], dims: Dims) -> float:
    """What derivatives of a cubic kernel may add: its weights vanish where their terms do not."""
    if options.get("mode") != "bicubic" or name in ("out", "d_x"):
        return 0.0
    x, rank = given["x"], len(dims)
    rate = 1 if options.get("coordinates") == "pixel" else max(2, *x.shape[1:-1])
    most = {k: max(1.0, float(abs(a).max(initial=0.0))) for k, a in given.items()}
    fill = float(abs(np.asarray(options.get("fill_value", 0.0))).max())
    size, d = max(most["x"], fill), most.get("d_out", 1.0)
    t = max(most.get("t_grid", 1.0), most.get("t_theta", 1.0)) * rate * (rank + 1)
    pushed = most.get("t_x", 1.0) + t * size
    sizes = {"t_out": pushed, "dd_out": pushed, "dd_x": d * t}
    others = d * size * rate if name.startswith("d_") else d * rate * pushed
    return float(SLACK * 4**rank * 6 * x.shape[-1] * prod(dims) * sizes.get(name, others))


def _floats(a: Array) -> Array:
    return a.astype(np.float64)


def _up(a: Array) -> Array:
    """Round fractions up to float64."""
    near = _floats(a)
    less = np.array([Fraction(f) < v for f, v in zip(near.flat, a.flat, strict=True)], bool)
    return np.where(less.reshape(a.shape), np.nextafter(near, np.inf), near)
