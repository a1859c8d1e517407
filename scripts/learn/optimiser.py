"""Adam (Kingma and Ba, 2015), with a rate and a limit for each group of parameters."""

import numpy as np

from .layers import Array

DECAY, DECAY_OF_SQUARES, EPSILON = 0.9, 0.999, 1e-8


class Adam:
    """Moments of parameters, which it moves in place.

    A group has the parameters whose names begin with its own. The norm of its cotangents is limited
    by itself: those of theta grow with the size of the output, and would drown all others.
    """

    def __init__(self, params: dict[str, Array], rates: dict[str, float], limit: float) -> None:
        self.params, self.rates, self.limit, self.steps = params, rates, limit, 0
        self.moments = {name: np.zeros((2, *p.shape), np.float32) for name, p in params.items()}

    def step(self, grads: dict[str, Array], factor: float = 1.0) -> None:
        """Move all parameters, ``factor`` times as fast as the rates say."""
        self.steps += 1
        late = (1 - DECAY_OF_SQUARES**self.steps) ** 0.5 / (1 - DECAY**self.steps)
        for group, rate in self.rates.items():
            found = {name: grad for name, grad in grads.items() if name.startswith(f"{group}.")}
            norm = sum(float(np.vdot(grad, grad)) for grad in found.values()) ** 0.5
            keep = np.float32(min(1.0, self.limit / max(norm, EPSILON)))
            for name, grad in found.items():
                first, second = self.moments[name]
                first += np.float32(1 - DECAY) * (keep * grad - first)
                second += np.float32(1 - DECAY_OF_SQUARES) * ((keep * grad) ** 2 - second)
                move = first / (np.sqrt(second) + np.float32(EPSILON))
                self.params[name] -= np.float32(rate * factor * late) * move
