"""The spatial transformer as a layer: a localisation network, and the module of npstn."""

from typing import Any

import numpy as np

from npstn import spatial_transformer_network, spatial_transformer_network_vjp

from .layers import Array, Layer


class SpatialTransformer(Layer):
    """Look at each image where a localisation network says: theta = network(x).

    The network ends in a layer without weights and with the identity as its bias, so that it starts
    as the identity. Where it gives (B, K, P), each image is looked at K times.
    """

    def __init__(self, network: Layer, dims: tuple[int, int], **options: Any) -> None:
        super().__init__()
        self.network, self.dims, self.options = network, dims, options
        self.params = network.params

    def forward(self, x: Array, rng: np.random.Generator | None = None) -> Array:
        """Compute (B, *dims, C), or (B, K, *dims, C)."""
        self.saved = x, self.network.forward(x, rng)
        return self.sample(*self.saved)

    def sample(self, x: Array, theta: Array) -> Array:
        """Sample images at theta."""
        return spatial_transformer_network(x, theta, self.dims, **self.options)

    def backward(self, d_out: Array) -> Array:
        """Compute the cotangent of x: by way of the texels, and by way of theta."""
        d_x, d_theta = spatial_transformer_network_vjp(d_out, *self.saved, **self.options)
        d_x = d_x + self.network.backward(d_theta)
        self.grads = self.network.grads
        return d_x

    @property
    def theta(self) -> Array:
        """The parameters for the last images."""
        theta: Array = self.saved[1]
        return theta
