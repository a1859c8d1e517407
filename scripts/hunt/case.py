"""One case: the arguments of a function of npstn and its derivatives, and each of their results.

Its arrays have channels last, as the oracle wants them; npstn is given the layout of the options.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

import npstn

Array = NDArray[np.floating[Any]]

MODULE, SAMPLER, GRID = "spatial_transformer_network", "grid_sample", "affine_grid"
IMAGES = {"x", "t_x", "d_out", "out", "d_x", "t_out", "dd_out", "dd_x"}  # with channels


class Call(NamedTuple):
    """The call that gives a result: function, names of its arguments, which of its results."""

    function: str
    arguments: tuple[str, ...]
    which: int = 0


def calls(function: str) -> dict[str, Call]:
    """Return the results of a function and its derivatives, by name."""
    if function == GRID:
        adjoint = Call("affine_grid_vjp", ("d_grid",))
        return {"grid": Call(GRID, ("theta", "out_dims")), "d_theta": adjoint}
    dims = ("out_dims",) if function == MODULE else ()
    p = "theta" if function == MODULE else "grid"
    second = ("t_x", f"t_{p}", "d_out", "x", p)
    found = {
        "out": Call(function, ("x", p, *dims)),
        "d_x": Call(f"{function}_vjp", ("d_out", "x", p), 0),
        f"d_{p}": Call(f"{function}_vjp", ("d_out", "x", p), 1),
        "t_out": Call(f"{function}_jvp", ("x", p, "t_x", f"t_{p}", *dims), 1),
    }
    for index, name in enumerate(("dd_out", "dd_x", f"dd_{p}")):
        found[name] = Call(f"{function}_vjp_vjp", second, index)
    return found


class Case(NamedTuple):
    """A function, its arguments by name, its options, and the names of the results to judge."""

    function: str
    arrays: dict[str, Array]
    out_dims: tuple[int, ...]
    options: dict[str, Any]
    results: tuple[str, ...]

    @property
    def rank(self) -> int:
        """2 for images, 3 for volumes."""
        return len(self.out_dims)

    @property
    def points(self) -> str:
        """The name of the argument that says where points are."""
        return "grid" if self.function == SAMPLER else "theta"

    @property
    def size(self) -> tuple[int, ...]:
        """The size of the input; 1 if there is none."""
        return self.arrays["x"].shape[1:-1] if "x" in self.arrays else (1,) * self.rank

    @property
    def channels(self) -> int:
        """Channels of the input; 1 if there is none."""
        return int(self.arrays["x"].shape[-1]) if "x" in self.arrays else 1

    def given(self, name: str) -> Any:
        """Return an argument as npstn gets it."""
        if name == "out_dims":
            return self.out_dims
        array = self.arrays[name]
        if name in IMAGES and self.options["layout"].startswith("NC"):
            return np.ascontiguousarray(np.moveaxis(array, -1, -1 - self.rank))
        return array

    def run(self, call: Call) -> tuple[Array, ...]:
        """Return all results of a call of npstn, in the layout of the options."""
        given = map(self.given, call.arguments)
        found = getattr(npstn, call.function)(*given, **self.options)
        return found if isinstance(found, tuple) else (found,)

    def channels_last(self, name: str, found: Array) -> Array:
        """Return a result with its channels last, if it has any."""
        first = self.options.get("layout", "").startswith("NC")
        return np.moveaxis(found, -1 - self.rank, -1) if first and name in IMAGES else found
