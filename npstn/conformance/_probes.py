"""The probes of identify: small images and points in pixels, for any function of any dialect.

Texels are small integers and points are dyadic, so that another rule gives another number by 1/64
at least, and rounding by much less.
"""

from typing import Literal, NamedTuple

import numpy as np

from ..dialects._frames import Sizes
from ..dialects.row import Padding
from ..grid import Floats

Places = Literal[
    "inside", "outside", "ties", "texels", "far", "fine", "raw", "nan", "infinite", "huge"
]
WILD = {"nan": np.nan, "infinite": np.inf, "huge": 2.0**34}


_OUTSIDE = {"border": "R14", "reflection": "R15", "wrap": "R17"}
_READS = {"nearest": "R10", "bicubic": "R12"}


class Probe(NamedTuple):
    """A question about one thing; ``modes`` and ``paddings`` are those that it is asked for."""

    name: str
    clause: str
    places: Places
    modes: tuple[str, ...] = ("bilinear",)
    paddings: Literal["first", "each", "zeros", "border"] = "first"
    aligns: Literal["first", "each", "reflection"] = "first"
    gates: Literal["first", "each"] = "first"
    vjp: bool = False
    batch: int = 1
    rank: int = 2
    image: Literal["integers", "steep", "infinite"] = "integers"
    single: bool = False  # an axis of one texel, or an output of one point


_SMOOTH = "bilinear", "bicubic"
_ONE = "nearest", "bilinear"  # the first one that there is
_MODES = "bilinear", "nearest", "bicubic"
POINTS = (
    Probe("inside", "R9", "inside", _MODES, aligns="each"),
    Probe("outside", "R13", "outside", _MODES, "each", "reflection", "each"),
    Probe("ties", "R11", "ties", ("nearest",), "each", "reflection"),
    Probe("several images", "R8", "inside", batch=2),
    Probe("steep image", "R40", "fine", image="steep"),
    Probe("one texel", "R24", "raw", single=True, aligns="each"),
    Probe("nan", "R21", "nan", _ONE, "zeros"),
    Probe("infinity", "R22", "infinite", _ONE, "zeros"),
    Probe("huge", "R23", "huge", _ONE, "border"),
    Probe("infinite texels", "R20", "far", ("bilinear",), "zeros", image="infinite"),
    Probe("volume", "R9", "outside", rank=3),
    Probe("gradient inside", "R27", "inside", _MODES, aligns="each", vjp=True),
    Probe("gradient outside", "R31", "outside", _SMOOTH, "each", "reflection", vjp=True),
    Probe("gradient at texels", "R32", "texels", ("bilinear",), "each", vjp=True),
    Probe("gradient of several images", "R28", "inside", batch=2, vjp=True),
    Probe("gradient of a volume", "R27", "inside", rank=3, vjp=True),
)
MAPS = (
    Probe("turned", "R7", "inside", _MODES, aligns="each"),
    Probe("outside", "R13", "outside", _MODES, "each", "reflection"),
    Probe("ties", "R11", "ties", ("nearest",), "each", "reflection"),
    Probe("several maps", "R8", "inside", batch=2),
    Probe("projective", "R7", "raw"),
    Probe("steep image", "R40", "fine", image="steep"),
    Probe("one point", "R5", "inside", single=True, aligns="each"),
    Probe("infinite texels", "R20", "far", ("bilinear",), "zeros", image="infinite"),
    Probe("nan", "R21", "nan", _ONE, "zeros"),
    Probe("infinity", "R22", "infinite", _ONE, "zeros"),
    Probe("huge", "R23", "huge", _ONE, "border"),
    Probe("volume", "R7", "outside", rank=3),
    Probe("gradient", "R35", "inside", _MODES, aligns="each", vjp=True),
    Probe("gradient outside", "R31", "outside", _SMOOTH, "each", "reflection", vjp=True),
    Probe("gradient at texels", "R32", "texels", ("bilinear",), "each", vjp=True),
    Probe("gradient of several maps", "R36", "inside", batch=2, vjp=True),
)
GRIDS = (
    Probe("identity", "R5", "texels", aligns="each"),
    Probe("turned", "R7", "inside", aligns="each"),
    Probe("several maps", "R8", "inside", batch=2),
    Probe("one point", "R5", "inside", single=True, aligns="each"),
    Probe("volume", "R7", "inside", rank=3, aligns="each"),
    Probe("gradient", "R35", "inside", aligns="each", vjp=True),
    Probe("gradient of several maps", "R36", "inside", batch=2, vjp=True),
)
PROBES = {"sample": POINTS, "warp": MAPS, "grid": GRIDS}


