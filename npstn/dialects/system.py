"""A system as a module: its functions, under its own names."""

from collections.abc import Callable, Iterator
from functools import cached_property
from types import ModuleType
from typing import Any, NoReturn

from .._hints import shown
from ._functions import build
from ._tables import coming_from
from .row import Row


class System(ModuleType):
    """The functions of one row, each with its ``_vjp``; :attr:`row` has what is known of it."""

    row: Row

    def __init__(self, row: Row) -> None:
        if not isinstance(row, Row):
            raise TypeError(f"row is {shown(row)}, expected one of npstn.dialects.ROWS")
        super().__init__(f"npstn.dialects.{row.system}", coming_from(row))
        names = [f"{f.name}{end}" for f in row.functions for end in ("", "_vjp")]
        vars(self).update(row=row, __all__=names)  # by __all__, help() shows the functions

    @cached_property
    def functions(self) -> dict[str, Callable[..., Any]]:
        """All functions by name."""
        return dict(self._built())

    def _built(self) -> Iterator[tuple[str, Callable[..., Any]]]:
        for function in self.row.functions:
            yield from build(self.row, function)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Look a function up."""
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self.functions:
            known = ", ".join(self.functions)
            raise AttributeError(f"npstn.dialects.{self.row.system} has no {name}: {known}")
        return self.functions[name]

    def __setattr__(self, name: str, value: object) -> NoReturn:
        """Refuse: a system is what its row says."""
        raise AttributeError(f"npstn.dialects.{self.row.system} does not change: no {name} is set")

    def __reduce__(self) -> tuple[type, tuple[Row]]:
        """Copy and pickle it as its row."""
        return System, (self.row,)

    def __eq__(self, other: object) -> bool:
        """Whether it is of the same row."""
        return isinstance(other, System) and other.row == self.row

    def __hash__(self) -> int:
        """Hash the row."""
        return hash(self.row)

    def __dir__(self) -> list[str]:
        """List the functions."""
        return ["row", *self.functions]

    def __str__(self) -> str:
        """Write its table, for people who come from there."""
        return coming_from(self.row)

    def __repr__(self) -> str:
        """Name the system and its version."""
        return f"<{self.row.title} {self.row.since}: {', '.join(self.functions)}>"
