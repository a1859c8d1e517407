"""Conversion of maps from one system's convention to another's, with derivatives.

A change of unit is ``x' = L x`` on each axis, so a map m becomes ``L_in m L_out^-1``. Products of
units are fractions, rounded once: where they are 1 nothing changes, and the identity stays itself.
"""

from typing import NamedTuple

import numpy as np

from .. import _check, _values
from .._arithmetic import ieee
from .._arrays import like
from .._check import Array
from ..grid import Floats
from ..transforms._homogeneous import Form, inverse, times
from . import _names
from ._frames import frame, lattice_frame
from ._maps import AFFINE, fits, own_matrices, own_parameters, shape_of
from ._units import Units, change, units
from .row import Convention
from .system import System

Dialect = str | System


@ieee
def convert_theta(
    theta: Array,
    source: Dialect,
    target: Dialect,
    in_size: tuple[int, ...],
    out_dims: tuple[int, ...],
    *,
    source_align: bool | None = None,
    target_align: bool | None = None,
) -> Floats:
    """Convert the parameters of a map into those of another system.

    Parameters
    ----------
    theta : array in the form of the source
        Parameters of its maps; its batch, if it has one, comes first.
    source, target : str or System
        Systems by name, "opencv", or with their function, "opencv.warpPerspective"; or a System of
        a certain version. Without a function it is the first of the system's that has a map.
    in_size, out_dims : (int, int) or (int, int, int)
        Sizes (H, W) or (D, H, W) of the input and of the output, of 1 or more.
    source_align, target_align : bool, or 0 or 1, optional
        The option align_corners of either, where it has one; its own default by default.

    Returns
    -------
    array in the form of the target, float64
        With a batch if source and target have one; a target without takes a batch of one.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type or value; if there is no such map in the target: of a
        projective map in an affine form; or if a map has to be inverted and is singular.

    Notes
    -----
    An axis of one texel has no unit where -1 and 1 are the centres of its ends: its row or column
    is 0, as in :func:`npstn.transforms.theta_from_pixel`.
    """
    problem = _maps(theta, source, target, in_size, out_dims, source_align, target_align)
    return problem.parameters(problem.converted())


@ieee
def convert_theta_jvp(
    theta: Array,
    t_theta: Array,
    source: Dialect,
    target: Dialect,
    in_size: tuple[int, ...],
    out_dims: tuple[int, ...],
    *,
    source_align: bool | None = None,
    target_align: bool | None = None,
) -> tuple[Floats, Floats]:
    """Convert the parameters of a map, with their tangent.

    Parameters
    ----------
    theta
        As in :func:`convert_theta`.
    t_theta : shape of ``theta``, float32 or float64
        Tangent of the parameters.
    source, target, in_size, out_dims, source_align, target_align
        As in :func:`convert_theta`.

    Returns
    -------
    theta, t_theta : as of :func:`convert_theta`

    Raises
    ------
    TypeError, ValueError
        As :func:`convert_theta`.
    """
    problem = _maps(theta, source, target, in_size, out_dims, source_align, target_align)
    given = like("t_theta", t_theta, theta.shape, "theta").reshape(problem.given.shape)
    m = problem.converted()
    return problem.parameters(m), problem.tangent(given.astype(np.float64), m)


@ieee
def convert_theta_vjp(
    d_theta: Array,
    theta: Array,
    source: Dialect,
    target: Dialect,
    in_size: tuple[int, ...],
    out_dims: tuple[int, ...],
    *,
    source_align: bool | None = None,
    target_align: bool | None = None,
) -> Array:
    """Cotangent of the parameters of :func:`convert_theta` from that of its result.

    Parameters
    ----------
    d_theta : shape of the result, float32 or float64
        Cotangent of the converted parameters.
    theta, source, target, in_size, out_dims, source_align, target_align
        As in :func:`convert_theta`.

    Returns
    -------
    shape and (native) dtype of ``theta``
        Cotangent of the parameters.

    Raises
    ------
    TypeError, ValueError
        As :func:`convert_theta`.
    """
    problem = _maps(theta, source, target, in_size, out_dims, source_align, target_align)
    m = problem.converted()
    shape = problem.parameters(m).shape
    given = like("d_theta", d_theta, shape, "the result").reshape(len(m), -1)
    return problem.pulled(given.astype(np.float64), m).reshape(theta.shape).astype(theta.dtype)


