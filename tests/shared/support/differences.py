"""What remains between a row and the real system: lines that show it, and errors of its own."""

import contextlib
import io
from collections.abc import Callable
from typing import Any

import numpy as np


def printed(line: str) -> str:
    """What a line prints that shows a difference, or the name of what it raises."""
    out = io.StringIO()
    try:
        with contextlib.redirect_stdout(out), np.errstate(all="ignore"):
            exec(line, {})
    except Exception as error:
        return type(error).__name__
    return out.getvalue().strip()


def or_nan(real: Callable[..., Any], shape: Callable[..., tuple[int, ...]]) -> Callable[..., Any]:
    """A function that is NaN throughout where a system raises: for what is named."""

    def filled(**given: Any) -> Any:
        try:
            return real(**given)
        except Exception:
            return np.full(shape(**given), np.nan)

    return filled
