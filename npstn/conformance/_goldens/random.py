"""The tier "random": any numbers, with the terms that a bound is made of; graded by size."""

from collections.abc import Iterator
from functools import partial

from .._numbers import Numbers
from .golden import Array, Golden
from .lattice import MAPPED, SAMPLED
from .recipe import DTYPES, Call, Choice, Dims, Recipe, choices, numbers_of

GRADES = 8, 64, 512
OUT = {2: (2, 3), 3: (1, 2, 2)}


def recipes(small: bool) -> Iterator[Recipe]:
    """All cases; of a small set, those of the smallest size, with one operation and dtype each."""
    dtypes = ("",) if small else DTYPES
    for size in GRADES[:1] if small else GRADES:
        for k, choice in enumerate(choices(dtypes, ("aligned", "unaligned"))):
            ops = "grid_sample", "spatial_transformer_network"
            for op in ops[k % 2 :][:1] if small else ops:
                name = f"random-{size}-{op}-{choice}"
                yield Recipe(name, "random", partial(drawn, name, op, size, choice))
            if (choice.mode, choice.padding) == ("bilinear", "zeros"):
                name = f"random-{size}-affine_grid-{choice.rank}d-{choice.unit}-{choice.dtype}"
                yield Recipe(name, "random", partial(affine, name, size, choice))


def drawn(name: str, op: str, width: int, choice: Choice) -> Golden:
    """A golden of images of some width, and points or maps."""
    numbers, rank = numbers_of(name), choice.rank
    size, out = (2, 3, width)[-rank:], OUT[rank]
    arrays = {"x": _images(numbers, size)}
    if op == "grid_sample":
        arrays["grid"] = numbers.uniform((2, *out, rank), -1.6, 1.6)
    else:
        arrays["theta"] = numbers.uniform((2, rank, rank + 1), -1.1, 1.1)
    arrays |= {"d_out": _images(numbers, out), "t_x": _images(numbers, size)}
    points = "grid" if op == "grid_sample" else "theta"
    arrays[f"t_{points}"] = numbers.uniform(arrays[points].shape)
    arrays = {k: v.astype(choice.dtype) for k, v in arrays.items()}
    names = SAMPLED if op == "grid_sample" else MAPPED
    results = Call(op, arrays, choice.options, out).answers("rational", names)
    about = f"any numbers, on an image that is {width} texels wide"
    sizes = {} if op == "grid_sample" else {"out_dims": out}
    clauses = choice.clauses(op, names)
    return Golden(name, "random", op, clauses, about, choice.options, sizes, arrays, results)


def affine(name: str, width: int, choice: Choice) -> Golden:
    """A golden of affine_grid, whose output has some width."""
    numbers, rank = numbers_of(name), choice.rank
    out = (1, 2, width)[-rank:]
    arrays = {"theta": numbers.uniform((2, rank, rank + 1), -1.1, 1.1)}
    arrays |= {"d_grid": numbers.uniform((2, *out, rank), -1.1, 1.1)}
    arrays = {k: v.astype(choice.dtype) for k, v in arrays.items()}
    call = Call("affine_grid", arrays, {"align_corners": choice.aligned}, out)
    results = call.answers("rational", ("grid", "d_theta"))
    clauses = "R5" if choice.aligned else "R6", "R7", "R35", "R36"
    about = f"any maps, and an output that is {width} points wide"
    sizes = {"out_dims": out}
    return Golden(
        name, "random", "affine_grid", clauses, about, call.options, sizes, arrays, results
    )


def _images(numbers: Numbers, size: Dims) -> Array:
    return numbers.uniform((2, *size, 1), -4.0, 4.0)
