"""What a comparison of derivatives found: entries, inputs, and the table of them."""

import math
from dataclasses import dataclass
from typing import Literal

_HEAD = "input checked smooth kinks unresolved failed worst analytic left right error allowed"


@dataclass(frozen=True)
class Entry:
    """One checked entry: its index, its derivatives, the error and what was allowed."""

    index: tuple[int, ...]
    kind: Literal["smooth", "kink", "unresolved"]
    analytic: float
    left: float
    right: float
    error: float
    allowed: float

    @property
    def ratio(self) -> float:
        """The error over what was allowed; 0 where there is no error."""
        if self.error == 0.0:
            return 0.0
        return self.error / self.allowed if self.allowed else math.inf


@dataclass(frozen=True)
class InputReport:
    """What was found for one input; `relative` is its largest error over its largest derivative."""

    name: str
    total: int
    checked: int
    smooth: int
    kinks: int
    unresolved: int
    failed: int
    relative: float
    worst: Entry | None


@dataclass(frozen=True)
class Report:
    """What `check_vjp` found; ``str(report)`` is a table with one line per input."""

    inputs: tuple[InputReport, ...]

    @property
    def worst(self) -> float:
        """The largest error over what was allowed; at most 1 if the check passed."""
        return max((i.worst.ratio for i in self.inputs if i.worst), default=0.0)

    @property
    def relative(self) -> float:
        """The largest error of an input over the largest derivative of that input."""
        return max((i.relative for i in self.inputs), default=0.0)

    def __str__(self) -> str:
        """Return the table: counts, and the worst entry of each input."""
        rows = [[*_HEAD.split(), "relative"]]
        for i in self.inputs:
            counts = (f"{i.checked}/{i.total}", i.smooth, i.kinks, i.unresolved, i.failed)
            row = [i.name, *map(str, counts)]
            if (w := i.worst) is not None:
                row += [str(list(w.index)), *(f"{v:.9g}" for v in (w.analytic, w.left, w.right))]
                row += [f"{v:.1e}" for v in (w.error, w.allowed, i.relative)]
            rows.append(row + ["-"] * (len(rows[0]) - len(row)))
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


def summarise(name: str, total: int, entries: list[Entry]) -> InputReport:
    """Count the kinds and find the worst of the checked entries of one input."""
    kinds = [e.kind for e in entries]
    largest = max((max(abs(e.analytic), abs(e.left), abs(e.right)) for e in entries), default=0.0)
    error = max((e.error for e in entries), default=0.0)
    return InputReport(
        name=name,
        total=total,
        checked=len(entries),
        smooth=kinds.count("smooth"),
        kinks=kinds.count("kink"),
        unresolved=kinds.count("unresolved"),
        failed=sum(e.ratio > 1.0 for e in entries),
        relative=error / largest if error else 0.0,
        worst=max(entries, key=lambda e: e.ratio, default=None),
    )
