"""The numerical contract: how far a result may be from the exact value.

The exact value is that of the operation on the numbers that were stored. Let M be the sum of the
absolute values of its terms, n their number, and C the channels. An error is at most
``factor * U * M``, and

- in float32 half a unit in the last place more;
- for derivatives of a cubic kernel ``SLACK * U`` more times all that its weights are multiplied
  with, since they may vanish between texels where their terms do not;
- where a product or sum underflows, ``FLOOR`` more times all that it meets afterwards.

Nothing is said where one overflows, but that it follows IEEE arithmetic. README's table "What is
certain" is made of these constants, and :mod:`npstn.oracle.bounds` judges by them.
"""

from fractions import Fraction
from reprlib import repr as shown
from typing import NamedTuple

__all__ = ["FLOOR", "SLACK", "TRUTH_VERSION", "Bound", "U", "bound"]

TRUTH_VERSION = 4  # raised when any bit of any result changes
U = Fraction(1, 2**53)
FLOOR = Fraction(1, 2**1070)
SLACK = 12


class Bound(NamedTuple):
    """The factor of a bound: a sum of a constant and of sizes of the problem.

    Attributes
    ----------
    constant : int
        Roundings of a term and of its weights.
    terms, channels, sizes : bool
        Whether n, C, and the sizes of the output count as well.
    """

    constant: int
    terms: bool = False
    channels: bool = False
    sizes: bool = False

    def factor(self, n: int, channels: int = 0, out_dims: tuple[int, ...] = ()) -> int:
        """Compute the factor for a sum of n terms."""
        found = self.constant + self.terms * n + self.channels * channels
        return found + self.sizes * sum(out_dims)

    def __str__(self) -> str:
        """Write the bound as README does."""
        parts = [(self.terms, "n"), (self.channels, "C"), (self.sizes, "Ho + Wo")]
        sizes = [name for counts, name in parts if counts]
        text = " + ".join([*sizes, str(self.constant)])
        return f"({text})u·M" if sizes else f"{text}u·M"


# Roundings of one texel: two of a linear weight and nine of a cubic one, for each axis; then those
# of their product, of its product with the value, and of the sum over all texels in pairs.
_OUT = {("nearest", 2): 8, ("nearest", 3): 8, ("bilinear", 2): 8, ("bilinear", 3): 12}
_OUT |= {("bicubic", 2): 24, ("bicubic", 3): 36}
_FIRST = "out", "d_x", "d_grid", "d_theta", "d_fill", "t_out"
_RESULTS = *_FIRST, "dd_out", "dd_x", "dd_grid", "dd_theta"
_BILINEAR = {
    "d_x": Bound(6, terms=True),
    "d_grid": Bound(8, channels=True),
    "d_theta": Bound(8, channels=True, sizes=True),
}


def bound(result: str, mode: str = "bilinear", rank: int = 2) -> Bound:
    """Look up the bound of a result.

    Parameters
    ----------
    result : str
        "out"; "d_x", "d_grid", "d_theta" or "d_fill"; "t_out", a tangent; or "dd_x", "dd_grid",
        "dd_theta" or "dd_out", cotangents of the arguments of a backward pass.
    mode : {"bilinear", "nearest", "bicubic"}
        Interpolation.
    rank : {2, 3}
        Dimensions of the input.

    Returns
    -------
    Bound
        For :func:`npstn.affine_grid_vjp` that of "d_theta" without channels.

    Raises
    ------
    ValueError
        If there is no such result, mode or rank.
    """
    if (mode, rank) not in _OUT:
        raise ValueError(
            f"mode is {shown(mode)} and rank {shown(rank)}, expected one of {list(_OUT)}"
        )
    if result not in _RESULTS:
        raise ValueError(f"result is {shown(result)}, expected one of {', '.join(_RESULTS)}")
    if result == "out":
        return Bound(_OUT[mode, rank])
    if mode == "bicubic":
        return Bound(10 * rank, terms=True, channels=True)
    if rank == 2 and result in _BILINEAR:
        return _BILINEAR[result]
    return Bound(10, terms=True, channels=True)
