"""Who takes part in the benchmark: each a function of inputs and task that yields its entries.

What is timed is ``Entry.run``, from arrays in the contestant's own layout to a new result in it.
"""

import importlib
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

import npstn

from .workloads import Array, Inputs, Task, to_nhwc


class Entry(NamedTuple):
    """One way of one contestant to do a task."""

    contestant: str
    variant: str
    run: Callable[[], Any]
    # What `run` gave, channels-last, in NumPy; nothing, if it is not the task's result.
    results: Callable[[Any], tuple[Array, ...]]


def npstn_entries(inputs: Inputs, task: Task) -> Iterator[Entry]:
    """Both layouts."""
    where = inputs.theta if task.fused else inputs.grid
    name = "spatial_transformer_network" if task.fused else "grid_sample"
    forward, vjp = getattr(npstn, name), getattr(npstn, f"{name}_vjp")
    images = {"NHWC": (inputs.x, inputs.d_out), "NCHW": inputs.planar}

    def entry(layout: Any) -> Entry:
        x, d_out = images[layout]

        def run() -> tuple[Array, ...]:
            out = forward(x, where, layout=layout)
            return (out, *vjp(d_out, x, where, layout=layout)) if task.backward else (out,)

        def results(found: tuple[Array, ...]) -> tuple[Array, ...]:
            if layout == "NHWC":
                return found
            return (*map(to_nhwc, found[:2]), *found[2:])

        return Entry("npstn", layout, run, results)

    yield entry("NHWC")
    yield entry("NCHW")


def torch_entries(inputs: Inputs, task: Task) -> Iterator[Entry]:
    """affine_grid and grid_sample, and autograd through both, in both of PyTorch's layouts."""
    import torch
    from torch.nn.functional import affine_grid, grid_sample

    planar = [torch.from_numpy(a) for a in inputs.planar]
    last = [torch.from_numpy(a).permute(0, 3, 1, 2) for a in (inputs.x, inputs.d_out)]
    images = {"contiguous": planar, "channels_last": last}
    where = torch.from_numpy(inputs.theta if task.fused else inputs.grid)

    def entry(variant: str) -> Entry:
        x, d_out = images[variant]
        primals = [a.detach().clone().requires_grad_(task.backward) for a in (x, where)]

        def run() -> tuple[Any, ...]:
            image, place = primals
            grid = affine_grid(place, image.shape, align_corners=True) if task.fused else place
            out = grid_sample(image, grid, align_corners=True)
            return (out, *torch.autograd.grad(out, primals, d_out)) if task.backward else (out,)

        def results(found: tuple[Any, ...]) -> tuple[Array, ...]:
            arrays = [a.detach().numpy() for a in found]
            return (*map(to_nhwc, arrays[:2]), *arrays[2:])

        return Entry("PyTorch", variant, run, results)

    yield entry("contiguous")
    if inputs.x.shape[-1] > 1:
        yield entry("channels_last")


def opencv_entries(inputs: Inputs, task: Task) -> Iterator[Entry]:
    """warpAffine and remap, image by image; the maps of a given grid are made beforehand."""
    import cv2

    _, height, width, channels = inputs.x.shape
    if task.backward or channels > 4:
        return
    images = [image.squeeze(-1) if channels == 1 else image for image in inputs.x]
    options: Any = {"borderMode": cv2.BORDER_CONSTANT, "borderValue": 0}
    matrices = [pixel_matrix(theta, (height, width)) for theta in inputs.theta]

    def outputs() -> tuple[Array, list[Array]]:
        out = np.empty_like(inputs.x)
        return out, [image.squeeze(-1) if channels == 1 else image for image in out]

    def warp() -> Array:
        out, to = outputs()
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
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
            cv2.remap(image, *maps, cv2.INTER_LINEAR, dst=result, **options)
        return out

    if task.fused:
        yield Entry("OpenCV", "warpAffine", warp, lambda out: (out,))
    yield Entry("OpenCV", "remap", remap, lambda out: (out,))


def scipy_entries(inputs: Inputs, task: Task) -> Iterator[Entry]:
    """affine_transform, channel by channel."""
    from scipy.ndimage import affine_transform

    if task.backward or not task.fused:
        return
    matrices = [pixel_matrix(theta, inputs.x.shape[1:3]) for theta in inputs.theta]

    def run() -> Array:
        out = np.empty_like(inputs.x)
        options: Any = {"order": 1, "mode": "grid-constant"}  # zeros, blended as we do
        for image, m, result in zip(inputs.x, matrices, out, strict=True):
            linear, shift = m[::-1, 1::-1], m[::-1, 2]  # y first
            for c in range(image.shape[-1]):
                affine_transform(image[..., c], linear, shift, output=result[..., c], **options)
        return out

    yield Entry("SciPy", "affine_transform", run, lambda out: (out,))


def pixel_matrix(theta: Array, size: tuple[int, ...]) -> Array:
    """The map (2, 3) of a theta from output to input in pixels, both of this size."""
    half = (np.array(size[::-1]) - 1) / 2
    theta = theta.astype(np.float64)
    linear = half[:, None] * theta[:, :2] / half
    return np.column_stack([linear, half * (theta[:, 2] + 1) - linear @ half])


def installed(module: str) -> bool:
    """Whether a module can be imported."""
    try:
        importlib.import_module(module)
    except ImportError:
        return False
    return True
