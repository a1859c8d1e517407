"""Bugs of paddings."""

from dataclasses import dataclass, replace

import numpy as np

from .._check import Array
from ..dialects._rules import Mask, Ruled, ruled
from ..dialects._sampling import Sampling
from ..dialects.row import Gate, Padding
from ..grid import Floats
from ._bug import Bug, padded, setting
from ._fits import (
    every,
    having,
    mirrors,
    mirrors_on,
    open_zeros,
    role,
    ruling,
    samples,
    ungated,
    zeros,
)
from ._plain import Indices, Plain

_CLOSED = Gate(0.0, True, -1.0, True)
_FIRST = Gate(0.0, False, -1.0, True)


class LastLost(Plain):
    """A test whose bound is one too low."""

    def texel(self, index: Floats, n: int, at: Ruled) -> tuple[Floats, Mask]:
        found, there = super().texel(index, n, at)
        return found, there & ((index < n - 1) | (at.padding != "zeros"))


class MaskedByProduct(Plain):
    """Missing texels are clamped ones times 0."""

    def gather(self, x: Array, at: Ruled, index: tuple[Indices, ...], there: Mask) -> Floats:
        found = x[index].astype(np.float64)
        known = there[..., None]
        return found * known + self.fill * ~known if at.padding == "zeros" else found


class OtherMirror(Sampling):
    """Reflection about the edges for that about the centres, and the other way."""

    def _ruled(self) -> Ruled:
        padding = self.padding
        align = self.align if padding.align is None else padding.align
        if padding.mode == "reflection":
            padding = replace(padding, align=not align)
        rest = self._size, self.align, self.faithful
        return ruled(self.rule, padding, self.mode, self.p, *rest)


@dataclass(frozen=True)
class FillInUnit(Sampling):
    """A fill is clipped to [0, 1]."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "fill", min(max(self.fill, 0.0), 1.0))


def _wraps(padding: Padding) -> bool:
    return padding.mode == "wrap" and padding.period is None and not padding.turns


BUGS = (
    Bug(
        "point-dropped",
        "a point is dropped when one of its texels is missing",
        "optiland/optiland#775, scipy/scipy#8465 (constant, not grid-constant)",
        "R13",
        every(having(open_zeros), ungated),
        padded(lambda p: replace(p, gate=_CLOSED), open_zeros),
    ),
    Bug(
        "first-lost",
        "points on the first row and column are outside",
        "DeepReg layer_util.py:284 (zero_boundary)",
        "R13",
        every(having(zeros), ungated),
        padded(lambda p: replace(p, gate=_FIRST), zeros),
    ),
    Bug(
        "last-lost",
        "the last row and column count as missing",
        "tensorflow/models#2016, tensorflow/models#193, skaae/transformer_network#2",
        "R13",
        having(zeros),
        sampler=LastLost,
    ),
    Bug(
        "reflection-is-border",
        "'reflection' is really border",
        "MNN 3.6.1 GridSample",
        "R45",
        having(mirrors),
        padded(lambda p: replace(p, mode="border", folds=None, turns=False), mirrors),
    ),
    Bug(
        "zeros-is-border",
        "padding zeros is really border",
        "chainer/chainer#2648, tensorflow/models#1320, pytorch/pytorch#2625",
        "R13",
        having(open_zeros),
        padded(lambda p: replace(p, mode="border"), zeros),
    ),
    Bug(
        "other-mirror",
        "reflection is about the edges for the centres, and the centres for the edges",
        "scipy/scipy#8465, keras-team/keras-core#574 (mirror, reflect)",
        "R15",
        having(mirrors),
        sampler=OtherMirror,
    ),
    Bug(
        "folds-once",
        "reflection mirrors a point once only",
        "Tencent/ncnn GridSample (20261020)",
        "R15",
        having(mirrors_on),
        padded(lambda p: replace(p, folds=1), mirrors_on),
    ),
    Bug(
        "wrap-off-by-1",
        "wrap has the period S - 1, not S",
        "scipy/scipy#2640",
        "R17",
        having(_wraps),
        padded(lambda p: replace(p, period=1.0), _wraps),
    ),
    Bug(
        "masked-by-product",
        "missing texels are clamped ones times 0: an infinite border gives NaN outside",
        "roboflow/rf-detr#1432",
        "R20",
        having(open_zeros),
        sampler=MaskedByProduct,
    ),
    Bug(
        "fill-in-unit",
        "the fill is clipped to [0, 1]",
        "scikit-image/scikit-image#253",
        "R19",
        lambda f: samples(f) and (role("fill")(f) or role("scalar")(f)),
        sampler=FillInUnit,
    ),
    Bug(
        "cubic-clamps-point",
        "bicubic with border clamps the point, not each texel",
        "microsoft/onnxruntime#10607, onnx op_grid_sample.py:336",
        "R18",
        every(
            having(lambda p: p.mode == "border" and p.gate is None, "bicubic"),
            ruling(lambda r: r.cubic_stage == "texel"),
        ),
        setting(cubic_stage="point"),
    ),
)
