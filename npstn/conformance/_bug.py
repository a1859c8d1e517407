"""A bug: what a function of a dialect would do with one thing wrong."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from ..dialects._functions import PROBLEMS, build
from ..dialects._sampling import Sampling
from ..dialects.row import Convention, Function, Padding
from ._fits import Fits
from ._ops import as_backend, function_of, row_of


@dataclass(frozen=True)
class Bug:
    """A bug that some spatial transformer had.

    It is a change of the function's data, of the sampler, or of the problem that the function
    solves (mixins, by the kind of function): whatever says it in the fewest words.
    """

    name: str
    sentence: str  # for the person who has it
    source: str
    clause: str
    fits_function: Fits = field(repr=False)
    change: Callable[[Function], Function] = field(default=lambda f: f, repr=False)
    sampler: type[Sampling] | None = field(default=None, repr=False)
    mixins: Mapping[str, type] = field(default_factory=dict, repr=False)
    effect: Literal["result", "gradient"] = "result"  # gradient: the result is right

    def fits(self, dialect: str = "torch", op: str = "grid_sample") -> bool:
        """Whether a function of a dialect can have it, and does not have it anyway."""
        return self.fits_function(function_of(row_of(dialect), op))

    def functions(
        self, dialect: str = "torch", op: str = "grid_sample"
    ) -> tuple[Callable[..., Any], Callable[..., Any]]:
        """Make a dialect's function and its vjp with this bug, called as a backend is.

        ``fn(*arrays_and_sizes, **options)`` and ``vjp(d_out, *arrays_and_sizes, **options)``.
        """
        row = row_of(dialect)
        function = function_of(row, op)
        if not self.fits_function(function):
            raise ValueError(f"{self.name} fits no {function.name} of {row.title}")
        changed, kind = self.change(function), function.op
        parts = self.mixins.get(kind, type("", (), {})), PROBLEMS[kind]
        made: type = type(parts[1].__name__, parts, {})
        if self.sampler is not None:
            made.sampling = self.sampler  # type: ignore[attr-defined]
        (_, fn), (_, vjp) = build(row, changed, {kind: made})
        return as_backend(fn, function), as_backend(vjp, function, 1)

    def __str__(self) -> str:
        return f"{self.name}: {self.sentence} ({self.source}; {self.clause})"


def converted(to: Callable[[Convention], Convention]) -> Callable[[Function], Function]:
    """Change all conventions of a function."""

    def change(function: Function) -> Function:
        other = function.otherwise and to(function.otherwise)
        return replace(function, convention=to(function.convention), otherwise=other)

    return change


def setting(**fields: Any) -> Callable[[Function], Function]:
    """Set fields of the convention."""
    return converted(lambda rule: replace(rule, **fields))


def padded(
    to: Callable[[Padding], Padding], which: Callable[[Padding], bool]
) -> Callable[[Function], Function]:
    """Change some paddings."""
    return converted(
        lambda rule: replace(
            rule, paddings={k: to(p) if which(p) else p for k, p in rule.paddings.items()}
        )
    )
