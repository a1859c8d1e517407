"""The specification: numbered clauses, each with a probe and its exact answer.

``print(npstn.SPEC["R13"])`` shows one, ``print(npstn.SPEC)`` lists them. A number is for ever, so
that others can cite it. An answer is in C order, the last axis first, and each number of it exact.
"""

from reprlib import repr as shown

from .._table import Table
from .clause import Clause, Probe, Values
from .coordinates import COORDINATES
from .derivatives import DERIVATIVES
from .gradients import GRADIENTS
from .interpolation import INTERPOLATION
from .limits import LIMITS
from .paddings import PADDINGS
from .promises import PROMISES

__all__ = ["SECTIONS", "SPEC", "Clause", "Probe", "Spec", "Values"]

SECTIONS = Table(
    {
        "Coordinates and maps": COORDINATES,
        "Interpolation": INTERPOLATION,
        "Padding": PADDINGS,
        "Limits": LIMITS,
        "Gradients": GRADIENTS,
        "More derivatives": DERIVATIVES,
        "Errors and promises": PROMISES,
    }
)


class Spec(Table[str, Clause]):
    """Clauses by number."""

    def __getitem__(self, key: str) -> Clause:
        """Look a clause up by its number, such as "R13"."""
        if key not in self._items:
            raise KeyError(f"number is {shown(key)}, expected R1 to {list(self._items)[-1]}")
        return self._items[key]

    def __contains__(self, key: object) -> bool:
        """Whether there is a clause of this number."""
        return key in self._items

    def __str__(self) -> str:
        """List numbers and titles."""
        return "\n".join(f"{number:<5}{clause.title}" for number, clause in self.items())


SPEC = Spec({clause.number: clause for part in SECTIONS.values() for clause in part})
