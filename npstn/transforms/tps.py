"""The thin-plate spline: the smoothest map that takes control points to given places."""

from functools import lru_cache
from typing import NamedTuple

from .. import _values
from .._arithmetic import ieee
from .._check import Array
from .._options import COORDINATES, Coordinates
from ..grid import Floats, pixel_scale
from . import _door as door
from . import _params as check
from ._core import Dims
from ._derived import grid_derivatives
from ._linear import KEPT, Linear, lattice_rows
from ._spline import Units, basis, solution, system

_BASIS_BLOCK = 2**21  # numbers


class Spline(Linear):
    """M has the basis functions at the lattice, S solves for their coefficients."""

    def __init__(
        self,
        *,
        control_points: Array | None = None,
        regularization: float = 0.0,
        units: Coordinates = "normalized",
    ) -> None:
        self._options = _options(control_points, regularization, units)
        keys = self._options.keys
        self.identities = {rank: check.points_of(key, rank).flatten() for rank, key in keys.items()}
        if self._options.normalized and control_points is not None:
            (rank,) = keys
            self.solution((1,) * rank, True)  # if it is ill-conditioned, it is so for every output

    def band(self, dims: Dims, align: bool, first: int, last: int) -> Floats:
        """Compute the transpose of the rows of M of the output rows [first, last)."""
        key, units, _ = self._options.of(dims, align)
        return _band(key, units, dims, align, first, last)

    def points_in_band(self, rank: int) -> int:
        """How many points of the output a band has."""
        return _BASIS_BLOCK // (len(self.identities[rank]) // rank + rank + 1)

    def solution(self, dims: Dims, align: bool) -> Floats:
        """Compute the coefficients (K + R + 1, K), w and a, of the splines of unit parameters."""
        return solution(*self._options.of(dims, align))


def tps_grid(
    params: Array,
    out_dims: tuple[int, ...],
    *,
    align_corners: bool = True,
    control_points: Array | None = None,
    regularization: float = 0.0,
    units: Coordinates = "normalized",
) -> Floats:
    """Compute the sampling grid of a thin-plate spline.

    Each coordinate of the grid is ``f(q) = sum over k of w_k U(|q - c_k|) + a_0 + a_1 x + a_2 y``
    at q = (x, y) of the base lattice, with ``U(r) = r**2 log(r)`` and

        [K + λ I  P] [w]   [v]     K_kl = U(|c_k - c_l|),  rows of P: (1, x_k, y_k),
        [P^T      0] [a] = [0],    v_k: where the parameters send control point c_k.

    In a volume there is ``a_3 z`` too, and ``U(r) = -r``. With λ = 0 it is the interpolant of least
    bending energy: f(c_k) = v_k. It is linear in the parameters, and the system is solved once for
    all of them.

    Parameters
    ----------
    params : (B, 2K) or (B, n, 2K) float32 or float64, in a volume (B, 3K) or (B, n, 3K)
        (x_1, y_1, x_2, y_2, ...): for each control point its place in the input, in normalised
        coordinates; in a volume (x_1, y_1, z_1, ...).
    out_dims, align_corners
        As in :func:`npstn.affine_grid`.
    control_points : (K, 2) or (K, 3) float32 or float64, optional
        Their places (x, y) or (x, y, z) in the output, normalised, x first: 3 or more, distinct,
        not all on one line; in a volume 4 or more, not all on one plane. By default the 16 of a 4 x
        4 lattice on [-1, 1]**2, row by row, or the 64 of a 4 x 4 x 4 lattice.
    regularization : float
        λ of at least 0: the larger, the closer to the affine map that fits best.
    units : "normalized" or "pixel"
        In what r and λ, and so bending, are measured: normalised coordinates, or pixels of the
        output, of which 2 normalised units have ``Wo - 1`` with ``align_corners``, else ``Wo``, and
        alike on other axes (1 on an axis of one pixel). They give the same map where all axes have
        the same size and λ is 0. Elsewhere the normalised one is not the smoothest in pixels: on
        an output twice as broad as high, with control points that move by up to 0.3, the two are up
        to 0.1 apart.

    Returns
    -------
    (B, Ho, Wo, 2) or (B, n, Ho, Wo, 2) float64, in a volume (..., Do, Ho, Wo, 3)
        Normalised coordinates, x first.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype, shape or value, or the condition of the system
        exceeds 1e12 (see :func:`tps_condition`).

    Notes
    -----
    Errors are up to a few times the condition times 2**-53 times the largest parameter; LAPACK
    and the logarithm leave the last bits to the machine. A parameter that is NaN or Inf makes all
    points NaN or Inf in its coordinate.

    See Also
    --------
    scipy.interpolate.RBFInterpolator : this map with ``kernel="thin_plate_spline"`` (in a volume
        ``"linear"``), degree 1 and ``smoothing=regularization``.

    References
    ----------
    Bookstein, Principal Warps: Thin-Plate Splines and the Decomposition of Deformations, 1989.
    Jaderberg et al., Spatial Transformer Networks, 2015, section 3.2.
    """
    core = Spline(control_points=control_points, regularization=regularization, units=units)
    return door.grid(core, params, out_dims, align_corners)


