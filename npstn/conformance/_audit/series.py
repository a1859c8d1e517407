"""Values over the calls of a program, as many as fit."""

from collections.abc import Iterator
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Series(Generic[Value]):
    """Values by the number of a call; every second one is dropped whenever there are too many."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.values: list[tuple[int, Value]] = []

    def add(self, call: int, value: Value) -> None:
        """Add the value of a call."""
        self.values.append((call, value))
        if len(self.values) > self.most:
            self.values = self.values[::2]

    def __iter__(self) -> Iterator[tuple[int, Value]]:
        return iter(self.values)

    def __len__(self) -> int:
        return len(self.values)
