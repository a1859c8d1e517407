"""The tier "lattice": small integers at points of few bits, which any precision holds exactly."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from ...oracle import exact
from .._numbers import Numbers
from .golden import Array, Golden
from .recipe import DTYPES, Call, Choice, Dims, Recipe, choices, numbers_of, ordered

SIZES = {  # normalised points of few bits: S - 1 or S is a power of two
    (2, "aligned"): (3, 5),
    (2, "unaligned"): (2, 4),
    (2, "pixel"): (3, 4),
    (3, "aligned"): (2, 3, 5),
    (3, "unaligned"): (2, 4, 2),
    (3, "pixel"): (2, 3, 4),
}
OUT = {2: (2, 3), 3: (1, 2, 3)}
LATTICES = {  # of output points with few bits
    (2, True): (3, 5),
    (2, False): (4, 2),
    (3, True): (2, 1, 3),
    (3, False): (2, 1, 4),
}
SAMPLED = ("out", "d_x", "d_grid", "t_out", "dd_out", "dd_x", "dd_grid")
MAPPED = ("out", "d_x", "d_theta", "t_out", "dd_out", "dd_x", "dd_theta")
DIGITS = {"float32": 24, "float64": 53}
TRIES = 10_000


def recipes(small: bool) -> Iterator[Recipe]:
    """All cases; of a small set, those of one dtype each."""
    dtypes = ("",) if small else DTYPES
    for choice in choices(dtypes, ("aligned", "unaligned", "pixel")):
        if choice.unit != "pixel" or choice.rank == 2 or not small:
            yield _recipe("points", "grid_sample", choice)
        if choice.unit != "pixel":
            yield _recipe("maps", "spatial_transformer_network", choice)
        if choice.unit != "pixel" and choice.mode != "bicubic":
            yield _recipe("texels", "grid_sample", choice)
    for choice in more_choices(dtypes):
        yield _recipe("points", "grid_sample", choice)
    for choice in choices(dtypes, ("aligned", "unaligned")):
        if (choice.mode, choice.padding) == ("bilinear", "zeros"):
            yield Recipe(
                f"lattice-maps-affine_grid-{choice.rank}d-{choice.unit}-{choice.dtype}",
                "lattice",
                partial(affine, choice),
            )


def more_choices(dtypes: tuple[str, ...]) -> Iterator[Choice]:
    """Fills, a number or one for each channel, and another cubic kernel."""
    for k, choice in enumerate(choices(dtypes, ("aligned",))):
        if choice.padding == "zeros":
            fill = 1.5 if k % 2 or choice.rank == 3 else [-2.0, 0.5]
            yield choice._replace(more=(("fill_value", fill),))
        elif choice.mode == "bicubic" and choice.padding == "border":
            yield choice._replace(more=(("cubic_coefficient", -0.5),))


def _recipe(kind: str, op: str, choice: Choice) -> Recipe:
    name = f"lattice-{kind}-{op}-{choice}"
    make = mapped if kind == "maps" else sampled
    return Recipe(name, "lattice", partial(make, name, kind, choice))


def sampled(name: str, kind: str, choice: Choice) -> Golden:
    """A golden of grid_sample."""
    numbers, rank = numbers_of(name), choice.rank
    size, out = SIZES[rank, choice.unit], OUT[rank]
    p = points(numbers, (2, *out), size, kind == "texels", steps(choice))
    a, b = choice.frame(size)
    arrays = {"x": images(numbers, rank, size), "grid": (p - b) / a}
    arrays["d_out"] = images(numbers, rank, out)
    names: tuple[str, ...] = ("out", "d_x")
    about = "at whole texels, inside and beyond"
    if kind == "points":
        names, about = SAMPLED, "between texels, inside and beyond: no derivative jumps there"
        arrays |= {"t_x": images(numbers, rank, size)}
        arrays |= {"t_grid": numbers.integers(arrays["grid"].shape, -2, 2)}
    return finished(name, "grid_sample", choice, arrays, out, names, about)


def mapped(name: str, kind: str, choice: Choice) -> Golden:
    """A golden of spatial_transformer_network: a map that puts no point where a slope jumps."""
    numbers, rank = numbers_of(name), choice.rank
    size, out = SIZES[rank, choice.unit], LATTICES[rank, choice.aligned]
    theta = np.stack([_map(numbers, choice, size, out) for _ in range(2)])
    arrays = {"x": images(numbers, rank, size), "theta": theta, "d_out": images(numbers, rank, out)}
    arrays |= {"t_x": images(numbers, rank, size)}
    arrays |= {"t_theta": numbers.integers(theta.shape, -2, 2)}
    about = "an affine map that puts points between texels: no derivative jumps there"
    return finished(name, "spatial_transformer_network", choice, arrays, out, MAPPED, about)


def affine(choice: Choice) -> Golden:
    """A golden of affine_grid."""
    name = f"lattice-maps-affine_grid-{choice.rank}d-{choice.unit}-{choice.dtype}"
    numbers, rank, out = numbers_of(name), choice.rank, LATTICES[choice.rank, choice.aligned]
    theta = numbers.integers((2, rank, rank + 1), -8, 8) / 4
    arrays = {"theta": theta, "d_grid": numbers.integers((2, *out, rank), -3, 3)}
    arrays = {k: v.astype(choice.dtype) for k, v in arrays.items()}
    call = Call("affine_grid", arrays, {"align_corners": choice.aligned}, out)
    results = call.answers("lattice", ("grid", "d_theta"))
    clauses = ordered(["R5" if choice.aligned else "R6", "R7", "R8", "R35", "R36", "R41"])
    about = "the affine map of the lattice of output points"
    sizes = {"out_dims": out}
    return Golden(
        name, "lattice", "affine_grid", clauses, about, call.options, sizes, arrays, results
    )


def finished(
    name: str,
    op: str,
    choice: Choice,
    arrays: dict[str, Array],
    out: Dims,
    names: tuple[str, ...],
    about: str,
) -> Golden:
    """A golden with the answers that the digits of its dtype hold."""
    arrays = {k: v.astype(choice.dtype) for k, v in arrays.items()}
    call = Call(op, arrays, choice.options, out)
    clauses = ordered([*choice.clauses(op, names), "R41"])
    sizes = {} if op == "grid_sample" else {"out_dims": out}
    found, most = call.answers("lattice", names), DIGITS[choice.dtype]
    results = {name: answer for name, answer in found.items() if answer.bits <= most}
    return Golden(name, "lattice", op, clauses, about, choice.options, sizes, arrays, results)


def images(numbers: Numbers, rank: int, size: Dims) -> Array:
    """Two images of small integers; those of rank 2 have two channels."""
    return numbers.integers((2, *size, 2 if rank == 2 else 1), -3, 3)


def steps(choice: Choice) -> int:
    """Steps of a point in a texel: a cubic weight has three times its bits on each axis."""
    return 2 if (choice.rank, choice.mode) == (3, "bicubic") else 4


def points(numbers: Numbers, shape: Dims, size: Dims, whole: bool, step: int) -> Array:
    """Points in pixels, x first, in and around an image: all whole, or between texels and folds."""
    axes = []
    for n in reversed(size):
        near = numbers.integers(shape, 0 if whole else -1, n - 1)
        far = numbers.integers(shape, -n, 2 * n)
        p = np.where(numbers.integers(shape, 0, 3) > 0, near, far)
        odd = 2 * numbers.integers(shape, 0, step // 2 - 1) + 1 if step > 2 else 1.0
        axes.append(p if whole else p + odd / step)
    return np.stack(axes, -1)


def _map(numbers: Numbers, choice: Choice, size: Dims, out: Dims) -> Array:
    """Draw each row until all points are between texels, and few bits from them."""
    rank, (a, b) = choice.rank, choice.frame(size)
    least = steps(choice) if choice.mode == "bicubic" else 8
    theta = np.zeros((rank, rank + 1))
    for axis in range(rank):
        for _ in range(TRIES):
            row = numbers.choice([1.0, -1.0, 0.5, -0.5, 0.0, 0.0], (rank + 1,))
            row[-1] = numbers.integers((), -16, 16) / 16
            theta[axis] = row
            grid = exact.affine_grid(theta[None], out, align_corners=choice.aligned)[..., axis]
            p = grid.astype(float) * a[axis] + b[axis]
            between = p % 1 != 0 if least == 2 else p * 2 % 1 != 0
            inside = (p > -1) & (p < size[::-1][axis]) & row[:-1].any()
            if between.all() and (p * least % 1 == 0).all() and 2 * inside.sum() > inside.size:
                break
        else:
            raise ValueError(f"{choice}: no map of {TRIES} fits")
    return theta
