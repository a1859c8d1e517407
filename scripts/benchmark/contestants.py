"""Who takes part in the benchmark: each a function of inputs and task that yields its entries.

What is timed is ``Entry.run``, from arrays in the contestant's own layout to a new result in it.
"""

import importlib
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numba
import numpy as np

import npstn

from .workloads import Array, Inputs, Task, to_nchw, to_nhwc

RULES = {  # padding_mode and align_corners, as OpenCV and SciPy name them
    ("zeros", True): ("BORDER_CONSTANT", "grid-constant"),
    ("zeros", False): ("BORDER_CONSTANT", "grid-constant"),
    ("border", True): ("BORDER_REPLICATE", "nearest"),
    ("border", False): ("BORDER_REPLICATE", "nearest"),
    ("reflection", True): ("BORDER_REFLECT_101", "mirror"),
    ("reflection", False): ("BORDER_REFLECT", "reflect"),
}


class Entry(NamedTuple):
    """One way of one contestant to do a task."""

    contestant: str
    variant: str
    run: Callable[[], Any]
    # What `run` gave, channels-last, in NumPy; nothing, if it is not the task's result.
    results: Callable[[Any], tuple[Array, ...]]


def npstn_entries(inputs: Inputs, task: Task) -> Iterator[Entry]:
    """All layouts of the workload."""
    where = inputs.theta if task.fused else inputs.grid
    name = "spatial_transformer_network" if task.fused else "grid_sample"
    forward, vjp = getattr(npstn, name), getattr(npstn, f"{name}_vjp")

    def entry(layout: Any) -> Entry:
        x, d_out = (inputs.x, inputs.d_out) if layout == "NHWC" else inputs.planar
        options: Any = {"layout": layout, **inputs.workload.options}

        def run() -> tuple[Array, ...]:
            out = forward(x, where, **options)
            return (out, *vjp(d_out, x, where, **options)) if task.backward else (out,)

        def results(found: tuple[Array, ...]) -> tuple[Array, ...]:
            if layout == "NHWC":
                return found
            return (*map(to_nhwc, found[:2]), *found[2:])

        return Entry("npstn", layout, run, results)

    yield from map(entry, inputs.workload.layouts)


def torch_entries(inputs: Inputs, task: Task) -> Iterator[Entry]:
    """affine_grid and grid_sample, and autograd through both, in both of PyTorch's layouts."""
    import torch
    from torch.nn.functional import affine_grid, grid_sample

    where = torch.from_numpy(inputs.theta if task.fused else inputs.grid)
    options = inputs.workload.options
    align = options["align_corners"]

    def entry(layout: str) -> Entry:
        if layout == "NCHW":
            x, d_out = (torch.from_numpy(a) for a in inputs.planar)
        else:
            x, d_out = (torch.from_numpy(to_nchw(a)) for a in (inputs.x, inputs.d_out))
        primals = [a.detach().clone().requires_grad_(task.backward) for a in (x, where)]

        def run() -> tuple[Any, ...]:
            image, place = primals
            grid = affine_grid(place, image.shape, align_corners=align) if task.fused else place
            out = grid_sample(image, grid, **options)
            return (out, *torch.autograd.grad(out, primals, d_out)) if task.backward else (out,)

        def results(found: tuple[Any, ...]) -> tuple[Array, ...]:
            arrays = [a.detach().numpy() for a in found]
            return (*map(to_nhwc, arrays[:2]), *arrays[2:])

        variant = "contiguous" if layout == "NCHW" else "channels_last"
        return Entry("PyTorch", variant, run, results)

    yield entry("NCHW")
    if inputs.x.shape[-1] > 1 and "NHWC" in inputs.workload.layouts:
        yield entry("NHWC")


