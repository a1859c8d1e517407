"""Tiers of cases, and the kinds in each."""

from collections.abc import Iterable

from .._hints import shown
from ._choices import WILD
from .case import LARGE, LATTICE

TIERS = {
    "lattice": LATTICE,
    "hard": ("edges", "outside", "single", "empty", "leak", *WILD),
    "random": ("random", "wide", "many"),
    "large": LARGE,
}
USUAL = ("lattice", "hard", "random")  # unless others are asked for


def kinds_of(tiers: str | Iterable[str]) -> tuple[str, ...]:
    """The kinds of some tiers."""
    if not isinstance(tiers, Iterable):
        raise TypeError(f"tiers is {shown(tiers)}, expected some of {', '.join(TIERS)}")
    names = (tiers,) if isinstance(tiers, str) else tuple(tiers)
    for name in names:
        if name not in TIERS:
            raise ValueError(f"tiers has {shown(name)}, expected some of {', '.join(TIERS)}")
    return tuple(kind for name in names for kind in TIERS[name])
