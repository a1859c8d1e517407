"""The pixel points of a call that were given, and the way back from them to its arguments."""

from functools import partial

import numpy as np

from ..dialects import _layouts
from ..dialects._arguments import Arguments
from ..dialects._frames import Sizes
from ..dialects._signature import POINTS
from ._frame import exact_frame
from ._spread import Spread, fractions


class Given:
    """Points that were given: p = g a + b."""

    def __init__(self, given: Arguments, size: Sizes, align: bool) -> None:
        self.given = given
        g = given.points(len(size))
        self.out: Sizes = g.shape[1:-1]
        self.frame = exact_frame(given.rule, size, self.out, align)
        exact = fractions(g)
        self.p = self.frame.pixels(exact)
        self.rounding = self.frame.rounding(g.astype(np.float64))
        if given.rule.unit == "pixel" and given.rule.cast == "float32" and g.itemsize > 4:
            self.rounding = self.rounding + abs(g)  # where points are rounded to float32 first

    def pulled(self, d: Spread) -> dict[str, Spread]:
        """The cotangents of the arrays of points, from those (N, *out, R) of pixels."""
        if len(self.p) < len(d.value):  # one grid for all images
            d = d.each(lambda a: a.sum(0, keepdims=True))
        return arrays(self.given, d.scaled(np.broadcast_to(self.frame.a, d.value.shape)))


def arrays(given: Arguments, d: Spread) -> dict[str, Spread]:
    """Points (N, *out, R), x first, as the arrays that a system has of them, by role."""
    rule = given.rule
    if rule.order != "xy":
        d = d.each(lambda a: a[..., ::-1])
    if "points" in given.values:
        return {"points": d.each(lambda a: _layouts.original(a, rule.points))}
    word, found = rule.points.replace("R", ""), {}
    for k, role in enumerate(role for role in POINTS[1:] if role in given.values):
        part = d.each(partial(np.take, indices=[k], axis=-1))
        found[role] = part.each(lambda a: _layouts.original(a, word))
    return found
