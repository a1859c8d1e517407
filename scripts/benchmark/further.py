"""What the benchmark races beyond the images: a volume, bicubic, a spline, a small call.

PyTorch is the only other contestant that has gradients of these. Each is the whole module, from
parameters to the output and back, in the layout its users have.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import npstn
from npstn.transforms import tps_identity

from .agreement import DisagreementError
from .contestants import Entry
from .workloads import PHOTOS, SEED, Array, Inputs, Workload, smooth, to_nhwc

VOLUME, SMALL = (1, 128, 128, 128, 1), (1, 28, 28, 1)
NEAR = 1e-2  # of the largest value: float32 coordinates, and a float32 spline is off by 4e-3
Forward = Callable[[Any, Any], Any]


def volume(backward: bool) -> Iterator[Entry]:
    """An affine map of a volume, turned about its last axis.

    The row of z has few bits and keeps off the texels of short volumes: on one, rounded coordinates
    may take the other of two cells, and so another derivative.
    """
    rng = np.random.default_rng(SEED)
    _, depth, height, width, _ = VOLUME
    x, d_out = (
        (
            smooth(rng, (1, height, width, 1))[:, None]
            * np.linspace(0.5, 1, depth)[:, None, None, None]
        ).astype(np.float32)
        for _ in range(2)
    )
    flat = Inputs.make(Workload((1, 2, 2, 1))).theta[0]
    theta = np.zeros((1, 3, 4), np.float32)
    theta[0, :2, :2], theta[0, :2, 3], theta[0, 2] = (
        flat[:, :2],
        flat[:, 2],
        (0.125, 0, 0.875, 0.03125),
    )
    yield ours(x, theta, d_out, backward, layout="NDHWC")

    def torch_forward(image: Any, place: Any) -> Any:
        from torch.nn.functional import affine_grid, grid_sample

        grid = affine_grid(place, image.shape, align_corners=True)
        return grid_sample(image, grid, align_corners=True)

    yield theirs(torch_forward, x, theta, d_out, backward)


def bicubic(backward: bool) -> Iterator[Entry]:
    """Photographs under affine maps, bicubic."""
    return images(PHOTOS, backward, "bicubic")


def small(backward: bool) -> Iterator[Entry]:
    """One digit: what a call costs that has next to nothing to do."""
    return images(SMALL, backward, "bilinear")


def images(shape: tuple[int, ...], backward: bool, mode: str) -> Iterator[Entry]:
    """Images under affine maps."""
    inputs = Inputs.make(Workload(shape))
    yield ours(inputs.x, inputs.theta, inputs.d_out, backward, mode=mode)

    def torch_forward(image: Any, place: Any) -> Any:
        from torch.nn.functional import affine_grid, grid_sample

        grid = affine_grid(place, image.shape, align_corners=True)
        return grid_sample(image, grid, mode=mode, align_corners=True)

    yield theirs(torch_forward, inputs.x, inputs.theta, inputs.d_out, backward)


def spline(backward: bool) -> Iterator[Entry]:
    """Photographs under thin-plate splines of 4 x 4 control points.

    In PyTorch as its users do: the system is solved, and the basis at all pixels worked out, once.
    """
    inputs, identity = Inputs.make(Workload(PHOTOS)), tps_identity()
    moves = np.random.default_rng(SEED).normal(0, 0.05, (len(inputs.x), len(identity)))
    params = (identity + moves).astype(np.float32)
    yield ours(inputs.x, params, inputs.d_out, backward, transform="tps")

    import torch

    points = identity.reshape(-1, 2)
    count, (height, width) = len(points), PHOTOS[1:3]

    def basis(at: Array) -> Array:
        square = ((at[:, None] - points) ** 2).sum(-1)
        bumps = 0.5 * square * np.log(np.where(square > 0, square, 1.0))
        return np.hstack([bumps, np.ones((len(at), 1)), at])

    system = np.zeros((count + 3, count + 3))
    system[:count], system[count:, :count] = basis(points), basis(points)[:, count:].T
    solution = torch.from_numpy(np.linalg.inv(system)[:, :count].astype(np.float32))
    y, x = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij")
    lattice = torch.from_numpy(basis(np.stack([x.ravel(), y.ravel()], -1)).astype(np.float32))

    def torch_forward(image: Any, place: Any) -> Any:
        grid = lattice @ (solution @ place.view(-1, count, 2))
        grid = grid.view(-1, height, width, 2)
        return torch.nn.functional.grid_sample(image, grid, align_corners=True)

    yield theirs(torch_forward, inputs.x, params, inputs.d_out, backward)


FURTHER = {
    "volume": volume,
    "bicubic photos": bicubic,
    "spline photos": spline,
    "small call": small,
}


def ours(x: Array, theta: Array, d_out: Array, backward: bool, **options: Any) -> Entry:
    """npstn, channels last."""

    def run() -> tuple[Array, ...]:
        out = npstn.spatial_transformer_network(x, theta, **options)
        vjp = npstn.spatial_transformer_network_vjp
        return (out, *vjp(d_out, x, theta, **options)) if backward else (out,)

    return Entry("npstn", "channels last", run, lambda found: found)


def theirs(forward: Forward, x: Array, theta: Array, d_out: Array, backward: bool) -> Entry:
    """PyTorch, channels first."""
    import torch

    image, cotangent = (
        torch.from_numpy(np.ascontiguousarray(np.moveaxis(a, -1, 1))) for a in (x, d_out)
    )
    primals = [a.requires_grad_(backward) for a in (image, torch.from_numpy(theta.copy()))]

    def run() -> tuple[Any, ...]:
        out = forward(*primals)
        return (out, *torch.autograd.grad(out, primals, cotangent)) if backward else (out,)

    def results(found: tuple[Any, ...]) -> tuple[Array, ...]:
        arrays = [a.detach().numpy() for a in found]
        return (*map(to_nhwc, arrays[:2]), *arrays[2:])

    return Entry("PyTorch", "contiguous", run, results)


def check(entries: list[Entry]) -> list[dict[str, dict[str, float]]]:
    """How far the results of each are from those of the first, of the largest value."""
    want, *others = (entry.results(entry.run()) for entry in entries)
    errors: list[dict[str, dict[str, float]]] = [{}]
    for entry, found in zip(entries[1:], others, strict=True):
        named = {}
        for name, a, b in zip(("out", "d_x", "d_theta"), found, want, strict=False):
            relative = float(np.abs(a.reshape(b.shape) - b).max() / np.abs(b).max())
            if not relative <= NEAR:
                who = f"{entry.contestant}: {name}"
                raise DisagreementError(f"{who} is off by {relative:.1e} of the largest value")
            named[name] = {"relative": relative}
        errors.append(named)
    return errors
