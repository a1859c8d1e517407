"""The row of stn against stn, on TensorFlow."""

from inspect import signature

import numpy as np
import pytest
from support import Numbers
from support.dialects import GRADIENT_KINDS, compare

from npstn.dialects import stn as ours

tf = pytest.importorskip("tensorflow", reason="TensorFlow is not installed")
stn = pytest.importorskip("stn", reason="stn is not installed")


def run(function):
    """A function of stn on arrays, and its gradients in all float arrays."""

    def real(**given):
        return function(**given).numpy()

    def real_vjp(d_out, **given):
        names = [k for k in signature(function).parameters if hasattr(given.get(k), "dtype")]
        leaves = {k: tf.constant(given[k]) for k in names}
        with tf.GradientTape() as tape:
            tape.watch(leaves)
            out = function(**{**given, **leaves})
        found = tape.gradient(out, leaves, tf.constant(d_out))
        return tuple(tf.convert_to_tensor(found[k]).numpy() for k in leaves)

    return real, real_vjp


def test_arguments():
    for name in ("affine_grid_generator", "bilinear_sampler", "spatial_transformer_network"):
        theirs = [
            (p.name, p.default)
            for p in signature(getattr(stn.transformer, name)).parameters.values()
            if p.name != "kwargs"
        ]
        parameters = signature(getattr(ours, name)).parameters.values()
        assert [(p.name, p.default) for p in parameters if p.name != "faithful"] == theirs


def test_affine_grid_generator():
    real, real_vjp = run(stn.transformer.affine_grid_generator)
    print(compare("stn", "affine_grid_generator", real, real_vjp, kinds=GRADIENT_KINDS))


def pixels(size, x, y):
    """The pixel points (x, y) and whether they are outside, by stn's formula."""
    wide = np.array(size[::-1], np.float32)
    p = np.float32(0.5) * ((np.stack([x, y], -1) + np.float32(1)) * (wide - 2))
    with np.errstate(invalid="ignore"):
        return p, ((p < 0) | (p >= wide - 1)).any(-1, keepdims=True)


def cleaned(out, img, x, y):
    """Nought where weights cancel, if what is left there is rounding of the weights."""
    p, outside = pixels(img.shape[1:3], x, y)
    weights = np.prod(1.0 + np.abs(p.astype(np.float64)), axis=-1, keepdims=True)
    outside &= np.isfinite(weights)
    rest = np.abs(np.where(outside, out, 0.0))
    assert (rest <= 2.0**-20 * np.where(outside, weights, 1.0) * np.abs(img).max()).all()
    return np.where(outside, np.float32(0), out)


def test_bilinear_sampler():
    real, real_vjp = run(stn.transformer.bilinear_sampler)

    def clean(img, x, y):
        return cleaned(real(img=img, x=x, y=y), img, x, y)

    print(compare("stn", "bilinear_sampler", clean, real_vjp))


def test_weights_that_cancel():
    row = ours.row.functions[1].differences[0]
    value = eval(row.shown_by, {"stn": stn, "tf": tf})
    print(value)
    assert abs(value.item()) > 1.0
    one = np.full((1, 4, 4, 1), 3.1, np.float32)
    far = np.array([[[1e10]]], np.float32), np.array([[[0.1]]], np.float32)
    assert ours.bilinear_sampler(one, *far) == 0.0


def test_spatial_transformer_network():
    print(compare("stn", "spatial_transformer_network", *run(stn.spatial_transformer_network)))


def test_theta_of_float64():
    theta = Numbers(151).uniform((2, 6))
    got = ours.affine_grid_generator(5, 7, theta)
    want = stn.transformer.affine_grid_generator(5, 7, tf.reshape(theta, [2, 2, 3])).numpy()
    assert got.dtype == want.dtype
    assert np.array_equal(got, want)


@pytest.mark.parametrize("size", [(200, 200, 3), (5, 7, 2), (28, 28, 1), (64, 48, 2)], ids=str)
@pytest.mark.parametrize("moved", [0.0, 0.25])
def test_call_of_its_readme(size, moved):
    """The identity: points are within 6e-8 of texels, on the sides that TensorFlow has them."""
    numbers = Numbers(150)
    x = numbers.uniform((2, *size), -1.0, 1.0).astype(np.float32)
    d_out = numbers.uniform((2, *size), -1.0, 1.0).astype(np.float32)
    theta = np.tile(np.array([1, 0, moved, 0, 1, 0], np.float32), (2, 1))
    real, real_vjp = run(stn.spatial_transformer_network)
    out = ours.spatial_transformer_network(x, theta)
    grid = stn.transformer.affine_grid_generator(*size[:2], theta.reshape(2, 2, 3)).numpy()
    assert np.array_equal(ours.affine_grid_generator(*size[:2], theta), grid)
    want = cleaned(real(input_fmap=x, theta=theta), x, grid[:, 0], grid[:, 1])
    np.testing.assert_allclose(out, want, rtol=0, atol=1e-6)
    got = ours.spatial_transformer_network_vjp(d_out, x, theta)
    for a, b in zip(got, real_vjp(d_out, input_fmap=x, theta=theta), strict=True):
        print(size, moved, np.abs(a - b).max(), np.abs(b).max())
        np.testing.assert_allclose(a, b, rtol=0, atol=3e-6 * (1 + 40 * moved) * np.abs(b).max())