tps_grid_jvp, tps_grid_vjp = grid_derivatives(tps_grid, Spline)


def tps_identity(*, rank: int | None = None, control_points: Array | None = None) -> Floats:
    """Copy the parameters of the identity for any regularisation: the control points.

    Parameters
    ----------
    rank : int, optional
        2 for images, 3 for volumes: that of ``control_points``, or 2.
    control_points
        As in :func:`tps_grid`.

    Returns
    -------
    (2K,) or (3K,) float64
        One row of ``params``. The grid is that of the identity within the error of the spline.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype, shape or value.
    """
    keys = check.control_points(control_points, (2, 3))
    chosen = check.rank(rank, tuple(keys))
    return check.points_of(keys[chosen], chosen).flatten()


@ieee
def tps_condition(
    out_dims: tuple[int, ...] | None = None,
    *,
    align_corners: bool = True,
    control_points: Array | None = None,
    regularization: float = 0.0,
    units: Coordinates = "normalized",
) -> float:
    """Compute the condition (2-norm) of the system behind :func:`tps_grid`.

    The control points are first moved to the origin and scaled to an extent of about 1, which
    changes the system but not the spline. Points close together, or nearly on one line, raise it.

    Parameters
    ----------
    out_dims, align_corners, control_points, regularization, units
        As in :func:`tps_grid`. The size is needed for units "pixel" only; without control points
        its length says the rank, which is 2 by default.

    Returns
    -------
    float
        1 or more; up to 1e12 is accepted.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype, shape or value.
    """
    options = _options(control_points, regularization, units)
    align, ranks = _values.align(align_corners), tuple(options.keys)
    if out_dims is None and not options.normalized:
        raise ValueError("out_dims is None, expected the output size with units 'pixel'")
    dims = _values.sizes("out_dims", out_dims, 0, 8, (1,) * ranks[0], ranks)
    return system(*options.of(dims, align))[1]


class _Options(NamedTuple):
    keys: dict[int, bytes]  # control points by rank
    weight: float  # λ
    normalized: bool  # the unit of length

    def of(self, dims: Dims, align: bool) -> tuple[bytes, Units, float]:
        """Choose what :mod:`._spline` needs for an output."""
        sizes = (max(pixel_scale(n, align)[0], 0.5) for n in reversed(dims))
        units = (1.0 if self.normalized else size for size in sizes)
        return self.keys[len(dims)], tuple(units), self.weight


def _options(control_points: object, regularization: object, units: object) -> _Options:
    """Check the options of the family."""
    keys = check.control_points(control_points, (2, 3))
    weight = _values.number("regularization", regularization, 0.0)
    return _Options(keys, weight, bool(_values.choice("units", units, COORDINATES)))


@lru_cache(KEPT // _BASIS_BLOCK)
def _band(key: bytes, units: Units, dims: Dims, align: bool, first: int, last: int) -> Floats:
    """Compute the transpose (K + R + 1, points) of the rows of M of output rows [first, last)."""
    rows = lattice_rows(dims, align, first, last)
    found = basis(check.points_of(key, len(dims)), units, *rows)
    return found.reshape(len(found), (last - first) * dims[-1])
