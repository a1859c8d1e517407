"""What looks like a mistake in the calls of a program, in words."""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from .places import Place
from .site import Site

MOST = 0.9  # share of points, or of texels, that is suspicious
APART = 2.5  # texels from point to point
CHANNELS, SIDE = (1, 3, 4), 16  # numbers of channels, the least side of an image: of a layout


@dataclass(frozen=True)
class Doubt:
    """One suspicion.

    Attributes
    ----------
    place : Place
        The line of the program.
    op : str
        What is called there.
    message : str
        What is suspicious.
    """

    place: Place
    op: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.op}: {self.message}"


def doubts(sites: Iterable[Site]) -> list[Doubt]:
    """Look for mistakes at all lines."""
    every = list(sites)
    found = [Doubt(s.place, s.op, words) for s in every for rule in RULES for words in rule(s)]
    for site in every:
        if site.op == "affine_grid":
            users = [s for s in every if any(place == site.place for place, *_ in s.makers)]
            found += [Doubt(site.place, site.op, words) for words in _pixels(site, users)]
    return found


def _aligned(site: Site) -> Iterator[str]:
    """Maps that made a grid of another align_corners than it is read with."""
    for (place, made, read), count in site.makers.items():
        if made != read:
            yield (
                f"align_corners differs between affine_grid at {_line(place)} ({made}) and "
                f"grid_sample at {_line(site.place)} ({read}), in {count} calls"
            )


def _narrow(site: Site) -> Iterator[str]:
    some = [look for _, look in site.looks if look.narrow]
    if some and 2 * len(some) > len(site.looks):
        worst = max(some, key=lambda look: look.lost)
        width = max(max(size[2:]) for size in site.sizes)
        yield f"{worst.narrow} grid: up to {worst.lost:.2g} px rounding at width {width}"


def _outside(site: Site) -> Iterator[str]:
    for share, since in _since([(call, look.outside) for call, look in site.looks]):
        yield f"{share:.0%} of the points are outside{since}"


def _strange(site: Site) -> Iterator[str]:
    for name, words in ("strange", "not finite"), ("huge", "a thousand images away"):
        shares = [(call, getattr(look, name)) for call, look in site.looks]
        first = next((call for call, share in shares if share > 0), None)
        if first is not None:
            most = max(share for _, share in shares)
            yield f"up to {most:.2g} of the coordinates are {words}, first in call {first}"


def _apart(site: Site) -> Iterator[str]:
    apart = float(np.median([look.apart for _, look in site.looks])) if site.looks else 0.0
    if apart > APART:
        yield f"points are {apart:.3g} texels apart, so that most are read by none: it aliases"


def _turned(site: Site) -> Iterator[str]:
    turned = np.mean([look.turned for _, look in site.looks]) if site.looks else 0.0
    if turned > MOST:
        last = "y" if all(len(size) == 4 for size in site.sizes) else "z"
        yield (
            f"x and {last} are swapped: x of the grid grows along the first axis of the output, "
            f"{last} along the last"
        )


def _layout(site: Site) -> Iterator[str]:
    for shape in site.sizes:
        _, channels, *size = shape
        square = channels == size[0]
        if size[-1] in CHANNELS and min(channels, *size[:-1]) >= SIDE and (square or size[-1] > 1):
            yield (
                f"input {shape} is read as {channels} channels of {' x '.join(map(str, size))} "
                "texels: its layout seems to have channels last"
            )


def _coordinates(site: Site) -> Iterator[str]:
    """Grids in pixels."""
    if site.looks and not site.makers:
        reach = float(np.median([look.reach for _, look in site.looks]))
        outside = float(np.median([look.outside for _, look in site.looks]))
        widest = max(max(size[2:]) for size in site.sizes)
        if outside > MOST / 2 and 3.0 < reach < 2.0 * widest:
            yield f"coordinates reach {reach:.3g}, where 1 is the edge: they seem to be pixels"


def _pixels(site: Site, users: list[Site]) -> Iterator[str]:
    """Thetas in pixels."""
    moved = [float(abs(theta[..., -1]).max()) for _, theta in site.maps]
    outside = [look.outside for user in users for _, look in user.looks]
    if moved and outside and np.median(moved) > 2.0 and np.median(outside) > 1 - MOST:
        yield (
            f"theta moves by {np.median(moved):.3g}, where 2 is the whole image, and "
            f"{np.median(outside):.0%} of the points are outside: theta seems to be in pixels"
        )


def _dead(site: Site) -> Iterator[str]:
    nearest = all("nearest" in words for words in site.options)
    for name in sorted({name for _, sizes in site.slopes for name in sizes}):
        if nearest and name == "grid":
            continue
        zero = [(call, float(sizes.get(name, 1.0) == 0)) for call, sizes in site.slopes]
        for _, since in _since(zero):
            yield f"the gradient of {name} is 0{since}"


def _since(shares: list[tuple[int, float]]) -> Iterator[tuple[float, str]]:
    """Yield a share of calls that has been too large to the end, and in words since when."""
    if not shares or shares[-1][1] < MOST:
        return
    start = max((k for k, (_, v) in enumerate(shares) if v < MOST), default=-1) + 1
    if len(shares) - start < min(3, len(shares)):
        return
    since = f" since call {shares[start][0]}" if start else ""
    yield float(np.mean([v for _, v in shares[start:]])), since


def _line(place: Place) -> str:
    return f"line {place.line} of {os.path.basename(place.file)}"


RULES: tuple[Callable[[Site], Iterator[str]], ...] = (
    _aligned,
    _narrow,
    _outside,
    _strange,
    _apart,
    _turned,
    _layout,
    _coordinates,
    _dead,
)
