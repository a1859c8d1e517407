"""The judge of one result: errors in units of what is allowed."""

from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._arithmetic import ieee
from ..grid import Floats
from ._spread import Mask, floats
from .answers import Answer

MOST = 1e300  # of a ratio: for an error where none is allowed, or of what is not finite


class Judgement(NamedTuple):
    """What the judge says of each number of a result."""

    ratio: Floats  # error over what is allowed; up to 1 is right
    coordinate: Floats  # the share of the coordinates in what is allowed
    beside: Mask  # right, but as another side of a kink, tie or gate has it


@ieee
def judge(
    result: NDArray[Any], answer: Answer, *, exact: bool = False, floor: float = 0.0
) -> Judgement:
    """Judge a result of a backend.

    Parameters
    ----------
    result : array
        Of the shape of the answer.
    answer : Answer
        What is right, and what is allowed.
    exact : bool
        Whether no error is allowed at all: kinks, ties and gates still have two sides.
    floor : float
        What is allowed where numbers underflow.

    Returns
    -------
    Judgement
        Arrays of the shape of the result.
    """
    got = np.asarray(result, np.float64)
    off, off_range = _errors(got, answer)
    allowed = 0.0 if exact else answer.arithmetic + answer.coordinate + floor
    with np.errstate(all="ignore"):
        ratio = np.where(off_range == 0, 0.0, np.minimum(off_range / allowed, MOST))
        plain = np.where(off == 0, 0.0, off / allowed)
        share = np.where((answer.coordinate > 0) & (allowed > 0), answer.coordinate / allowed, 0.0)
    if answer.also is not None:
        same = (got == answer.also) | (np.isnan(got) & np.isnan(answer.also))
        ratio = np.where(same, 0.0, ratio)
    wide = (answer.low < 0) | (answer.high > 0)
    return Judgement(ratio, np.broadcast_to(share, got.shape), wide & (plain > 1) & (ratio <= 1))


def _errors(got: Floats, answer: Answer) -> tuple[Floats, Floats]:
    """How far each number is from the answer, and from what counts as right."""
    value = floats(answer.value)
    finite = np.isfinite(got) & np.isfinite(value)
    rest = np.zeros(got.shape)  # of the answer, which float64 has not
    for at, exact in np.ndenumerate(answer.value):
        if exact and finite[at]:
            rest[at] = exact - Fraction(value.item(at))
    with np.errstate(invalid="ignore"):
        error = (got - value) - rest  # the difference is exact where it is small
        beyond = np.maximum(np.maximum(answer.low - error, error - answer.high), 0.0)
    same = (got == value) | (np.isnan(got) & np.isnan(value)) | np.isneginf(answer.low)
    special = np.where(same, 0.0, np.inf)
    return np.where(finite, abs(error), special), np.where(finite, beyond, special)
