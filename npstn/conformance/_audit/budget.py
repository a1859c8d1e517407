"""Which calls an audit looks at: each so many, or as many as a share of the time allows."""

import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager

FIRST, EACH = 0.05, 3e-6  # expected of a first look, and of each of its numbers


class Budget:
    """The time that an audit may take.

    Parameters
    ----------
    share : float
        Of the time since the beginning.
    every : int, optional
        Look at each so many calls of a line instead.
    clock : function, optional
        Seconds.
    """

    def __init__(
        self,
        share: float,
        every: int | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.share, self.every, self.clock = share, every, clock
        self.begun, self.spent = clock(), 0.0
        self.last: dict[Hashable, float] = {}  # seconds, by what was looked at

    def allows(self, what: Hashable, calls: int, numbers: int) -> bool:
        """Whether to look at a call of so many numbers, after so many calls of the same line."""
        if self.every is not None:
            return calls % self.every == 0
        needed = self.last.get(what, FIRST + EACH * numbers)
        return self.spent + needed <= self.share * (self.clock() - self.begun)

    @contextmanager
    def spending(self, what: Hashable, *, more: bool = False) -> Iterator[None]:
        """Count the time of a block, which looks at something, or at ``more`` of it."""
        begun = self.clock()
        try:
            yield
        finally:
            taken = self.clock() - begun
            self.spent += taken
            self.last[what] = taken + (self.last.get(what, 0.0) if more else 0.0)
