"""Values over the calls of a program, as many as fit."""

from collections.abc import Iterator
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Series(Generic[Value]):
    """Values by the number of a call, equally far apart: where there are too many, each second."""

    def __init__(self, most: int) -> None:
        self.most, self.step, self.count = most, 1, 0
        self.values: list[tuple[int, Value]] = []

    def add(self, call: int, value: Value) -> None:
        """Add the value of a call."""
        if self.count % self.step == 0:
            self.values.append((call, value))
            if len(self.values) > self.most:
                self.values, self.step = self.values[::2], 2 * self.step
        self.count += 1

    def __iter__(self) -> Iterator[tuple[int, Value]]:
        return iter(self.values)

    def __len__(self) -> int:
        return len(self.values)
