"""What was judged so far, and how it is shown: a bar on a terminal, else a line now and then."""

import time
from collections.abc import Sequence
from typing import TextIO

import numpy as np

from .judge import Verdict

BAR, EVERY = 24, {True: 0.2, False: 60.0}  # characters; seconds, on a terminal and elsewhere


class Progress:
    """Counts of cases, numbers and violations, and the time."""

    def __init__(self, cases: int | None, seconds: float | None, stream: TextIO) -> None:
        """Begin; the search ends after so many cases or seconds, or never."""
        self.limits, self.stream, self.terminal = (cases, seconds), stream, stream.isatty()
        self.cases = self.numbers = self.violations = 0
        self.worst = 0.0  # error over bound that holds, in float64: float32 is half a unit off
        self.begun = self.shown = time.monotonic()

    def add(self, verdicts: Sequence[Verdict]) -> None:
        """Count the verdicts on a case, and show where the search is if it is time."""
        ratios = [v.worst for v in verdicts if v.worst <= 1 and v.found.dtype == np.float64]
        self.cases += 1
        self.numbers += sum(v.found.size for v in verdicts)
        self.violations += any(v.worst > 1 for v in verdicts)
        self.worst = max([self.worst, *ratios])
        now = time.monotonic()
        if now - self.shown > EVERY[self.terminal]:
            self.shown = now
            bar = f"\r\x1b[K{self._bar()}" if self.terminal else ""
            print(
                bar + self.summary(),
                end="" if self.terminal else "\n",
                file=self.stream,
                flush=True,
            )

    @property
    def done(self) -> float:
        """The part of the search that is done; 0 if it has no end."""
        spent = self.cases, time.monotonic() - self.begun
        parts = [
            s / limit if limit else 1.0
            for s, limit in zip(spent, self.limits, strict=True)
            if limit is not None
        ]
        return min(1.0, max(parts, default=0.0))

    @property
    def ended(self) -> bool:
        """Whether the search is over."""
        return self.done >= 1

    def summary(self) -> str:
        """Return the counts as a line."""
        rate = self.cases / max(time.monotonic() - self.begun, 1e-9)
        found = "violation" if self.violations == 1 else "violations"
        return (
            f"{self.cases:,} cases, {self.numbers:,} numbers, {self.violations} {found}, "
            f"worst error {self.worst:.2f} of its bound, {rate:.1f} cases a second"
        )

    def clear(self) -> None:
        """Take the bar away, for something else to be printed."""
        if self.terminal:
            print("\r\x1b[K", end="", file=self.stream, flush=True)

    def _bar(self) -> str:
        if self.limits == (None, None):
            return ""
        full = int(BAR * self.done)
        return f"[{'#' * full}{'-' * (BAR - full)}] "
