"""Second derivatives: the cotangents of all that the first ones are made of.

With the direction (dd_x, dd_points) they are the first derivatives once more: see the two rows of
formulas in :mod:`.kernels.sample`. PyTorch has them too (2.13, on the CPU), and is one of their
judges.
"""

from . import _check
from ._arithmetic import ieee
from ._arrays import narrow
from ._check import Array
from ._module import module
from ._options import CUBIC_COEFFICIENT, Coordinates, Fill, Layout, Mode, PaddingMode
from .sample import sampling_problem
from .transforms.families import Family


@ieee
def grid_sample_vjp_vjp(
    dd_x: Array | None,
    dd_grid: Array | None,
    d_out: Array,
    x: Array,
    grid: Array,
    *,
    mode: Mode = "bilinear",
    padding_mode: PaddingMode = "zeros",
    align_corners: bool = True,
    layout: Layout = "NHWC",
    fill_value: Fill = 0.0,
    cubic_coefficient: float = CUBIC_COEFFICIENT,
    coordinates: Coordinates = "normalized",
) -> tuple[Array, Array, Array]:
    """Cotangents of all arguments of :func:`grid_sample_vjp`: second derivatives.

    With ``L = <dd_x, d_x> + <dd_grid, d_grid>`` the gradient of L, all blocks of it, where
    ``dd_p = dp/dg dd_grid`` and ``d_grid' = dp/dg d_p'``::

        d_out'  = sum W dd_x + sum_a dd_p[a] sum dW/dp_a x
        d_x'    = sum over points of d_out sum_a dd_p[a] dW/dp_a
        d_p'[b] = d_out (sum dW/dp_b dd_x + sum_a dd_p[a] sum d2W/dp_a dp_b x)

    With d_out fixed, (d_x', d_grid') is the Hessian of ``<d_out, out>`` times (dd_x, dd_grid).

    Parameters
    ----------
    dd_x : shape of ``x``, float32 or float64, or None
        Cotangent of d_x; None is zero.
    dd_grid : shape of ``grid``, float32 or float64, or None
        Cotangent of d_grid; None is zero.
    d_out, x, grid
        As in :func:`grid_sample_vjp`.
    mode, padding_mode, align_corners, layout, fill_value, cubic_coefficient, coordinates
        As in :func:`grid_sample`.

    Returns
    -------
    d_out' : shape and (native) dtype of ``d_out``
        The tangent of the output in the direction (dd_x, dd_grid).
    d_x' : shape and (native) dtype of ``x``
    d_grid' : shape and (native) dtype of ``grid``

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype, shape or value.

    Notes
    -----
    Kinks: the right second derivative of the kernel at an integer p; the slope of padding counts
    as constant. So bilinear has no d2W/dp_a^2, only mixed ones.

    References
    ----------
    Jaderberg et al., Spatial Transformer Networks, 2015, derivatives of equations 6 and 7.
    """
    rule = mode, padding_mode, align_corners, layout, fill_value, cubic_coefficient, coordinates
    problem = sampling_problem(x, grid, *rule)
    tangents = problem.t_x(dd_x, "dd_x"), problem.t_grid(dd_grid, "dd_grid")
    d_d_out, d_x, d_points = problem.vjp_vjp(problem.d_out(d_out), *tangents)
    return d_d_out, d_x, narrow(d_points, grid.dtype).reshape(grid.shape)


@ieee
def spatial_transformer_network_vjp_vjp(
    dd_x: Array | None,
    dd_theta: Array | None,
    d_out: Array,
    x: Array,
    theta: Array,
    *,
    transform: str | Family = "affine",
    mode: Mode = "bilinear",
    padding_mode: PaddingMode = "zeros",
    align_corners: bool = True,
    layout: Layout = "NHWC",
    fill_value: Fill = 0.0,
    cubic_coefficient: float = CUBIC_COEFFICIENT,
) -> tuple[Array, Array, Array]:
    """Cotangents of all arguments of :func:`spatial_transformer_network_vjp`.

    That of :func:`npstn.grid_sample_vjp_vjp` with the grid of dd_theta for dd_grid: for families
    that are linear in their parameters, so not for rst, rigid and projective, nor for similarity in
    volumes. With d_out fixed, (d_x', d_theta') is the Hessian of ``<d_out, out>`` times the vector
    (dd_x, dd_theta).

    Parameters
    ----------
    dd_x : shape of ``x``, float32 or float64, or None
        Cotangent of d_x; None is zero.
    dd_theta : shape of ``theta``, float32 or float64, or None
        Cotangent of d_theta; None is zero.
    d_out, x, theta
        As in :func:`spatial_transformer_network_vjp`.
    transform, mode, padding_mode, align_corners, layout, fill_value, cubic_coefficient
        As in :func:`spatial_transformer_network`.

    Returns
    -------
    d_out' : shape and (native) dtype of ``d_out``
    d_x' : shape and (native) dtype of ``x``
    d_theta' : shape and (native) dtype of ``theta``

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type, dtype, shape or value.

    Notes
    -----
    Kinks as in :func:`npstn.grid_sample_vjp_vjp`.
    """
    dims = _check.spatial("d_out", d_out, layout)
    options = transform, mode, padding_mode, align_corners, layout, fill_value, cubic_coefficient
    stn = module(x, theta, dims, *options)
    return stn.vjp_vjp(stn.problem.d_out(d_out), stn.problem.t_x(dd_x, "dd_x"), dd_theta)
