"""Which point each number of a result is about."""

import numpy as np
from numpy.typing import NDArray

from ..dialects import _layouts
from ..dialects._signature import argument
from ._clauses import role
from .answers import Answers
from .case import Case

HUGE = 2.0**30  # pixels


def points_of(
    case: Case, result: str, answers: Answers, shape: tuple[int, ...]
) -> NDArray[np.intp] | None:
    """Number the points (N, *out) of a result of some shape; None if it is about many at once."""
    if answers.points is None or role(case, result) in ("d_x", "d_theta"):
        return None
    lead, rule = answers.points.shape[:-1], case.function.convention
    if result == "out":
        word = rule.layout.split("|")[0]
        count = answers.results["out"].value.size // max(int(np.prod(lead)), 1)
    else:
        each = argument(case.function.arguments[result[2:]]).role != "points"  # an array an axis
        word = rule.points.replace("R", "") if each else rule.points
        count = 1 if each else len(case.size)
    numbers = np.arange(np.prod(lead)).reshape(*lead, 1)
    found = _layouts.original(np.broadcast_to(numbers, (*lead, count)), word)
    # None where one grid is for all images
    return np.asarray(found, np.intp) if found.shape == shape else None


def wild(points: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which of the points (..., R) are not finite, or huge."""
    return np.asarray(~(abs(points) < HUGE).all(-1))
