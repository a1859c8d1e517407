"""Answers for the tier "large": a point reads a few texels of an image by formula."""

from dataclasses import replace
from functools import partial
from itertools import product

import numpy as np

from .._arithmetic import ieee
from ..contract import bound
from ..dialects import _layouts
from ..dialects._arguments import Arguments
from ..dialects._signature import roles_of, signature
from ..grid import Floats
from ..oracle import exact
from ..oracle._exact_axis import Padding
from ._formula import Formula
from ._frame import exact_frame
from ._spread import Objects, Spread, floats, fractions
from .answers import Answer, Answers
from .case import Case

CROP = 4  # texels of an axis: the cell, and one on each side of it


@ieee
def large_answers(case: Case, unit: float) -> Answers:
    """Compute the answer to a case of one image by formula, of one channel, sampled linearly."""
    roles = roles_of(case.function)
    x = case.given[roles["x"]]
    thin = np.broadcast_to(np.zeros((), x.dtype), x.shape)  # of which only the shape is read
    given = signature(case.function).bind(**{**case.given, roles["x"]: thin})
    given.apply_defaults()
    arguments = Arguments(case.function, given.arguments)
    rule, rank = arguments.rule, len(case.size)
    padding = rule.paddings[next(iter(rule.paddings)) if case.padding is None else case.padding]
    g = arguments.points(rank)
    frame = exact_frame(rule, case.size, case.out, arguments.align())
    p = frame.pixels(fractions(g)).reshape(-1, rank)
    delta = unit * frame.rounding(g.astype(np.float64)).reshape(-1, rank)
    rows = [_sampled(x, case.size, *pair, padding.mode) for pair in zip(p, delta, strict=True)]
    value, magnitude, count, shift = (np.array(column) for column in zip(*rows, strict=True))
    spread = replace(
        Spread.of(value.astype(object), magnitude.astype(np.float64), count.astype(np.int64)),
        shift=shift.astype(np.float64),
    )
    shaped = spread.each(
        lambda a: _layouts.original(a.reshape(1, *case.out, 1), rule.layout.split("|")[0])
    )
    factor = partial(bound("out", "bilinear", rank).factor, channels=1, out_dims=case.out)
    points = floats(p).reshape(1, *case.out, rank)
    inside = ((points >= 0) & (points <= np.array(case.size[::-1]) - 1)).all(-1)
    answer = Answer.of(shaped, lambda n: float(factor(n)), unit, None)
    return Answers({"out": answer}, np.asarray(inside), points)


def _sampled(
    x: Formula, size: tuple[int, ...], p: Objects, delta: Floats, padding: Padding
) -> tuple[object, float, int, float]:
    """The exact output at a point, M, n, and what the rounding of its coordinates may do."""
    first = [min(max(int(v // 1) - 1, 0), n - CROP) for v, n in zip(p[::-1], size, strict=True)]
    ranges = [np.arange(k, k + CROP) for k in first]
    texels = x.at(np.ravel_multi_index(np.ix_(*ranges), size)).reshape([CROP] * len(size))
    grid = (p - np.array(first[::-1])).reshape(1, *[1] * len(size), len(size))
    term = exact.grid_sample(
        texels[None, ..., None], grid, coordinates="pixel", padding_mode=padding
    ).out
    steep = _steep(texels, p - np.array(first[::-1]), delta, padding)
    pairs = product(range(len(size)), repeat=2)
    bend = 4 * float(abs(texels).max())  # of the slope on an axis, along another one
    bent = sum(delta[a] * delta[b] * bend for a, b in pairs if a != b)
    shift = float(sum(d * s for d, s in zip(delta, steep, strict=True)) + bent)
    value, magnitude, count = (a.item() for a in term)
    return value, float(magnitude), count, shift


def _steep(texels: Floats, p: Objects, delta: Floats, padding: Padding) -> list[float]:
    """The largest slopes, x first, in the cells that a point of a crop may be in."""
    around = np.pad(texels, 2, mode="constant" if padding == "zeros" else "edge")
    found = []
    for axis in range(around.ndim):
        line = np.moveaxis(around, axis, -1)
        others = [k for k in range(around.ndim) if k != axis]
        for k in others:  # the first axis that is left is that of the next of them
            at = min(max(float(p[-1 - k]), -2.0), CROP + 1.0) + 2
            first = min(int(at), len(line) - 2)
            line = (first + 1 - at) * line[first] + (at - first) * line[first + 1]
        v, d = p[-1 - axis], delta[-1 - axis]
        low, high = (int(end // 1) for end in (v - d, v + d))
        near = line[min(max(low, -2), CROP) + 2 : min(max(high + 1, -1), CROP + 1) + 3]
        found.append(float(abs(np.diff(near)).max()))
    return found[::-1]
