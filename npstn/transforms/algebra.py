"""Composition and inverse of affine and projective maps, with their derivatives.

Both work on the matrices of the maps, [theta; 0 0 1] or H. Results for projective maps are scaled
to a last entry of 1, and derivatives take that into account.
"""

import numpy as np

from .._arithmetic import ieee
from .._arrays import like
from .._check import Array
from ..grid import Floats
from . import _params as check
from ._homogeneous import Form, form_of, inverse, scaled, times


@ieee
def compose(theta_a: Array, theta_b: Array) -> Floats:
    """Compose two maps to ``p = a(b(x))``: b is applied to the output lattice first.

    To sample by a's grid, and the result by b's, is to sample by the grid of the composition,
    except that interpolating twice blurs and cuts off more.

    Parameters
    ----------
    theta_a, theta_b : (B, 6), (B, 2, 3), (B, 12), (B, 3, 4) or (B, 8) float32 or float64
        Two affine maps, or two projective ones (8 parameters); or (B, K, ...) of these. Both are
        of the same shape.

    Returns
    -------
    shape of ``theta_a``, float64
        Parameters of the composition.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype or shape; or the matrix product of projective maps
        has a last entry of 0: the composition sends the centre to infinity.
    """
    _, _, c, _, form = _composed(theta_a, theta_b)
    return form.params(c)


@ieee
def compose_jvp(
    theta_a: Array, theta_b: Array, t_theta_a: Array, t_theta_b: Array
) -> tuple[Floats, Floats]:
    """Compose two maps, with the tangent of the composition.

    Parameters
    ----------
    theta_a, theta_b
        As in :func:`compose`.
    t_theta_a, t_theta_b : shape of ``theta_a``, float32 or float64
        Tangents of the maps.

    Returns
    -------
    theta, t_theta : as of :func:`compose`

    Raises
    ------
    TypeError, ValueError
        As :func:`compose`.
    """
    a, b, c, last, form = _composed(theta_a, theta_b)
    t_a = form.matrices(check.tangent(t_theta_a, theta_a, "t_theta_a"), 0.0)
    t_b = form.matrices(check.tangent(t_theta_b, theta_b, "t_theta_b"), 0.0)
    t = times(t_a, b) + times(a, t_b)
    return form.params(c), form.params((t - c * t[:, -1:, -1:]) / last)


@ieee
def compose_vjp(d_theta: Array, theta_a: Array, theta_b: Array) -> tuple[Array, Array]:
    """Compute the cotangents of both maps from that of their composition.

    For affine maps ``d_A = d_C B^T`` and ``d_B = A^T d_C`` of the matrices.

    Parameters
    ----------
    d_theta : shape of ``theta_a``, float32 or float64
        Cotangent of the composition.
    theta_a, theta_b
        As in :func:`compose`.

    Returns
    -------
    d_theta_a, d_theta_b : shapes and (native) dtypes of ``theta_a`` and ``theta_b``

    Raises
    ------
    TypeError, ValueError
        As :func:`compose`.
    """
    a, b, c, last, form = _composed(theta_a, theta_b)
    d = _d_matrices(d_theta, c, form, "d_theta", "theta_a") / last
    d_a, d_b = times(d, _transposed(b)), times(_transposed(a), d)
    return check.cast_like(form.params(d_a), theta_a), check.cast_like(form.params(d_b), theta_b)


@ieee
def invert(theta: Array) -> Floats:
    """Invert a map: ``compose(theta, invert(theta))`` is the identity, up to rounding.

    Parameters
    ----------
    theta : (B, 6), (B, 2, 3), (B, 12), (B, 3, 4) or (B, 8) float32 or float64
        Affine maps, or projective ones (8 parameters); or (B, K, ...) of these.

    Returns
    -------
    shape of ``theta``, float64
        Parameters of the inverse. It is exact for shifts, flips, quarter turns and powers of two.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype or shape; if a map is singular, or so nearly that
        its determinant is all rounding; or if the inverse of a projective map has a last entry of
        0: it sends the centre to infinity. NaN gives NaN.
    """
    x, _, form = _inverted(theta)
    return form.params(x)


@ieee
def invert_jvp(theta: Array, t_theta: Array) -> tuple[Floats, Floats]:
    """Invert a map, with the tangent ``-X t X`` of the inverse matrix X.

    Parameters
    ----------
    theta
        As in :func:`invert`.
    t_theta : shape of ``theta``, float32 or float64
        Tangent of the map.

    Returns
    -------
    inverse, t_inverse : as of :func:`invert`

    Raises
    ------
    TypeError, ValueError
        As :func:`invert`.
    """
    x, ratio, form = _inverted(theta)
    t = form.matrices(check.tangent(t_theta, theta, "t_theta"), 0.0)
    t_x = 0.0 - times(times(x, t), x) * ratio
    return form.params(x), form.params(t_x - x * t_x[:, -1:, -1:])


@ieee
def invert_vjp(d_inverse: Array, theta: Array) -> Array:
    """Compute the cotangent of a map from that of its inverse X: ``-X^T d X^T``.

    Parameters
    ----------
    d_inverse : shape of ``theta``, float32 or float64
        Cotangent of the inverse.
    theta
        As in :func:`invert`.

    Returns
    -------
    shape and (native) dtype of ``theta``
        Cotangent of the map.

    Raises
    ------
    TypeError, ValueError
        As :func:`invert`.
    """
    x, ratio, form = _inverted(theta)
    d = _d_matrices(d_inverse, x, form, "d_inverse", "theta")
    turned = _transposed(x)
    return check.cast_like(form.params(0.0 - times(times(turned, d), turned) * ratio), theta)


def _composed(theta_a: object, theta_b: object) -> tuple[Floats, Floats, Floats, Floats, Form]:
    """Compute the matrices of both maps and of their composition, and the divisor of the latter."""
    given_a, form = form_of("theta_a", theta_a)
    given_b, _ = form_of("theta_b", theta_b)
    if given_a.shape != given_b.shape:
        msg = f"theta_b has shape {given_b.shape}"
        raise ValueError(f"{msg}, expected that of theta_a, {given_a.shape}")
    a, b = form.matrices(given_a), form.matrices(given_b)
    c, last = scaled("the composition", times(a, b), form)
    return a, b, c, last, form


def _inverted(theta: object) -> tuple[Floats, Floats, Form]:
    """Compute the matrices of the inverse, and their divisors."""
    given, form = form_of("theta", theta)
    x, last = scaled("the inverse", inverse("theta", form.matrices(given), form), form)
    return x, last, form


def _d_matrices(d: Array, m: Floats, form: Form, name: str, primal: str) -> Floats:
    """Compute the cotangent of matrices before their division, times the divisor."""
    full = form.matrices(like(name, d, form.shape, primal), 0.0)
    full[:, -1, -1] = 0.0 - (full * m).sum((1, 2))
    return full


def _transposed(m: Floats) -> Floats:
    return np.swapaxes(m, 1, 2)
