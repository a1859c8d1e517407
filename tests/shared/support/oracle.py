"""What the tests of the oracles share: every result of an oracle for the same arguments."""

import numpy as np

from npstn.oracle import exact, naive


def sample_terms(tangents, x, grid, **options):
    """Output, two gradients, jvp and three second derivatives of `grid_sample`, exactly."""
    d_out, t_x, t_grid = tangents
    return [
        *exact.grid_sample(x, grid, d_out, **options),
        exact.grid_sample_jvp(x, grid, t_x, t_grid, **options),
        *exact.grid_sample_vjp_vjp(t_x, t_grid, d_out, x, grid, **options),
    ]


def sample_exact(*arguments, **options):
    return [term.value for term in sample_terms(*arguments, **options)]


def sample_naive(tangents, x, grid, **options):
    d_out, t_x, t_grid = tangents
    return [
        naive.grid_sample(x, grid, **options),
        *naive.grid_sample_vjp(d_out, x, grid, **options),
        naive.grid_sample_jvp(x, grid, t_x, t_grid, **options),
        *naive.grid_sample_vjp_vjp(t_x, t_grid, d_out, x, grid, **options),
    ]


def module_terms(tangents, x, theta, dims, **options):
    """The same seven of `spatial_transformer_network`."""
    d_out, t_x, t_theta = tangents
    return [
        *exact.spatial_transformer_network(x, theta, dims, d_out, **options),
        exact.spatial_transformer_network_jvp(x, theta, dims, t_x, t_theta, **options),
        *exact.spatial_transformer_network_vjp_vjp(t_x, t_theta, d_out, x, theta, **options),
    ]


def module_exact(*arguments, **options):
    return [term.value for term in module_terms(*arguments, **options)]


def module_naive(tangents, x, theta, dims, **options):
    d_out, t_x, t_theta = tangents
    return [
        naive.spatial_transformer_network(x, theta, dims, **options),
        *naive.spatial_transformer_network_vjp(d_out, x, theta, **options),
        naive.spatial_transformer_network_jvp(x, theta, dims, t_x, t_theta, **options),
        *naive.spatial_transformer_network_vjp_vjp(t_x, t_theta, d_out, x, theta, **options),
    ]


def sample_case(numbers, x_shape, grid_shape):
    """Return the tangents, x and grid; ``numbers(shape)`` makes their numbers."""
    d_out = numbers((*grid_shape[:-1], x_shape[-1]))
    return (d_out, numbers(x_shape), numbers(grid_shape)), numbers(x_shape), numbers(grid_shape)


def module_case(numbers, x_shape, theta_shape, maps, dims):
    """Return the tangents, x, theta and dims, for maps = () or (K,)."""
    d_out = numbers((x_shape[0], *maps, *dims, x_shape[-1]))
    tangents = d_out, numbers(x_shape), numbers(theta_shape)
    return tangents, numbers(x_shape), numbers(theta_shape), dims


def integers(seed, scale=1):
    """A maker of small integers over the scale."""
    rng = np.random.default_rng(seed)
    return lambda shape: rng.integers(-8, 9, shape) / scale


def same(got, expected):
    """Compare floats with fractions, or with floats; nothing is forgiven."""
    for result, value in zip(got, expected, strict=True):
        assert result.dtype == np.float64
        assert result.shape == value.shape
        np.testing.assert_array_equal(result, value.astype(float))
        assert all(a == b for a, b in zip(result.flat, value.flat, strict=True))


def close(got, expected):
    """Compare floats with fractions of the size of 1, up to what rounding leaves."""
    for result, value in zip(got, expected, strict=True):
        assert result.shape == value.shape
        np.testing.assert_allclose(result, value.astype(float), rtol=0, atol=1e-10)
