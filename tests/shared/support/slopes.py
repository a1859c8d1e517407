"""The slope of a loss, measured beside the one that its cotangents say."""

from collections.abc import Callable, Mapping

import numpy as np

Arrays = Mapping[str, np.ndarray]


def slopes(
    loss: Callable[[], float], values: Arrays, grads: Arrays, step: float = 1e-7
) -> dict[str, tuple[float, float]]:
    """Each array's slope along a random direction, exact and measured; they are moved in place."""
    assert values.keys() == grads.keys()
    rng, found = np.random.default_rng(8), {}
    for name, value in values.items():
        direction, before = rng.standard_normal(value.shape), value.copy()
        ends = []
        for t in step, -step:
            value[...] = before + t * direction
            ends.append(loss())
        value[...] = before
        found[name] = float(np.vdot(grads[name], direction)), (ends[0] - ends[1]) / (2 * step)
    return found