class _Maps(NamedTuple):
    """Parameters (N, numbers) on their way from one convention to another."""

    given: Floats
    source: Convention
    target: Convention
    units: Units
    rank: int

    def converted(self) -> Floats:
        """Matrices (N, R + 1, R + 1) of the target, of its direction, x first, not yet divided."""
        m = self.units.applied(own_matrices(self.source, self.given, self.rank))
        return self._inverse(m) if self._turned else m

    def parameters(self, m: Floats) -> Floats:
        """The parameters of the target in its shape."""
        rule, at_infinity = self.target, (m[:, -1, -1] == 0).any()
        if rule.form in AFFINE and (m[:, -1, :-1] != 0).any():
            raise ValueError("theta is projective, and the target has affine maps only")
        if at_infinity and rule.form != "homogeneous":
            raise ValueError(
                "theta has a matrix with a last entry of 0, and the target has 1 there"
            )
        m = m if at_infinity else m / m[:, -1:, -1:]
        found, shape = own_parameters(rule, m), shape_of(rule, self.rank)
        if "N" in rule.layout:
            several = (1,) if rule.several else ()
            return found.reshape(len(found), *several, *shape)
        if len(found) != 1:
            raise ValueError(f"theta has {len(found)} maps, and the target takes one at a time")
        return found.reshape(shape)

    def tangent(self, t: Floats, m: Floats) -> Floats:
        """The tangent of the parameters from that of those given."""
        t_m = self.units.applied(own_matrices(self.source, t, self.rank, last=0.0))
        if self._turned:
            t_m = -times(times(m, t_m), m)
        last = m[:, -1:, -1:]
        t_m = t_m / last - m * t_m[:, -1:, -1:] / last**2
        return own_parameters(self.target, t_m).reshape(self.parameters(m).shape)

    def pulled(self, d: Floats, m: Floats) -> Floats:
        """The cotangent of the parameters given from that of the results."""
        d_m, last = own_matrices(self.target, d, self.rank, last=0.0), m[:, -1:, -1:]
        total = (d_m * m).sum((1, 2), keepdims=True)
        d_m = d_m / last
        d_m[:, -1:, -1:] -= total / last**2
        if self._turned:
            x = np.swapaxes(m, 1, 2)
            d_m = -times(times(x, d_m), x)
        d_m = self.units.transposed(d_m)
        return own_parameters(self.source, d_m)

    @property
    def _turned(self) -> bool:
        return self.source.direction != self.target.direction

    def _inverse(self, m: Floats) -> Floats:
        projective = self.source.form not in AFFINE
        return inverse("theta", m, Form(m.shape, (len(m),), self.rank, projective))


def _maps(
    theta: object,
    source: object,
    target: object,
    in_size: object,
    out_dims: object,
    source_align: object,
    target_align: object,
) -> _Maps:
    """The arguments of :func:`convert_theta`, checked."""
    old = _names.function("source", source, _names.MAPS)
    new = _names.function("target", target, _names.MAPS)
    aligns = (
        _names.align("source_align", source_align, old),
        _names.align("target_align", target_align, new),
    )
    rules = old.convention, new.convention
    dims = _values.sizes("out_dims", out_dims, ranks=(2, 3), least=1)
    size = _values.sizes("in_size", in_size, ranks=(len(dims),), least=1)
    pairs = tuple(zip(rules, aligns, strict=True))
    before, after = (frame(rule, size, align) for rule, align in pairs)
    old_out, new_out = (lattice_frame(rule, dims, align) for rule, align in pairs)
    if rules[0].direction == "push":
        before, after, old_out, new_out = old_out, new_out, before, after
    changes = change(before, after, rules[1].one), change(new_out, old_out, rules[0].one)
    given = _given(theta, rules[0], len(dims))
    return _Maps(given, *rules, units(*changes), len(dims))


def _given(theta: object, rule: Convention, rank: int) -> Floats:
    """The parameters (N, numbers) of the source."""
    shape, leading = shape_of(rule, rank), ("N" in rule.layout) + rule.several
    expected = f"({'N, ' * (leading > 0)}{'K, ' * (leading > 1)}{', '.join(map(str, shape))})"
    given = _check.array("theta", theta, f"of shape {expected}")
    if given.ndim <= leading or not fits(rule, rank, given.shape[leading:]):
        raise ValueError(f"theta has shape {given.shape}, expected {expected}")
    count = int(np.prod(given.shape[:leading]))
    found = given.reshape(count, int(np.prod(shape))).astype(np.float64)
    if rule.form == "square" and (found[:, -rank - 1 :] != np.eye(rank + 1)[-1]).any():
        raise ValueError("theta has another last row than (0, ..., 0, 1), which is no affine map")
    return found