def opencv_entries(inputs: Inputs, task: Task) -> Iterator[Entry]:
    """warpAffine and remap, image by image; the maps of a given grid are made beforehand."""
    import cv2

    (_, height, width, channels), how = inputs.x.shape, inputs.workload
    if task.backward or channels > 4 or "NHWC" not in how.layouts:
        return
    images = [image.squeeze(-1) if channels == 1 else image for image in inputs.x]
    border, _ = RULES[how.padding_mode, how.align_corners]
    options: Any = {"borderMode": getattr(cv2, border), "borderValue": 0}
    taps = cv2.INTER_LINEAR if how.mode == "bilinear" else cv2.INTER_NEAREST
    matrices = pixel_matrices(inputs)

    def outputs() -> tuple[Array, list[Array]]:
        out = np.empty_like(inputs.x)
        return out, [image.squeeze(-1) if channels == 1 else image for image in out]

    def warp() -> Array:
        out, to = outputs()
        flags = taps | cv2.WARP_INVERSE_MAP
        for image, m, result in zip(images, matrices, to, strict=True):
            cv2.warpAffine(image, m, (width, height), dst=result, flags=flags, **options)
        return out

    def make_map(m: Array) -> tuple[Array, Array]:
        x, y = np.arange(width) * m[:, :1], np.arange(height) * m[:, 1:2] + m[:, 2:]
        maps = np.add(y.astype(np.float32)[:, :, None], x.astype(np.float32)[:, None, :])
        return maps[0], maps[1]

    ready = inputs.pixels(False).astype(np.float32) if not task.fused else None

    def remap() -> Array:
        out, to = outputs()
        for b, (image, result) in enumerate(zip(images, to, strict=True)):
            maps = make_map(matrices[b]) if ready is None else (ready[b], None)
            cv2.remap(image, *maps, taps, dst=result, **options)
        return out

    if task.fused:
        yield Entry("OpenCV", "warpAffine", warp, lambda out: (out,))
    yield Entry("OpenCV", "remap", remap, lambda out: (out,))


def openvino_entries(inputs: Inputs, task: Task) -> Iterator[Entry]:
    """GridSample, compiled for these sizes; it writes into a new array without a copy."""
    import openvino

    if task.fused or task.backward:
        return
    ops, (x, _), how = openvino.opset13, inputs.planar, inputs.workload
    places = [ops.parameter(list(a.shape), dtype=np.float32) for a in (x, inputs.grid)]
    node = ops.grid_sample(*places, how.options)
    settings = {
        "INFERENCE_NUM_THREADS": numba.get_num_threads(),
        "INFERENCE_PRECISION_HINT": "f32",
        "PERFORMANCE_HINT": "LATENCY",
    }
    model = openvino.compile_model(openvino.Model([node], places), "CPU", settings)
    request = model.create_infer_request()
    for place, array in enumerate((x, inputs.grid)):
        request.set_input_tensor(place, openvino.Tensor(array, shared_memory=True))

    def run() -> Array:
        out = np.empty_like(x)
        request.set_output_tensor(openvino.Tensor(out, shared_memory=True))
        request.infer()
        return out

    yield Entry("OpenVINO", "GridSample", run, lambda out: (to_nhwc(out),))


def scipy_entries(inputs: Inputs, task: Task) -> Iterator[Entry]:
    """affine_transform, channel by channel."""
    from scipy.ndimage import affine_transform

    how = inputs.workload
    if task.backward or not task.fused or "NHWC" not in how.layouts:
        return
    _, border = RULES[how.padding_mode, how.align_corners]
    options: Any = {"order": int(how.mode == "bilinear"), "mode": border}
    matrices = pixel_matrices(inputs)

    def run() -> Array:
        out = np.empty_like(inputs.x)
        for image, m, result in zip(inputs.x, matrices, out, strict=True):
            linear, shift = m[::-1, 1::-1], m[::-1, 2]  # y first
            for c in range(image.shape[-1]):
                affine_transform(image[..., c], linear, shift, output=result[..., c], **options)
        return out

    yield Entry("SciPy", "affine_transform", run, lambda out: (out,))


def pixel_matrices(inputs: Inputs) -> Array:
    """The maps (B, 2, 3) of the thetas from output to input in pixels."""
    scale, middle = inputs.scale, (np.array(inputs.x.shape[2:0:-1]) - 1) / 2
    theta = inputs.theta.astype(np.float64)
    linear = scale[:, None] * theta[:, :, :2] / scale
    shift = scale * theta[:, :, 2] + middle - linear @ middle
    return np.concatenate([linear, shift[:, :, None]], axis=2)


def installed(module: str) -> bool:
    """Whether a module can be imported."""
    try:
        importlib.import_module(module)
    except ImportError:
        return False
    return True
