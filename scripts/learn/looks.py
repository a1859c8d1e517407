"""Layers for several looks at one image: (B, K, ...), theta (B, K, P)."""

import numpy as np

from .layers import Array, Layer


class Reshape(Layer):
    """A network whose output (B, N) is (B, *shape) here: K thetas, say."""

    def __init__(self, network: Layer, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.network, self.shape = network, shape
        self.params = network.params

    def forward(self, x: Array, rng: np.random.Generator | None = None) -> Array:
        """Compute (B, *shape)."""
        return self.network.forward(x, rng).reshape(len(x), *self.shape)

    def backward(self, d_out: Array) -> Array:
        """Compute the cotangent of x."""
        d_x = self.network.backward(d_out.reshape(len(d_out), -1))
        self.grads = self.network.grads
        return d_x


class Each(Layer):
    """One network for all looks: (B, K, ...) to (B, K, N)."""

    def __init__(self, network: Layer) -> None:
        super().__init__()
        self.network = network
        self.params = network.params

    def forward(self, x: Array, rng: np.random.Generator | None = None) -> Array:
        """Compute (B, K, N)."""
        self.saved = x.shape
        return self.network.forward(x.reshape(-1, *x.shape[2:]), rng).reshape(*x.shape[:2], -1)

    def backward(self, d_out: Array) -> Array:
        """Compute the cotangent of all looks."""
        d_x = self.network.backward(d_out.reshape(-1, d_out.shape[2]))
        self.grads = self.network.grads
        return d_x.reshape(self.saved)


class Halves(Layer):
    """The left and the right half of an image as two looks: (B, H, 2 W, C) to (B, 2, H, W, C)."""

    def forward(self, x: Array, rng: np.random.Generator | None = None) -> Array:
        """Cut."""
        return np.stack(np.split(x, 2, axis=2), axis=1)

    def backward(self, d_out: Array) -> Array:
        """Join."""
        d_x: Array = np.concatenate([d_out[:, 0], d_out[:, 1]], axis=2)
        return d_x


class Addition(Layer):
    """Logits (B, 2, D) of two independent digits to log-probabilities (B, 2 D - 1) of their sum."""

    def forward(self, x: Array, rng: np.random.Generator | None = None) -> Array:
        """Add up the probabilities of all pairs with one sum; in float64, where none is 0."""
        digits = np.arange(x.shape[2])
        sums = np.add.outer(digits, digits).reshape(-1, 1) == np.arange(2 * len(digits) - 1)
        exp = np.exp(x - x.max(axis=2, keepdims=True), dtype=np.float64)
        parts = exp / exp.sum(axis=2, keepdims=True)
        pairs = parts[:, 0, :, None] * parts[:, 1, None, :]
        whole = pairs.reshape(len(x), -1) @ sums
        self.saved = sums, parts, whole, x.dtype
        out: Array = np.log(whole).astype(x.dtype)
        return out

    def backward(self, d_out: Array) -> Array:
        """Compute the cotangent of the logits."""
        sums, parts, whole, dtype = self.saved
        left, right = parts[:, 0], parts[:, 1]
        d_pairs = ((d_out / whole) @ sums.T).reshape(*left.shape, -1)
        d_left = (d_pairs @ right[..., None])[..., 0]
        d_right = (left[:, None] @ d_pairs)[:, 0]
        d_parts = np.stack([d_left, d_right], axis=1)
        mean = (d_parts * parts).sum(axis=2, keepdims=True)
        d_x: Array = (parts * (d_parts - mean)).astype(dtype)
        return d_x