def numbers(count: int, low: int, high: int, seed: int = 1) -> Floats:
    """Draw integers, the same everywhere."""
    found, state = [], 12345 + 7919 * seed
    for _ in range(count):
        state = (1103515245 * state + 12345) % 2**31
        found.append(low + (state >> 8) % (high - low + 1))
    return np.array(found, np.float64)


def image(probe: Probe, shape: Sizes) -> Floats:
    """The texels (N, *, C); no two neighbours are alike."""
    found = numbers(int(np.prod(shape)), -7, 7).reshape(shape)
    if probe.image == "infinite":
        found[...] = np.inf
    return found * 1024 if probe.image == "steep" else found


def points(probe: Probe, size: Sizes, shape: Sizes, *, edges: bool) -> Floats:
    """Points (*shape, R) in pixels, x first; ``edges`` says whether there are points on edges."""
    axes, count = [], int(np.prod(shape))
    for a, n in enumerate(reversed(size)):
        inside = np.arange(1, max(8 * (n - 1), 2), 2) / 8
        special = _special(probe.places, n, edges)
        turn = numbers(count, 0, 10**6, seed=a + 2).astype(int)
        rows = np.arange(count) % len(size) == a  # each point is special on one axis at least
        both = rows | (turn % 4 == 0) if probe.places not in WILD else rows
        picked = special[(np.arange(count) // len(size) + a) % len(special)]
        axes.append(np.where(both, picked, inside[turn % len(inside)]))
    return np.stack(axes, -1).reshape(*shape, len(size))


def _special(places: Places, n: int, edges: bool) -> Floats:
    """The coordinates on an axis of n that a probe is about."""
    last = n - 1.0
    if places == "inside":
        return np.arange(1, max(8 * (n - 1), 2), 2) / 8
    if places == "fine":
        return np.linspace(0.3, last - 0.3, 23).round(1) + 3 / 4096 - (np.arange(23) % 3) / 128
    if places == "raw":
        return np.array([-0.875, 0.625, 0.125, -0.375])
    if places == "far":
        return np.array([-5.125, n + 4.125, -2.625, n + 9.375])
    if places in WILD:
        return np.array([WILD[places]] if places == "nan" else [WILD[places], -WILD[places]])
    if places == "ties":
        return np.arange(-2 * n - 1, 4 * n, 1) / 2
    if places == "texels":
        return np.arange(-n, 2.0 * n)
    near = [-0.125, -0.375, -0.625, -0.875, -1.375, -1.875]
    far = [-1.25 * n - 0.375, -1.75 * n + 0.0625, -1.5 * n - 0.1875]  # OpenCV moves farther ones
    at = [-0.5, 0.0, -1.0] if edges else []
    half = np.array([*at, *near, *far])
    return np.stack([half, last - half], -1).ravel()


def clause(probe: Probe, mode: str, padding: Padding, align: bool) -> str:
    """The clause that a probe is about, by mode and padding."""
    if probe.places == "outside":
        if probe.vjp:
            slopes = {"border": "R30", "reflection": "R29", "wrap": "R26"}
            return slopes.get(padding.mode, probe.clause)
        if mode == "bicubic" and padding.mode != "zeros":
            return "R18"
        own = padding.align if padding.align is not None else align
        found = _OUTSIDE.get(padding.mode, "R13")
        return "R16" if found == "R15" and not own else found
    if probe.places == "inside" and probe.vjp and mode == "nearest":
        return "R33"
    if probe.name == "inside":
        return _READS.get(mode, probe.clause)
    return probe.clause
