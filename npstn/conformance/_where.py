"""Which numbers of a result are about points inside of the image."""

import numpy as np
from numpy.typing import NDArray

from ..dialects import _layouts
from ..dialects._signature import argument
from ._clauses import role
from .answers import Answers
from .case import Case


def inside_of(
    case: Case, result: str, answers: Answers, shape: tuple[int, ...], inside: bool
) -> NDArray[np.bool_]:
    """The mask of a result; numbers that belong to no single point count as inside."""
    if answers.inside is None or role(case, result) in ("d_x", "d_theta"):
        return np.full(shape, inside)
    chosen, rule = answers.inside == inside, case.function.convention
    if result == "out":
        word = rule.layout.split("|")[0]
        count = answers.results["out"].value.size // max(chosen.size, 1)
    else:
        each = argument(case.function.arguments[result[2:]]).role != "points"  # an array an axis
        word = rule.points.replace("R", "") if each else rule.points
        count = 1 if each else len(case.size)
    whole = np.broadcast_to(chosen[..., None], (*chosen.shape, count))
    found = _layouts.original(whole, word)
    return (
        np.asarray(found, bool) if found.shape == shape else np.full(shape, inside)
    )  # one grid for all images
