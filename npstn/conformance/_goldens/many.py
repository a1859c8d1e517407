"""The tier "lattice" in numbers: more channels, points and texels than code takes at a time."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from .golden import Array, Golden
from .lattice import SAMPLED, finished, points, steps
from .recipe import DTYPES, MODES, PADDINGS, Choice, Dims, Recipe, numbers_of

CHANNELS = {"one": 1, "few": 3, "many": 11, "first": 9}  # first: channels come first
SHAPES: dict[str, tuple[Dims, Dims]] = {  # of the input and the output
    "channels": ((5, 9), (2, 6)),
    "tiles": ((9, 17), (9, 67)),
    "wide": ((3, 513), (2, 34)),
    "high": ((257, 5), (10, 5)),
    "deep": ((65, 2, 3), (10, 2, 3)),
    "volume": ((3, 2, 5), (2, 2, 3)),
}
AXES = {"wide": 0, "high": 1, "deep": 2}  # on which almost all points are in one half of the input
ABOUT = {
    "channels": "more channels than a vector has, and no multiple of its length",
    "tiles": "an output that is wide and high, and no multiple of a power of two",
    "wide": "a wide image: almost all points are on the left, or on the right",
    "high": "a high image: almost all points are at the top, or at the bottom",
    "deep": "a deep volume: almost all points are in front, or at the back",
    "volume": "a volume of more channels than a vector has, and no multiple of its length",
}


def recipes(small: bool) -> Iterator[Recipe]:
    """All cases, most in two dimensions; of a small set, those of one dtype each."""
    for k, (kind, count, mode, padding) in enumerate(_choices()):
        for dtype in DTYPES[k % 2 :][:1] if small else DTYPES:
            layout = (("layout", "NCHW"),) if count == "first" else ()
            choice = Choice(len(SHAPES[kind][0]), mode, padding, "aligned", dtype, layout)
            name = f"lattice-{kind}-{count}-grid_sample-{choice}"
            yield Recipe(name, "lattice", partial(golden, name, kind, count, choice))


def _choices() -> Iterator[tuple[str, str, str, str]]:
    """Kind, channels, mode and padding; not all paddings of each."""
    for k, mode in enumerate(MODES):
        yield "tiles", "one", mode, PADDINGS[k]
        for n, count in enumerate(("few", "many", "first")):
            yield "channels", count, mode, PADDINGS[(k + n + 1) % 4]
    for n, padding in enumerate(("border", "zeros", "reflection", "wrap")):
        yield ("wide", "high")[n % 2], "one", "bilinear", padding
    yield "deep", "one", "bilinear", "zeros"
    yield "volume", "many", "bilinear", "zeros"


def golden(name: str, kind: str, count: str, choice: Choice) -> Golden:
    """A golden of grid_sample."""
    numbers, (size, out) = numbers_of(name), SHAPES[kind]
    a, b = choice.frame(size)

    def images(size: Dims) -> Array:
        found = numbers.integers((2, *size, CHANNELS[count]), -3, 3)
        return np.moveaxis(found, -1, 1) if count == "first" else found

    p = points(numbers, (2, *out), size, False, steps(choice))
    if kind in AXES:
        axis, last = AXES[kind], len(size) - 1
        beyond = choice.padding in ("border", "zeros")
        at = _halves(size[last - axis], out[last - axis], beyond)
        p[..., axis] = p[..., axis] % 1 + at.reshape(2, *[1] * (last - axis), -1, *[1] * axis)
    arrays = {"x": images(size), "grid": (p - b) / a}
    arrays |= {"d_out": images(out), "t_x": images(size)}
    arrays["t_grid"] = numbers.integers(arrays["grid"].shape, -2, 2)
    return finished(name, "grid_sample", choice, arrays, out, SAMPLED, ABOUT[kind])


def _halves(n: int, count: int, beyond: bool) -> Array:
    """Texels (2, count) on an axis of n: those of an image are in one half of it.

    If some are ``beyond`` the edge, the last two are in the other half; else the last has a texel
    in each.
    """
    middle = n // 2
    first = -4 if beyond else 2
    left = first + np.arange(count) * (middle - 20 - first) // count
    at = np.stack([left, n - 2 - left])
    if beyond:
        at[:, -2:] = at[::-1, -2:]
    else:
        at[:, -1] = middle - 1
    return at
