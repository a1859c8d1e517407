"""What a probe of the specification says, and what the exact oracle says of it."""

from fractions import Fraction

import numpy as np

from npstn.oracle import exact
from npstn.spec import Probe, Values


def check(probe: Probe, found: dict[str, np.ndarray]) -> None:
    """Each answer bit for bit, but for the sign of 0 and the bits of NaN."""
    for name, values in probe.answers.items():
        want, got = values.array(), found[name]
        if (got.shape, got.dtype) != (want.shape, want.dtype):
            raise AssertionError(f"{name} is {got.shape}, {got.dtype}, expected {values}")
        if not np.array_equal(got, want, equal_nan=True):
            raise AssertionError(f"{name} is {got.ravel().tolist()}, expected {values}")


def check_exactly(probe: Probe, found: dict[str, np.ndarray]) -> None:
    """Each answer as an exact number."""
    for name, values in probe.answers.items():
        got = found[name]
        if got.shape != values.shape or got.ravel().tolist() != list(values.numbers):
            raise AssertionError(f"{name} is {got.ravel()}, expected {values}")


def finite(probe: Probe) -> bool:
    arrays = (v for v in probe.arguments.values() if isinstance(v, Values))
    return all(isinstance(n, Fraction) for values in arrays for n in values.numbers)


def exactly(probe: Probe, **changed: object) -> dict[str, np.ndarray]:
    """All results of the oracle, of these or of changed arguments."""
    given = {**probe.arguments, **probe.options, **changed}
    arrays = {k: v.array() if isinstance(v, Values) else v for k, v in given.items()}
    return dict(zip(probe.results(), EXACT[probe.function](**arrays), strict=True))


def _affine_grid(theta, out_dims, **options):
    return (exact.affine_grid(theta, out_dims, **options),)


def _affine_grid_vjp(d_grid, **options):
    return exact.affine_grid_vjp(d_grid, **options)[:1]


def _sample(x, grid, **options):
    return (exact.grid_sample(x, grid, **options).out.value,)


def _sample_vjp(d_out, x, grid, wrt=(), **options):
    _, d_x, d_grid = exact.grid_sample(x, grid, d_out, **options)
    yield from (d_x.value, d_grid.value)
    if "fill_value" in wrt:
        fill = exact.grid_sample_vjp_fill(d_out, x, grid, **options)
        yield np.array(fill.value.sum(), object)  # of one channel


def _sample_jvp(x, grid, t_x, t_grid, **options):
    out, tangent = _sample(x, grid, **options), (t_x, t_grid)
    return *out, exact.grid_sample_jvp(x, grid, *tangent, **options).value


def _sample_vjp_vjp(dd_x, dd_grid, d_out, x, grid, **options):
    return [t.value for t in exact.grid_sample_vjp_vjp(dd_x, dd_grid, d_out, x, grid, **options)]


def _module(x, theta, **options):
    return (exact.spatial_transformer_network(x, theta, x.shape[1:3], **options).out.value,)


def _module_vjp(d_out, x, theta, **options):
    dims = d_out.shape[1:3]
    _, d_x, d_theta = exact.spatial_transformer_network(x, theta, dims, d_out, **options)
    return d_x.value, d_theta.value.reshape(theta.shape)


EXACT = {
    "affine_grid": _affine_grid,
    "affine_grid_vjp": _affine_grid_vjp,
    "grid_sample": _sample,
    "grid_sample_vjp": _sample_vjp,
    "grid_sample_jvp": _sample_jvp,
    "grid_sample_vjp_vjp": _sample_vjp_vjp,
    "spatial_transformer_network": _module,
    "spatial_transformer_network_vjp": _module_vjp,
}
