"""A localisation network that sees alike everywhere, and the hinge loss on its crops."""

import numpy as np

from .layers import Array, Conv, Layer, Sequential
from .networks import FILTERS, convolutions


class Window(Layer):
    """The expected box (B, 3) under the softmax of a map: (B, h, w, 2) of scores and of sizes.

    Half sides are from ``low`` to ``high``. The cells of the map are spread so that the smallest
    box is within the canvas, wherever it is.
    """

    def __init__(self, low: float, high: float) -> None:
        super().__init__()
        self.low, self.high = low, high

    def forward(self, x: Array, rng: np.random.Generator | None = None) -> Array:
        """Compute (s, x, y)."""
        batch, high, wide, _ = x.shape
        scores, sizes = x.reshape(batch, -1, 2).transpose(2, 0, 1)
        exp = np.exp(scores - scores.max(axis=1, keepdims=True))
        p, gate = exp / exp.sum(axis=1, keepdims=True), (1 + np.tanh(sizes / 2)) / 2
        ys, xs = ((1 - self.low) * np.linspace(-1, 1, n, dtype=x.dtype) for n in (high, wide))
        boxes = np.empty((*gate.shape, 3), x.dtype)
        boxes[..., 0] = self.low + (self.high - self.low) * gate
        boxes[..., 1], boxes[..., 2] = np.tile(xs, high), np.repeat(ys, wide)
        self.saved = x.shape, p, gate, boxes
        out: Array = np.einsum("bn,bnk->bk", p, boxes)
        return out

    def backward(self, d_out: Array) -> Array:
        """Compute the cotangents of scores and sizes."""
        shape, p, gate, boxes = self.saved
        d_p = np.einsum("bk,bnk->bn", d_out, boxes)
        d_scores = p * (d_p - (d_p * p).sum(axis=1, keepdims=True))
        d_sizes = d_out[:, :1] * p * (self.high - self.low) * gate * (1 - gate)
        return np.stack([d_scores, d_sizes], axis=2).reshape(shape)


class Unit(Layer):
    """Rows (B, N) divided by their norms."""

    def forward(self, x: Array, rng: np.random.Generator | None = None) -> Array:
        """Compute rows of norm 1."""
        norm = np.sqrt((x * x).sum(axis=1, keepdims=True) + np.finfo(x.dtype).eps)
        self.saved = x / norm, norm
        out: Array = self.saved[0]
        return out

    def backward(self, d_out: Array) -> Array:
        """Take away what is along the row."""
        out, norm = self.saved
        d_x: Array = (d_out - out * (d_out * out).sum(axis=1, keepdims=True)) / norm
        return d_x


def localiser(rng: np.random.Generator, side: int, low: float, high: float) -> Sequential:
    """Make a convolutional localisation network: (B, side, side, 1) to boxes (B, 3).

    Its last layer starts at 0: the middle of the canvas, half-way between ``low`` and ``high``.
    """
    stages, _ = convolutions(rng, (side, side, 1), FILTERS)
    last = Conv(rng, FILTERS[-1], 2, 1)
    last.params["weights"][...] = 0
    return Sequential(**stages, last=last, window=Window(low, high))


def hinge(found: Array, other: Array, margin: float) -> tuple[float, Array]:
    """Compute the loss of encodings (N, E) of crops and of others; and the cotangent of the crops.

    The mean over pairs n, m of max(0, |found_n - found_m|^2 - |found_n - other_n|^2 + margin).
    """
    near = ((found[:, None] - found) ** 2).sum(axis=2)
    far = ((found - other) ** 2).sum(axis=1)
    above = near - far[:, None] + margin
    np.fill_diagonal(above, 0)
    d_above = (above > 0) / found.dtype.type(len(found) * (len(found) - 1))
    both = d_above + d_above.T
    d_found = both.sum(axis=1, keepdims=True) * found - both @ found
    d_found -= d_above.sum(axis=1, keepdims=True) * (found - other)
    return float((above * d_above).sum()), 2 * d_found
