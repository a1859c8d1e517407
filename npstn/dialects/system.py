"""A system as a namespace: its functions, under its own names."""

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

from .._hints import shown
from ._functions import build
from ._tables import coming_from
from .row import Row


class System:
    """The functions of one row, each with its ``_vjp``; :attr:`row` has what is known of it."""

    def __init__(self, row: Row) -> None:
        if not isinstance(row, Row):
            raise TypeError(f"row is {shown(row)}, expected one of npstn.dialects.ROWS")
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
        if name.startswith("_") or "row" not in vars(self):  # asked while it is copied
            raise AttributeError(name)
        if name not in self.functions:
            known = ", ".join(self.functions)
            raise AttributeError(f"npstn.dialects.{self.row.system} has no {name}: {known}")
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
