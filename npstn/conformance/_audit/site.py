"""A line of a program that calls a sampler, and all that is known of it."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from ...grid import Floats
from .._ledger import Ledger
from .looks import Frame, Look
from .places import Place
from .series import Series

MOMENTS, FILM = 512, 12


@dataclass
class Site:
    """All calls of one operation at one line.

    Attributes
    ----------
    op, place : str, Place
        Operation, file and line.
    calls, looked, pulled : int
        How many there were, how many of them were judged, and how many gradients.
    shapes, dtypes, options, devices : Counter of str
        Of all calls.
    sizes : Counter of tuple
        Shapes of inputs.
    ledger : Ledger
        The lines and findings of the judge.
    looks, maps, slopes : Series
        Of calls that were looked at: where grids look, theta, the largest cotangent of each
        argument.
    film : Series
        A few images with the outlines of what was sampled.
    makers : Counter of (Place, bool, bool)
        The lines that made the grids from maps, their align_corners, and that of the call.
    missed : Counter of str
        Why calls could not be looked at.
    """

    op: str
    place: Place
    calls: int = 0
    looked: int = 0
    pulled: int = 0
    shapes: Counter[str] = field(default_factory=Counter)
    dtypes: Counter[str] = field(default_factory=Counter)
    options: Counter[str] = field(default_factory=Counter)
    devices: Counter[str] = field(default_factory=Counter)
    sizes: Counter[tuple[int, ...]] = field(default_factory=Counter)
    ledger: Ledger = field(default_factory=Ledger)
    looks: Series[Look] = field(default_factory=lambda: Series(MOMENTS))
    maps: Series[Floats] = field(default_factory=lambda: Series(MOMENTS))
    slopes: Series[dict[str, float]] = field(default_factory=lambda: Series(MOMENTS))
    film: Series[Frame] = field(default_factory=lambda: Series(FILM))
    makers: Counter[tuple[Place, Any, Any]] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        return f"{self.op} at {self.place}"
