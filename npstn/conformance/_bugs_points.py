"""Bugs of coordinates: units, order, rounding, batch."""

from dataclasses import dataclass, replace

import numpy as np

from .._check import Array
from ..dialects._frames import Sizes
from ..dialects._functions import Sample
from ..dialects._sampling import Sampling
from ..dialects.row import Convention, Function
from ..grid import Floats
from ._bug import Bug, converted, setting
from ._bugs_maps import Swapped, reversed_order
from ._fits import normalized, role, samples


class Span2(Sample):
    """(g + 1)(S - 2)/2."""

    def _unit(self) -> tuple[Convention, Sizes, bool]:
        rule, size, align = super()._unit()
        return replace(rule, shrink=2.0), size, align


class Span0(Sample):
    """(g + 1) S/2."""

    def _unit(self) -> tuple[Convention, Sizes, bool]:
        rule, size, align = super()._unit()
        return replace(rule, shrink=0.0), size, align


class Aligned(Sample):
    """The sampler aligns corners, whatever the grid does."""

    def _unit(self) -> tuple[Convention, Sizes, bool]:
        rule, size, _ = super()._unit()
        return rule, size, True


class Unaligned(Sample):
    """The sampler does not, whatever the grid does."""

    def _unit(self) -> tuple[Convention, Sizes, bool]:
        rule, size, _ = super()._unit()
        return replace(rule, shrink=None), size, False


class Turned(Sample):
    """x in units of the height."""

    def _unit(self) -> tuple[Convention, Sizes, bool]:
        rule, size, align = super()._unit()
        return rule, size[::-1], align


class Half(Sample):
    """A grid in half precision."""

    @np.errstate(over="ignore")
    def _points(self, x: Array) -> Array:
        g = super()._points(x)
        return g.astype(np.float16).astype(g.dtype)


@dataclass(frozen=True)
class FirstPoints(Sampling):
    """All images are sampled at the points of the first."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "p", np.broadcast_to(self.p[:1], self.p.shape))

    def vjp(self, d_out: Array) -> tuple[Array, Floats]:
        d_x, each = super().vjp(d_out)
        d_p = np.zeros(each.shape)
        d_p[:1] = each.sum(0)
        return d_x, d_p


def _both(mixin: type) -> dict[str, type]:
    return {"sample": mixin, "warp": mixin}


def _points_reversed(function: Function) -> Function:
    return converted(reversed_order)(function) if function.op == "sample" else function


def _has_points(function: Function) -> bool:
    return function.op == "sample" or (function.op == "grid" and role("theta")(function))


def _own_points(function: Function) -> bool:
    rule = function.convention
    return "N" in rule.layout and (
        function.op == "warp" or (function.op == "sample" and "N" in rule.points)
    )


BUGS = (
    Bug(
        "width-minus-2",
        "coordinates span S - 2 texels, not S - 1",
        "kevinzakka/spatial-transformer-network#13, stn/transformer.py:187",
        "R1",
        lambda f: normalized(f) and f.convention.shrink != 2,
        mixins=_both(Span2),
    ),
    Bug(
        "width",
        "coordinates span S texels from the centre of the first, so that 1 is outside",
        "tensorflow/models#2016, daviddao/spatial-transformer-tensorflow spatial_transformer.py:80",
        "R1",
        lambda f: normalized(f) and f.convention.shrink != 0,
        mixins=_both(Span0),
    ),
    Bug(
        "swapped-xy",
        "x and y are swapped",
        "voxelmorph/voxelmorph#492, cwmok/DIRAC#3",
        "R4",
        _has_points,
        _points_reversed,
        mixins={"grid": Swapped},
    ),
    Bug(
        "swapped-sizes",
        "H and W are swapped in the unit: right for square images only",
        "speedinghzl/AlignSeg#7, sony/genwarp#12, pytorch/vision#9299",
        "R1",
        normalized,
        mixins=_both(Turned),
    ),
    Bug(
        "true-in-sampler",
        "half a pixel off: looks like align_corners=False in the grid and True in the sampler",
        "kornia/kornia#747, kornia/kornia#3928",
        "R2",
        lambda f: normalized(f) and role("align")(f) and f.convention.shrink is None,
        mixins=_both(Aligned),
    ),
    Bug(
        "false-in-sampler",
        "half a pixel off: looks like align_corners=True in the grid and False in the sampler",
        "kornia/kornia#1651, tps_stn_pytorch since torch 1.3 (pytorch/pytorch#20785)",
        "R1",
        lambda f: (
            normalized(f)
            and (f.convention.shrink == 1 or (role("align")(f) and f.convention.shrink is None))
        ),
        mixins=_both(Unaligned),
    ),
    Bug(
        "flow-subtracted",
        "the displacement is subtracted, not added (or the other way round)",
        "tensorflow/addons dense_image_warp.py:192",
        "R3",
        lambda f: f.op == "sample" and f.convention.unit == "flow",
        converted(lambda rule: replace(rule, sign=-rule.sign)),
    ),
    Bug(
        "float16-grid",
        "the grid is rounded to float16",
        "pytorch/pytorch#89836, pytorch/pytorch#96429",
        "R40",
        samples,
        mixins=_both(Half),
    ),
    Bug(
        "pixel-32nds",
        "coordinates are rounded to 1/32 of a pixel",
        "opencv/opencv#25937, opencv/opencv#26361",
        "R40",
        lambda f: samples(f) and f.convention.quantum == 0,
        setting(quantum=1 / 32),
    ),
    Bug(
        "first-grid-for-all",
        "the grid of the first image is used for all",
        "msracver/Deformable-ConvNets#38",
        "R8",
        _own_points,
        sampler=FirstPoints,
    ),
)
