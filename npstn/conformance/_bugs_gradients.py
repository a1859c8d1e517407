"""Bugs of gradients: the result is right."""

from typing import Any

import numpy as np

from .._check import Array
from ..dialects._frames import frame
from ..dialects._functions import Grid, Sample
from ..dialects._rules import Mask, Ruled
from ..dialects._sampling import Sampling
from ..dialects.row import Function
from ..grid import Floats
from ._bug import Bug, setting
from ._fits import anyhow, having, maps, normalized, opened
from ._plain import Indices, Plain


class Unscaled(Sample):
    """No dp/dg."""

    def _factor(self) -> Floats:
        return np.ones(self.rank)


class OtherFactor(Sample):
    """dp/dg of the other align_corners."""

    def _factor(self) -> Floats:
        rule, size, align = self._unit()
        spans = frame(rule, size, align).a, (np.array(size[::-1]) - (not align)) / 2
        return spans[1] if rule.shrink is None else np.array(size[::-1]) / 2


def _summed(found: dict[str, Array]) -> dict[str, Array]:
    d = found["theta"]
    return {**found, "theta": np.broadcast_to(d.sum(0, keepdims=True), d.shape).copy()}


def _none(found: dict[str, Array]) -> dict[str, Array]:
    return {**found, "theta": np.zeros_like(found["theta"])}


def _thetas(changed: Any) -> dict[str, type]:
    """Problems whose cotangent of theta is changed."""

    class WarpOf(Sample):
        def vjp(self, d_out: object) -> dict[str, Array]:
            return dict(changed(super().vjp(d_out)))

    class GridOf(Grid):
        def vjp(self, d_grid: object) -> dict[str, Array]:
            return dict(changed(super().vjp(d_grid)))

    return {"warp": WarpOf, "grid": GridOf}


class Overwritten(Plain):
    """The last point wins a texel."""

    def scatter(self, d_x: Floats, index: tuple[Indices, ...], d: Floats) -> None:
        d_x[index] = d


class BorderDropped(Sampling):
    """Points that border clamps give nothing to the image."""

    def vjp(self, d_out: Array) -> tuple[Array, Floats]:
        d_x, d_p = super().vjp(d_out)
        if self.padding.mode == "border":
            inside = ((self.p >= 0) & (self.p <= self._size - 1)).all(-1, keepdims=True)
            d_x = super().vjp(np.where(inside, d_out, d_out.dtype.type(0)))[0]
        return d_x, d_p


class LastChannel(Plain):
    """Each channel overwrites the last."""

    def channels(self, d: Floats) -> Floats:
        return d[..., -1]


class Unsigned(Plain):
    """All stretches go the same way."""

    def mirror(self, p: Floats, n: int, at: Ruled) -> tuple[Floats, Floats]:
        q, sign = super().mirror(p, n, at)
        return q, np.abs(sign)


class BorderOfZeros(Plain):
    """On the border, the texel beyond is missing and counts."""

    def moves(self, q: Floats, n: int) -> Mask:
        return np.asarray((q >= 0) & (q <= n - 1))


class ZerosOfBorder(Plain):
    """Missing texels count as those of the border."""

    def gather_slopes(self, x: Array, at: Ruled, index: tuple[Indices, ...], there: Mask) -> Floats:
        return self.gather(x, at, index, there | (at.padding == "zeros"))


def _two_spans(function: Function) -> bool:
    return normalized(function) and function.convention.shrink in (None, 1)


BUGS = (
    Bug(
        "dtheta-summed",
        "d_theta sums over the batch",
        "no public report: a backward pass written for one theta",
        "R36",
        lambda f: maps(f) and "N" in f.convention.layout,
        mixins=_thetas(_summed),
        effect="gradient",
    ),
    Bug(
        "no-dtheta",
        "d_theta is 0: the map is not differentiated",
        "ooples/AiDotNet.Tensors#747, tensorflow/addons transform_ops.py:56",
        "R35",
        maps,
        mixins=_thetas(_none),
        effect="gradient",
    ),
    Bug(
        "flat-at-texels",
        "the gradient is 0 on texels: the upper corner is ceil(p)",
        "google-deepmind/dm_pix#126, jax-ml/jax#3024",
        "R32",
        lambda f: having(anyhow, "bilinear")(f) and f.convention.kink != "zero",
        setting(kink="zero"),
        effect="gradient",
    ),
    Bug(
        "dx-overwritten",
        "d_x is overwritten, not added to, where points share a texel",
        "deepsense-ai/roi-pooling#20, speedinghzl/CCNet#62",
        "R26",
        having(anyhow),
        sampler=Overwritten,
        effect="gradient",
    ),
    Bug(
        "dx-without-border",
        "points that border clamps give nothing to d_x",
        "ooples/AiDotNet.Tensors#390",
        "R26",
        having(lambda p: p.mode == "border" and opened(p)),
        sampler=BorderDropped,
        effect="gradient",
    ),
    Bug(
        "dgrid-without-factor",
        "d_grid lacks the factor dp/dg, such as (W - 1)/2",
        "FluxML/NNlib.jl#361, ml-explore/mlx#1213",
        "R27",
        normalized,
        mixins={"sample": Unscaled, "warp": Unscaled},
        effect="gradient",
    ),
    Bug(
        "dgrid-with-other-factor",
        "d_grid has the factor of the other align_corners, W/2 or (W - 1)/2",
        "ooples/AiDotNet.Tensors#582",
        "R27",
        _two_spans,
        mixins={"sample": OtherFactor, "warp": OtherFactor},
        effect="gradient",
    ),
    Bug(
        "last-channel",
        "d_grid is that of the last channel, not the sum of all",
        "no public report: a kernel with a thread for each channel",
        "R28",
        lambda f: having(anyhow, "bilinear", "bicubic")(f) and "C" in f.convention.layout,
        sampler=LastChannel,
        effect="gradient",
    ),
    Bug(
        "unsigned-mirror",
        "d_grid has no sign in mirrored stretches",
        "ooples/AiDotNet.Tensors#22",
        "R29",
        having(lambda p: p.mode == "reflection" and p.folds is None and not p.turns, "bilinear"),
        sampler=Unsigned,
        effect="gradient",
    ),
    Bug(
        "border-as-zeros",
        "d_grid on the border is that of padding zeros",
        "pytorch/pytorch#23925",
        "R30",
        lambda f: (
            having(lambda p: p.mode == "border" and p.gate is None, "bilinear")(f)
            and f.convention.kink == "right"
        ),
        sampler=BorderOfZeros,
        effect="gradient",
    ),
    Bug(
        "zeros-as-border",
        "d_grid under zeros takes missing texels as those of the border",
        "PaddlePaddle/Paddle#74058",
        "R31",
        having(lambda p: p.mode == "zeros" and opened(p), "bilinear", "bicubic"),
        sampler=ZerosOfBorder,
        effect="gradient",
    ),
)
