"""The row of TensorFlow Addons against TensorFlow Addons."""

from inspect import signature

import numpy as np
import pytest
from support.dialects import KINDS, compare

from npstn.dialects import tfa as ours

tf = pytest.importorskip("tensorflow", reason="TensorFlow is not installed")
tfa = pytest.importorskip("tensorflow_addons", reason="TensorFlow Addons is not installed")

NAMES = ("resampler", "interpolate_bilinear", "dense_image_warp", "transform")
FINITE = tuple(kind for kind in KINDS if kind not in ("single", "nan"))  # those are errors


def parameters(function):
    return signature(getattr(function, "python_function", function)).parameters


def run(function):
    """A function on arrays, and its gradients in all float arrays."""

    def real(**given):
        return function(**given).numpy()

    def real_vjp(d_out, **given):
        names = [k for k in parameters(function) if hasattr(given.get(k), "dtype")]
        leaves = {k: tf.constant(given[k]) for k in names}
        with tf.GradientTape() as tape:
            tape.watch(leaves)
            out = function(**{**given, **leaves})
        found = tape.gradient(out, leaves, tf.constant(d_out))
        return tuple(tf.convert_to_tensor(found[k]).numpy() for k in leaves)

    return real, real_vjp


def flat(function):
    """A function of queries (N, points, 2), for points in any arrangement."""

    def real(grid, query_points):
        out = function(grid, tf.reshape(query_points, [len(query_points), -1, 2]))
        return tf.reshape(out, [*query_points.shape[:-1], grid.shape[-1]])

    return real


@pytest.mark.parametrize("name", NAMES)
def test_arguments(name):
    theirs = [(p.name, p.default) for p in parameters(getattr(tfa.image, name)).values()]
    found = signature(getattr(ours, name)).parameters.values()
    assert [(p.name, p.default) for p in found if p.name != "faithful"] == theirs


def test_resampler():
    print(compare("tfa", "resampler", *run(tfa.image.resampler)))


def test_interpolate_bilinear():
    real, real_vjp = run(flat(tfa.image.interpolate_bilinear))
    print(compare("tfa", "interpolate_bilinear", real, real_vjp, kinds=FINITE))


def test_dense_image_warp():
    print(compare("tfa", "dense_image_warp", *run(tfa.image.dense_image_warp), kinds=FINITE))


def test_transform():
    real = run(tfa.image.transform)[0]

    def near(images, **given):
        """Theirs; with float64 ours, if it is theirs to within the float32 of their weights."""
        out = real(images=images, **given)
        if images.dtype == np.float32 or given["interpolation"] == "nearest":
            return out
        found = ours.transform(images, **given)
        np.testing.assert_allclose(found, out, rtol=0, atol=16 * 2.0**-24)
        return found

    figures = compare("tfa", "transform", near)
    filled = compare("tfa", "transform", near, fill_value=1.5)
    print(figures, filled)


def test_differences():
    """The lines of the row do what the row says."""
    names = {"np": np, "tf": tf, "tfa": tfa}
    functions = {f.name: f for f in ours.row.functions}
    for name in ("interpolate_bilinear", "dense_image_warp"):
        for difference in functions[name].differences:
            with pytest.raises(tf.errors.InvalidArgumentError):
                eval(difference.shown_by, names)
    gradient, weights = functions["transform"].differences
    one = np.array([[[[1.0], [0.0]]]])
    mine = ours.transform(one, [1, 0, 0.1, 0, 1, 0, 0, 0], "bilinear")[0, 0, 0, 0]
    assert 0 < abs(eval(weights.shown_by, names).numpy()[0, 0, 0, 0] - mine) < 6e-8
    theirs = eval(gradient.shown_by, names)
    x = np.arange(4, dtype=np.float32).reshape(1, 1, 4, 1)
    half = np.array([0.5, 0, 0, 0, 1, 0, 0, 0], np.float32)
    d_x, d_theta = ours.transform_vjp(np.ones_like(x), x, half, "bilinear")
    print(theirs, d_x.ravel())
    assert np.array_equal(theirs, [1, 1, 0, 0])
    assert np.array_equal(d_x.ravel(), [1.5, 2, 0.5, 0])
    assert d_theta.any()


def test_transforms_have_no_gradient():
    x, t = tf.ones([1, 4, 4, 1]), tf.constant([[1.0, 0, 0.5, 0, 1, 0, 0, 0]])
    with tf.GradientTape() as tape:
        tape.watch(t)
        out = tfa.image.transform(x, t, "bilinear")
    assert tape.gradient(out, t) is None
