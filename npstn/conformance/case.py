"""A case: the arguments of a call, and what it is about."""

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from ..dialects._frames import Sizes
from ..dialects._signature import roles_of
from ..dialects.row import Function
from ..grid import Floats
from . import _ops

LATTICE = (
    "lattice",
    "kinks",
    "ties",
    "fill",
)  # kinds of cases of small integers, at points of few bits
LARGE = ("large", "int32")  # kinds of which the image is a formula


@dataclass(frozen=True)
class Case:
    """Arguments of a call, and what it is about.

    Attributes
    ----------
    function : Function
        Of a row of a dialect.
    kind, dtype : str
        "lattice", "float32": how its numbers were drawn, and to what they are rounded.
    mode : {"bilinear", "nearest", "bicubic"}
        As npstn names it.
    padding : object
        As the system names it; None where it has no such argument.
    align : bool or None
        The option align_corners.
    size, out : tuple of int
        Of the input and of the output.
    given : dict
        All arguments by the system's own names; an image of the tier "large" is a formula.
    points : array or None
        In pixels, x first, (N, *out, R); None for maps.
    d_out : array
        A cotangent of the result.
    dialect, version : str, str or None
        Of the function.
    """

    function: Function
    kind: str
    dtype: str
    mode: str
    padding: Any
    align: bool | None
    size: Sizes
    out: Sizes
    given: dict[str, Any]
    points: Floats | None
    d_out: NDArray[Any]
    dialect: str = ""
    version: str | None = None

    def __str__(self) -> str:
        align = "" if self.align is None else f"-align={self.align}"
        padding = "" if self.padding is None else f"-{self.padding}"
        sizes = "x".join(map(str, self.size))
        return f"{self.kind}-{self.dtype}-{self.mode}{padding}{align}-{sizes}"

    @property
    def label(self) -> str:
        """The options in words."""
        words = [self.mode, *([] if self.padding is None else [str(self.padding)])]
        if "align" in roles_of(self.function):
            words.append("aligned" if self.align else "not aligned")
        return " ".join([*words, f"{len(self.size)}-D"])

    @property
    def exact(self) -> bool:
        """Whether all that a backend computes is a number of few bits, so that nothing rounds."""
        lattice = self.kind in LATTICE and self.function.op == "sample" and self.mode != "bicubic"
        return lattice and not self.function.convention.through

    @property
    def positional(self) -> tuple[Any, ...]:
        """Arrays and sizes, as a backend is given them."""
        names = _ops.positional(self.function)
        return tuple(value for name, value in self.given.items() if name in names)

    @property
    def options(self) -> dict[str, Any]:
        """All other arguments, as keywords."""
        names = _ops.options(self.function)
        return {name: value for name, value in self.given.items() if name in names}

    @property
    def arrays(self) -> tuple[str, ...]:
        """Names of the arrays, each of which has a cotangent."""
        return tuple(name for name in _ops.arrays(self.function) if name in self.given)


def frozen(a: NDArray[Any]) -> NDArray[Any]:
    """Copy an array, read-only, in the same order and byte order."""
    a = a.copy(order="K")
    a.flags.writeable = False
    return a
