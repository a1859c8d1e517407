"""A call that samples: its images, its points and its options, read from the arguments."""

from dataclasses import replace

import numpy as np

from ..dialects._arguments import Arguments
from ..grid import Floats
from ._frame import exact_frame
from ._mapped import Mapped
from ._points import Given
from ._rule import Rule
from ._spread import Objects, Spread, floats


class Call:
    """All of a call; points and cotangents are rows (P, ...) of all images."""

    @np.errstate(invalid="ignore")  # of coordinates that are not finite
    def __init__(self, given: Arguments, unit: float) -> None:
        self.given = given
        x = given.image()
        self.images, self.size = len(x), x.shape[1:-1]
        self.rank, self.align = len(self.size), given.align()
        rule = self.rule = given.rule
        self.points: Given | Mapped
        if given.has("theta"):
            self.points = Mapped(given, given.size(self.size, self.rank), self.align)
            self.frame = exact_frame(rule, self.size, self.points.out, self.align)
            p, rounding = self.points.pixels(self.frame)
            if rule.several:
                x = np.repeat(x, np.shape(given.values["theta"])[1], 0)
        else:
            self.points = Given(given, self.size, self.align)
            self.frame, p, rounding = self.points.frame, self.points.p, self.points.rounding
        self.broken = np.asarray(~np.isfinite(x).all(-1))
        self.x = np.where(np.isfinite(x), x, x.dtype.type(0))
        self.channels = x.shape[-1]
        padding = given.choice("padding", rule.paddings)
        if "gate" in given.values:
            padding = replace(padding, gate=given.choice("gate", rule.gates))
        mode = given.choice("mode", rule.modes)
        mirror = self.align if padding.align is None else padding.align
        self.where = Rule(rule, padding, mode, mirror)
        fills = given.fills(self.channels)
        self.fill = np.array(np.broadcast_to(fills, self.channels), np.float64)
        self.shape = len(x), *p.shape[1:]
        self.p: Objects = np.broadcast_to(p, self.shape).reshape(-1, self.rank)
        rounding = rounding + self.where.rounding(floats(p), np.array(self.size[::-1], np.float64))
        self.delta: Floats = unit * np.broadcast_to(rounding, self.shape).reshape(-1, self.rank)
        if given.has("theta") and self.where.quantum:
            self.delta = self.delta + rule.matrix_quantum  # two sums, each off by half of it
        self.image = np.repeat(np.arange(len(x)), len(self.p) // max(len(x), 1))

    @property
    def texels(self) -> Floats:
        """The images (N, texels + 1, C); the last texel stands for all that are missing."""
        x = self.x.reshape(len(self.x), int(np.prod(self.size)), self.channels)
        fill = np.broadcast_to(self.fill, (len(x), 1, self.channels))
        return np.concatenate([x.astype(np.float64), fill], 1)

    def pulled(self, d_x: Spread, d_p: Spread) -> dict[str, Spread]:
        """The cotangents of the arguments by role, from rows of those of texels and points."""
        d_x = d_x.each(lambda a: a.reshape(*self.x.shape))
        if self.images != len(self.x):  # several points of each image
            d_x = d_x.each(lambda a: a.reshape(self.images, -1, *a.shape[1:]).sum(1))
        d_p = d_p.each(lambda a: a.reshape(self.shape))
        if isinstance(self.points, Given):
            return {"x": d_x, **self.points.pulled(d_p)}
        return {"x": d_x, **self.points.pulled(d_p, self.frame.a)}
