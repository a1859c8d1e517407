"""What the benchmark works on: sizes of real use, inputs with a fixed seed, and the tasks."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

import npstn

Array = NDArray[Any]

PHOTOS = (8, 512, 512, 3)

SCALE = (0.7, 1.3)
SEED = 4  # turns a single image by 40 degrees at scale 1.01: a sixth of its output is outside


class Workload(NamedTuple):
    """Images, how they are sampled, and in which layouts; the output is as large as the input."""

    shape: tuple[int, ...]  # (B, H, W, C)
    mode: str = "bilinear"
    padding_mode: str = "zeros"
    align_corners: bool = True
    layouts: tuple[str, ...] = ("NHWC", "NCHW")
    backward: bool = True  # whether gradients are of interest

    @property
    def piece(self) -> "Workload":
        """Few and small images of the same kind."""
        batch, height, width, channels = self.shape
        return self._replace(shape=(min(batch, 4), min(height, 128), min(width, 128), channels))

    @property
    def options(self) -> dict[str, Any]:
        """How images are sampled, as npstn and PyTorch name it."""
        names = ("mode", "padding_mode", "align_corners")
        return {name: getattr(self, name) for name in names}


WORKLOADS = {
    "digits": Workload((256, 40, 40, 1)),
    "features": Workload((32, 64, 64, 64)),
    "photos": Workload(PHOTOS),
    "poster": Workload((1, 2048, 2048, 3)),
    "plane": Workload((1, 2048, 2048, 1)),
}
VARIANTS = {  # photos, sampled otherwise
    "photos NCHW": Workload(PHOTOS, layouts=("NCHW",)),
    "photos not aligned": Workload(PHOTOS, align_corners=False),
    "photos border": Workload(PHOTOS, padding_mode="border"),
    "photos reflection": Workload(PHOTOS, padding_mode="reflection"),
    "photos nearest": Workload(PHOTOS, mode="nearest", backward=False),
}


class Task(NamedTuple):
    """The whole module or the sampling of a given grid; forward alone or with the backward pass."""

    fused: bool
    backward: bool

    def __str__(self) -> str:
        what = "module" if self.fused else "grid_sample"
        return f"{what} forward{' and backward' if self.backward else ''}"

    @property
    def results(self) -> tuple[str, ...]:
        """Names of the results."""
        gradients = ("d_x", "d_theta" if self.fused else "d_grid")
        return ("out", *gradients) if self.backward else ("out",)


TASKS = {str(task): task for task in (Task(f, b) for f in (True, False) for b in (False, True))}


@dataclass(frozen=True)
class Inputs:
    """The arguments of every task, float32: images and cotangents are (B, H, W, C)."""

    x: Array
    theta: Array  # (B, 2, 3)
    d_out: Array
    workload: Workload

    @classmethod
    @lru_cache(maxsize=2)  # the tasks of a workload follow each other
    def make(cls, workload: Workload) -> "Inputs":
        """Draw the inputs of a workload."""
        rng, shape = np.random.default_rng(SEED), workload.shape
        angle = np.radians(rng.uniform(-45, 45, shape[0]))
        scale = rng.uniform(*SCALE, shape[0])
        theta = np.empty((shape[0], 2, 3), np.float32)
        theta[:, 0, 0] = theta[:, 1, 1] = scale * np.cos(angle)
        theta[:, 1, 0] = scale * np.sin(angle)
        theta[:, 0, 1] = -theta[:, 1, 0]
        theta[:, :, 2] = rng.uniform(-0.1, 0.1, (shape[0], 2))
        return cls(smooth(rng, shape), theta, smooth(rng, shape), workload)

    @cached_property
    def grid(self) -> Array:
        """The points of theta, (B, H, W, 2) float32."""
        return self.exact_grid.astype(np.float32)

    @property
    def exact_grid(self) -> Array:
        """The same before it is rounded."""
        align = self.workload.align_corners
        return npstn.affine_grid(self.theta, self.x.shape[1:3], align_corners=align)

    @cached_property
    def planar(self) -> tuple[Array, Array]:
        """Image and cotangent as (B, C, H, W)."""
        return np.ascontiguousarray(to_nchw(self.x)), np.ascontiguousarray(to_nchw(self.d_out))

    def pixels(self, fused: bool) -> Array:
        """Where the points of a task are, in pixels, float64."""
        grid = self.exact_grid if fused else self.grid
        apart = not self.workload.align_corners
        points: Array = (grid + np.float64(1)) * self.scale - 0.5 * apart
        return points

    @property
    def scale(self) -> Array:
        """Pixels in a unit of normalised coordinates, (x, y)."""
        return 0.5 * (np.array(self.x.shape[2:0:-1]) - self.workload.align_corners)


def smooth(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Waves about as long as the image: a small error of a coordinate is a small error here.

    They do not vanish at the border, so that a wrong padding shows.
    """
    batch, height, width, channels = shape

    def wave(n: int) -> Array:
        cycles, phase = (
            rng.uniform(0.3, 1.2, (batch, channels, 1)),
            rng.random((batch, channels, 1)),
        )
        return np.sin(2 * np.pi * (cycles * np.linspace(0, 1, n) + phase))

    image = np.einsum("bci,bcj->bijc", wave(height), wave(width), optimize=True)
    return np.ascontiguousarray(image, np.float32)


def to_nchw(array: Array) -> Array:
    """View channels-last data with its channels first."""
    return np.moveaxis(array, -1, 1)


def to_nhwc(array: Array) -> Array:
    """View channels-first data with its channels last."""
    return np.moveaxis(array, 1, -1)
