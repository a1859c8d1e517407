"""What the benchmark works on: sizes of real use, inputs with a fixed seed, and the tasks."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

import npstn

Array = NDArray[Any]

WORKLOADS = {  # (B, H, W, C); the output is as large as the input
    "digits": (256, 40, 40, 1),
    "features": (32, 64, 64, 64),
    "photos": (8, 512, 512, 3),
    "poster": (1, 2048, 2048, 3),
    "plane": (1, 2048, 2048, 1),
}
SCALE = (0.7, 1.3)
SEED = 4  # turns a single image by 40 degrees at scale 1.01: a sixth of its output is outside


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

    @classmethod
    def make(cls, shape: tuple[int, ...], seed: int = SEED) -> "Inputs":
        """Draw the inputs of a workload."""
        rng = np.random.default_rng(seed)
        angle = np.radians(rng.uniform(-45, 45, shape[0]))
        scale = rng.uniform(*SCALE, shape[0])
        theta = np.empty((shape[0], 2, 3), np.float32)
        theta[:, 0, 0] = theta[:, 1, 1] = scale * np.cos(angle)
        theta[:, 1, 0] = scale * np.sin(angle)
        theta[:, 0, 1] = -theta[:, 1, 0]
        theta[:, :, 2] = rng.uniform(-0.1, 0.1, (shape[0], 2))
        return cls(smooth(rng, shape), theta, smooth(rng, shape))

    @cached_property
    def grid(self) -> Array:
        """The points of theta, (B, H, W, 2) float32."""
        return npstn.affine_grid(self.theta, (self.x.shape[1], self.x.shape[2])).astype(np.float32)

    @cached_property
    def planar(self) -> tuple[Array, Array]:
        """Image and cotangent as (B, C, H, W)."""
        return np.ascontiguousarray(to_nchw(self.x)), np.ascontiguousarray(to_nchw(self.d_out))

    def pixels(self, fused: bool) -> Array:
        """Where the points of a task are, in pixels, float64."""
        size = np.array(self.x.shape[2:0:-1])
        grid = npstn.affine_grid(self.theta, self.x.shape[1:3]) if fused else self.grid
        points: Array = (grid + np.float64(1)) * (0.5 * (size - 1))
        return points


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
