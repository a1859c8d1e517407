"""Whether the results of two contestants agree, within what their arithmetic explains.

npstn is the reference. Others round coordinates, which they keep in float32. So each is granted
an error of so many pixels, and the reference says how much that changes a result: it is evaluated
again at shifted points. Rounding of values may add a small multiple of the largest sum of absolute
terms.
"""

from typing import Any, NamedTuple

import numpy as np

import npstn

from .contestants import Entry
from .workloads import SCALE, Array, Inputs, Task

# Granted error of a coordinate, in units of 2**-24 times the size of the image; none to others.
PIXELS = {"PyTorch": 8.0, "OpenCV": 8.0, "OpenVINO": 8.0}
ROUNDING = 2.0**-18  # of values, granted to all but npstn: its layouts give the same bits
REACH = 4 / SCALE[0] ** 2 + 4  # of one texel: the points whose cells touch it, about


class Difference(NamedTuple):
    """Of one result from the reference: how much at worst, and where it is nearest its limit."""

    worst: float
    relative: float  # to the largest value of the result
    at: tuple[int, ...]
    allowed: float  # there


class DisagreementError(Exception):
    """A contestant gave a wrong result."""


class Reference:
    """What npstn gives for a task, and how far wrong coordinates would move it."""

    def __init__(self, inputs: Inputs, task: Task, entry: Entry) -> None:
        self.inputs, self.task = inputs, task
        self.results = entry.results(entry.run())
        self.options: Any = {"coordinates": "pixel", **inputs.workload.options}
        self._explained: dict[float, list[Array]] = {}

    def compare(self, entry: Entry) -> dict[str, Difference]:
        """Run an entry; give its worst differences, or raise DisagreementError."""
        found = entry.results(entry.run())
        if not found:
            return {}
        allowed = self.allowed(entry.contestant)
        differences = {}
        for name, got, want, limit in zip(
            self.task.results, found, self.results, allowed, strict=True
        ):
            who = f"{entry.contestant} ({entry.variant}): {name}"
            if got.shape != want.shape:
                raise DisagreementError(f"{who} has shape {got.shape}, expected {want.shape}")
            error = np.abs(np.subtract(got, want, dtype=np.float64))
            excess = np.where(error <= limit, error - limit, np.inf)
            at = np.unravel_index(np.argmax(excess), error.shape)
            index = tuple(int(i) for i in at)
            granted = float(np.broadcast_to(limit, error.shape)[at])
            if np.isinf(excess[at]):
                raise DisagreementError(
                    f"{who}{list(index)} is {got[at]}, expected {want[at]} within {granted:.1e};"
                    f" the worst error is {error.max():.1e}"
                )
            worst = float(error.max())
            largest = float(np.abs(want).max()) or 1.0
            differences[name] = Difference(worst, worst / largest, index, granted)
        return differences

    def granted(self, contestant: str) -> float:
        """How many pixels a contestant's coordinates may be off."""
        _, height, width, _ = self.inputs.x.shape
        return float(PIXELS.get(contestant, 0.0) * 2.0**-24 * max(height, width))

    def allowed(self, contestant: str) -> list[Array]:
        """How far each result of a contestant may be off."""
        if contestant == "npstn":
            return [np.zeros(())] * len(self.results)
        pixels = self.granted(contestant)
        if pixels not in self._explained:
            self._explained[pixels] = self._explain(pixels)
        return self._explained[pixels]

    def _explain(self, pixels: float) -> list[Array]:
        """Largest change of each result by such an error of coordinates, and by rounding."""
        x, d_out = (float(np.abs(a).max()) for a in (self.inputs.x, self.inputs.d_out))
        middle = self._at((0.0, 0.0))
        changes = [np.zeros(())] * len(middle)
        for axis in np.eye(2) if pixels else ():
            ends = self._at(-pixels * axis), self._at(pixels * axis)
            for n, (was, left, right) in enumerate(zip(middle, *ends, strict=True)):
                changes[n] = changes[n] + np.maximum(np.abs(left - was), np.abs(right - was))
        out = changes[0] + ROUNDING * x
        if not self.task.backward:
            return [out]
        ones, points = np.ones_like(self.inputs.d_out), self.inputs.pixels(self.task.fused)
        weights = npstn.grid_sample_vjp(ones, self.inputs.x, points, **self.options)[0]
        d_x = (2 * pixels + ROUNDING) * (REACH + 4 * weights) * d_out  # edges may be met often
        channels, scale = self.inputs.x.shape[3], self.inputs.scale
        if not self.task.fused:
            return [out, d_x, scale * (changes[1] + ROUNDING * 4 * channels * x * d_out)]
        d_points = np.broadcast_to(changes[1], middle[1].shape) + ROUNDING * np.abs(middle[1])
        return [out, d_x, (scale * d_points.sum(axis=(1, 2)))[:, :, None]]

    def _at(self, shift: Array | tuple[float, float]) -> list[Array]:
        """The output and, in pixels, d_grid, with all points shifted."""
        points = self.inputs.pixels(self.task.fused) + shift
        found = [npstn.grid_sample(self.inputs.x, points, **self.options)]
        if self.task.backward:
            vjp = npstn.grid_sample_vjp
            found += vjp(self.inputs.d_out, self.inputs.x, points, **self.options)[1:]
        return found
