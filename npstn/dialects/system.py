"""A system as a namespace: its functions, under its own names."""

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

from ._functions import build
from ._tables import coming_from
from .row import Row


class System:
    """The functions of one row, each with its ``_vjp``; :attr:`row` has what is known of it."""

    def __init__(self, row: Row) -> None:
        self.row = row

    @cached_property
    def functions(self) -> dict[str, Callable[..., Any]]:
        """All functions by name."""
        return dict(self._built())

    def _built(self) -> Iterator[tuple[str, Callable[..., Any]]]:
        for function in self.row.functions:
            yield from build(self.row, function)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Look a function up."""
        if name.startswith("__") or name not in self.functions:
            expected = ", ".join(self.functions) if not name.startswith("__") else "no such name"
            raise AttributeError(f"npstn.dialects.{self.row.system} has no {name}: {expected}")
        return self.functions[name]

    def __dir__(self) -> list[str]:
        """List the functions."""
        return ["row", *self.functions]

    def __str__(self) -> str:
        """Write its table, for people who come from there."""
        return coming_from(self.row)

    def __repr__(self) -> str:
        """Name the system and its version."""
        return f"<{self.row.title} {self.row.since}: {', '.join(self.functions)}>"
