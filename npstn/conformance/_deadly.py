"""Cases that are known to hang or to kill a process: called last, and only in a child."""

from collections.abc import Callable
from typing import NamedTuple

from ._choices import WILD
from .case import Case


class Deadly(NamedTuple):
    """What happens to a dialect's system, and in which cases."""

    dialect: str
    words: str
    fits: Callable[[Case], bool]


DEADLY = (
    Deadly(
        "opencv",
        "OpenCV 5 does not return from bicubic with border 4 on an axis of one texel.",
        lambda case: case.mode == "bicubic" and case.padding == 4 and 1 in case.size,
    ),
    Deadly(
        "opencv",
        "OpenCV 5 may hang or die at points that are not finite, or far outside, with borders 1 to"
        " 4 and images of float32 of 1, 3 or 4 channels.",
        lambda case: (
            case.kind in WILD and case.padding != 0 and bool(case.function.convention.channels)
        ),
    ),
)


def deadly(dialect: str, case: Case) -> str:
    """Say what a case is known to do; nothing for most."""
    return next((d.words for d in DEADLY if d.dialect == dialect and d.fits(case)), "")
