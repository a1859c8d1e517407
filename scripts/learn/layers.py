"""Layers of a network in NumPy: ``forward`` keeps what ``backward`` needs.

Arrays are float32, float64 for finite differences, batch first, images (B, H, W, C). ``backward``
takes the cotangent of the output, fills ``grads``, and returns the cotangent of the input.
"""

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Array = NDArray[Any]


class Layer:
    """One step of a network; its parameters and their cotangents have the same names."""

    dtype: type = np.float32

    def __init__(self, **params: Array) -> None:
        self.params: dict[str, Array] = {
            name: value.astype(self.dtype) for name, value in params.items()
        }
        self.grads: dict[str, Array] = {}
        self.saved: Any = None

    def forward(self, x: Array, rng: np.random.Generator | None = None) -> Array:
        """Compute the output; ``rng`` is there while training."""
        raise NotImplementedError

    def backward(self, d_out: Array) -> Array:
        """Compute the cotangent of the input of the last ``forward``."""
        raise NotImplementedError

    @property
    def size(self) -> int:
        """How many numbers are learnt."""
        return sum(value.size for value in self.params.values())


class Sequential(Layer):
    """Layers one after the other, by name; their parameters are ``layer.parameter``."""

    def __init__(self, **layers: Layer) -> None:
        super().__init__()
        self.layers = layers
        for name, layer in layers.items():
            self.params |= {f"{name}.{key}": value for key, value in layer.params.items()}

    def forward(self, x: Array, rng: np.random.Generator | None = None) -> Array:
        """Compute the output of the last layer."""
        for layer in self.layers.values():
            x = layer.forward(x, rng)
        return x

    def backward(self, d_out: Array) -> Array:
        """Run all layers backward."""
        for name, layer in reversed(self.layers.items()):
            d_out = layer.backward(d_out)
            self.grads |= {f"{name}.{key}": value for key, value in layer.grads.items()}
        return d_out


class Dense(Layer):
    """x W + b on flat inputs (B, N); W starts as He's, or as 0 if ``bias`` is given."""

    def __init__(
        self, rng: np.random.Generator, size: int, out: int, bias: Array | None = None
    ) -> None:
        weights = rng.standard_normal((size, out)) * np.sqrt(2 / size) * (bias is None)
        super().__init__(weights=weights, bias=np.zeros(out) if bias is None else bias)

    def forward(self, x: Array, rng: np.random.Generator | None = None) -> Array:
        """Compute (B, out) of (B, ...)."""
        self.saved = x
        out: Array = x.reshape(len(x), -1) @ self.params["weights"] + self.params["bias"]
        return out

    def backward(self, d_out: Array) -> Array:
        """Compute the cotangents of x, weights and bias."""
        x = self.saved.reshape(len(d_out), -1)
        self.grads = {"weights": x.T @ d_out, "bias": d_out.sum(axis=0)}
        d_x: Array = (d_out @ self.params["weights"].T).reshape(self.saved.shape)
        return d_x


class Conv(Layer):
    """Correlation with filters of side ``side``, where they fit into the image."""

    def __init__(self, rng: np.random.Generator, channels: int, out: int, side: int) -> None:
        weights = rng.standard_normal((side, side, channels, out))
        super().__init__(weights=weights * np.sqrt(2 / (side**2 * channels)), bias=np.zeros(out))

    def forward(self, x: Array, rng: np.random.Generator | None = None) -> Array:
        """Compute (B, H - side + 1, W - side + 1, out)."""
        weights = self.params["weights"]
        side = len(weights)
        windows = sliding_window_view(x, (side, side), axis=(1, 2))  # (B, Ho, Wo, C, side, side)
        rows = windows.transpose(0, 1, 2, 4, 5, 3).reshape(-1, weights[..., 0].size)
        self.saved = x.shape, rows
        out: Array = rows @ weights.reshape(rows.shape[1], -1) + self.params["bias"]
        return out.reshape(*windows.shape[:3], -1)

    def backward(self, d_out: Array) -> Array:
        """Compute the cotangents of x, weights and bias: each tap of the filters by itself."""
        (shape, rows), weights = self.saved, self.params["weights"]
        flat = d_out.reshape(-1, d_out.shape[3])
        self.grads = {"weights": (rows.T @ flat).reshape(weights.shape), "bias": flat.sum(axis=0)}
        d_x = np.zeros(shape, d_out.dtype)
        _, high, wide, _ = d_out.shape
        for i, row in enumerate(weights):
            for j, tap in enumerate(row):  # (C, out)
                d_x[:, i : i + high, j : j + wide] += d_out @ tap.T
        return d_x


class MaxPool(Layer):
    """The largest of each 2 x 2 texels; a row or column left over is dropped."""

    def forward(self, x: Array, rng: np.random.Generator | None = None) -> Array:
        """Compute (B, H // 2, W // 2, C)."""
        out: Array = np.maximum.reduce(self._cells(x))
        self.saved = x, out
        return out

    def backward(self, d_out: Array) -> Array:
        """Give each cotangent to the first of the largest texels."""
        x, out = self.saved
        d_x, left = np.zeros(x.shape, d_out.dtype), d_out.copy()
        for cell, d_cell in zip(self._cells(x), self._cells(d_x), strict=True):
            found = cell == out
            d_cell[...] = np.where(found, left, 0)
            left[found] = 0
        return d_x

    def _cells(self, x: Array) -> list[Array]:
        """The four texels of all cells, as views."""
        high, wide = (n // 2 * 2 for n in x.shape[1:3])
        return [x[:, i:high:2, j:wide:2] for i in (0, 1) for j in (0, 1)]


class ReLU(Layer):
    """The positive part."""

    def forward(self, x: Array, rng: np.random.Generator | None = None) -> Array:
        """Compute max(x, 0)."""
        self.saved = x > 0
        return np.maximum(x, 0)

    def backward(self, d_out: Array) -> Array:
        """Compute the cotangent: 0 where x was not positive."""
        d_x: Array = d_out * self.saved
        return d_x


class Dropout(Layer):
    """While training, a part of the numbers is 0 and the rest larger in turn."""

    def __init__(self, part: float) -> None:
        super().__init__()
        self.part = part

    def forward(self, x: Array, rng: np.random.Generator | None = None) -> Array:
        """Drop numbers by chance, while training."""
        self.saved = np.ones_like(x)
        if rng is not None:
            self.saved[rng.random(x.shape, np.float32) < self.part] = 0
            self.saved /= 1 - self.part
        out: Array = x * self.saved
        return out

    def backward(self, d_out: Array) -> Array:
        """Drop what was dropped."""
        d_x: Array = d_out * self.saved
        return d_x


def cross_entropy(logits: Array, labels: Array) -> tuple[float, Array]:
    """Compute the mean of -log softmax at the labels (B,), and its cotangent (B, classes)."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    rows = np.arange(len(labels))
    d_logits = np.exp(logs)
    d_logits[rows, labels] -= 1
    return float(-logs[rows, labels].mean()), d_logits / len(labels)
