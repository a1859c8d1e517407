"""Functions of TensorFlow; the vjp is by a tape."""

from importlib import import_module
from typing import Any

from ...dialects.row import Function
from .._ops import arrays
from ._types import Chosen, Fn, Pair, imported


def make(place: str, function: Function, chosen: Chosen) -> Pair:
    """Wrap the function at a place."""
    return on_arrays(imported(place), arrays(function))


def on_arrays(function: Fn, names: tuple[str, ...]) -> tuple[Fn, Fn]:
    """Wrap a function, and make its vjp: the cotangents of what is named, in order."""
    tf = import_module("tensorflow")

    def real(**given: Any) -> Any:
        return function(**given).numpy()

    def real_vjp(d_out: Any, **given: Any) -> tuple[Any, ...]:
        leaves = {k: tf.constant(given[k]) for k in names}
        with tf.GradientTape() as tape:
            tape.watch(leaves)
            out = function(**{**given, **leaves})
        found = tape.gradient(out, leaves, tf.constant(d_out))
        zeros = {k: tf.zeros_like(leaf) for k, leaf in leaves.items()}
        chosen = (zeros[k] if found[k] is None else found[k] for k in names)
        return tuple(tf.convert_to_tensor(a).numpy() for a in chosen)

    return real, real_vjp


def tfa_transform(images: Any, transforms: Any, **options: Any) -> Any:
    """TensorFlow Addons' function, which takes arrays of float64 as maps, and no such tensors."""
    tf, image = import_module("tensorflow"), import_module("tensorflow_addons.image")
    return image.transform(images, tf.cast(transforms, tf.float32), **options)


def transform(
    images: Any,
    transforms: Any,
    interpolation: str = "nearest",
    fill_mode: str = "constant",
    output_shape: Any = None,
    fill_value: float = 0.0,
) -> Any:
    """TensorFlow's own operator, which TensorFlow Addons and Keras call."""
    tf = import_module("tensorflow")
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=images,
        transforms=tf.cast(tf.reshape(transforms, [-1, 8]), tf.float32),
        output_shape=images.shape[1:3] if output_shape is None else output_shape,
        interpolation=interpolation.upper(),
        fill_mode=fill_mode.upper(),
        fill_value=fill_value,
    )
