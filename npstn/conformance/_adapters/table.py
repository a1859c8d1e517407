"""The table of adapters: a row each."""

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import NamedTuple

from ...dialects.row import Function
from . import arrays, jax_arrays, models, paddle_tensors, tapes, tensors
from ._types import Chosen, Pair


class Adapter(NamedTuple):
    """A system: the modules that it needs, its functions by their names in its dialect, a maker."""

    modules: tuple[str, ...]  # the first one's version is the dialect's
    functions: Mapping[str, str]
    make: Callable[[str, Function, Chosen], Pair]
    dialect: str = ""  # its own by default
    devices: bool = False
    bfloat16: bool = False
    version: str = ""  # of the dialect, where that is not the module's


def _at(module: str, *names: str) -> dict[str, str]:
    return {name: f"{module}:{name}" for name in names}


_MODEL = ("GridSample", "AffineGrid")
_STN = {
    **_at("stn.transformer", "affine_grid_generator", "bilinear_sampler"),
    **_at("stn", "spatial_transformer_network"),
}
_TFA = {
    **_at("tensorflow_addons.image", "resampler", "dense_image_warp"),
    "transform": f"{tapes.__name__}:tfa_transform",
}
_FLAT = "flat_nd_linear_interpolate"
_PIX = _FLAT, f"{_FLAT}_constant", "affine_transform"
_OWN = _at("npstn", "grid_sample", "affine_grid", "spatial_transformer_network")
_SCIPY = _at("scipy.ndimage", "map_coordinates", "affine_transform")

ADAPTERS: dict[str, Adapter] = {
    "npstn": Adapter(("npstn",), _OWN, arrays.own),
    "torch": Adapter(
        ("torch",),
        _at("torch.nn.functional", "grid_sample", "affine_grid"),
        tensors.make,
        devices=True,
        bfloat16=True,
    ),
    "kornia": Adapter(
        ("kornia",),
        _at("kornia.geometry.transform", "warp_affine", "warp_perspective", "remap"),
        tensors.filled,
        devices=True,
        bfloat16=True,
    ),
    "torch_interpol": Adapter(
        ("interpol",),
        _at("interpol", "grid_pull"),
        tensors.make,
        devices=True,
        bfloat16=True,
    ),
    "jax": Adapter(
        ("jax",), _at("jax.scipy.ndimage", "map_coordinates"), jax_arrays.make, bfloat16=True
    ),
    "dm_pix": Adapter(("dm_pix",), _at("dm_pix", *_PIX), jax_arrays.make, bfloat16=True),
    "tensorflow": Adapter(
        ("tensorflow",),
        {"transform": f"{tapes.__name__}:transform"},
        tapes.make,
        "tfa",
        version="0.23",
    ),
    "tfa": Adapter(("tensorflow_addons", "tensorflow"), _TFA, tapes.make),
    "stn": Adapter(("stn", "tensorflow"), _STN, tapes.make),
    "paddle": Adapter(
        ("paddle",),
        _at("paddle.nn.functional", "grid_sample", "affine_grid"),
        paddle_tensors.make,
    ),
    "onnx": Adapter(
        ("onnx",), dict.fromkeys(_MODEL, "onnx"), models.make, version=str(models.OPSET)
    ),
    "onnxruntime": Adapter(
        ("onnxruntime", "onnx"),
        dict.fromkeys(_MODEL, "onnxruntime"),
        models.make,
        version=str(models.OPSET),
    ),
    "openvino": Adapter(("openvino",), {"grid_sample": "openvino"}, models.openvino),
    "scipy": Adapter(("scipy",), _SCIPY, arrays.plain),
    "skimage": Adapter(("skimage",), _at("skimage.transform", "warp"), arrays.plain),
    "opencv": Adapter(
        ("cv2",), _at("cv2", "remap", "warpAffine", "warpPerspective"), arrays.opencv
    ),
}


def listed() -> str:
    """All adapters, and which of them are installed."""
    there = {name: all(map(find_spec, a.modules)) for name, a in ADAPTERS.items()}
    return ", ".join(name if ok else f"{name} (not installed)" for name, ok in there.items())
