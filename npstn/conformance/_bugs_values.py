"""Bugs of values: cells, weights, modes, and coordinates that are no numbers."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ..dialects._maps import AFFINE
from ..dialects._rules import Mask, Ruled, ruled
from ..dialects._sampling import Sampling
from ..dialects.row import Convention, Function, Gate
from ..grid import Floats
from ._bug import Bug, converted, padded, setting
from ._fits import anyhow, every, having, mirrors, open_zeros, ruling, zeros
from ._plain import Plain

_CLOSED = Gate(0.0, True, -1.0, True)
_CLIPPED = Gate(0.0, True, -1.0, False)
_FIRST = Gate(0.0, False, -1.0, True)


class ClippedCorners(Plain):
    """Corners are clipped before weights are taken from them, which then cancel."""

    def weights(self, t: Floats, k: Floats, n: int) -> tuple[list[Floats], list[Floats]]:
        if self.mode != "bilinear":
            return super().weights(t, k, n)
        low, high = np.clip(k, 0, n - 1), np.clip(k + 1, 0, n - 1)
        return [high - (k + t), k + t - low], super().weights(t, k, n)[1]

    def texel(self, index: Floats, n: int, at: Ruled) -> tuple[Floats, Mask]:
        found, there = super().texel(index, n, at)
        return found, there | (self.mode == "bilinear")


class Truncated(Plain):
    """A cast to int for floor."""

    def cell(self, q: Floats) -> Floats:
        return np.trunc(q)


class Overflowing(Sampling):
    """Coordinates become 32-bit integers before padding folds them."""

    def _ruled(self) -> Ruled:
        p = np.where(np.abs(self.p) >= 2.0**31, -(2.0**31), self.p)
        rest = self._size, self.align, self.faithful
        return ruled(self.rule, self.padding, self.mode, p, *rest)


def _renaming(old: str, new: str) -> Callable[[Function], Function]:
    """Let a mode of ours be another one."""
    return converted(
        lambda rule: replace(rule, modes={k: new if v == old else v for k, v in rule.modes.items()})
    )


def _rounds_even(rule: Convention) -> bool:
    """Whether points are rounded to the even texel, and not by a quantum of 1 before."""
    return rule.ties == "even" and rule.number("quantum", "nearest") < 1


def _can_be_infinite(function: Function) -> bool:
    """Whether there are infinite points: an inverse has none."""
    rule = function.convention
    return rule.direction == "pull" or rule.form in AFFINE


BUGS = (
    Bug(
        "clipped-corners",
        "weights are computed from clipped corners, as in stn 1.0: they cancel from the last texel",
        "Lasagne/Lasagne#442, stn/transformer.py:197",
        "R9",
        having(lambda p: p.gate != _CLIPPED, "bilinear"),
        sampler=ClippedCorners,
    ),
    Bug(
        "truncated-cell",
        "the cell is p cut to an integer, not floor(p): extrapolates between -1 and 0",
        "webarkit/jsfeatNext#119, GafferHQ/gaffer#1707",
        "R9",
        having(open_zeros, "bilinear", "bicubic"),
        sampler=Truncated,
    ),
    Bug(
        "ties-away",
        "ties of nearest go away from 0, not to the even texel",
        "PaddlePaddle/Paddle#27657, tracel-ai/burn#5663, pytorch/pytorch#97000",
        "R11",
        every(having(anyhow, "nearest"), ruling(_rounds_even)),
        setting(ties="away"),
    ),
    Bug(
        "ties-before-folds",
        "nearest rounds before padding reflects",
        "onnx op_grid_sample.py, onnxruntime 1.32, openvino 2026.4",
        "R11",
        every(
            having(lambda p: mirrors(p) and p.align is not True, "nearest"),
            ruling(lambda r: _rounds_even(r) and r.tie_stage == "folded" and r.through != "align"),
        ),
        setting(tie_stage="raw"),
    ),
    Bug(
        "linear-is-nearest",
        "'linear' is really nearest",
        "NVIDIA/TensorRT#4646",
        "R45",
        having(anyhow, "bilinear"),
        _renaming("bilinear", "nearest"),
    ),
    Bug(
        "cubic-is-linear",
        "'bicubic' is really bilinear",
        "MNN 3.6.1 GridSample",
        "R45",
        having(anyhow, "bicubic"),
        _renaming("bicubic", "bilinear"),
    ),
    Bug(
        "cubic-half",
        "bicubic has a = -1/2, not -3/4",
        "pytorch/pytorch#194738, pytorch/pytorch#195497",
        "R12",
        every(having(anyhow, "bicubic"), ruling(lambda r: r.cubic_coefficient != -0.5)),
        setting(cubic_coefficient=-0.5),
    ),
    Bug(
        "nan-is-first",
        "a NaN coordinate reads the first texel",
        "pytorch/pytorch#24823, pytorch/pytorch#19826",
        "R21",
        having(lambda p: p.nan == "nan"),
        padded(lambda p: replace(p, nan="first"), lambda p: p.nan == "nan"),
    ),
    Bug(
        "infinity-is-nan",
        "an infinite coordinate gives NaN under zeros",
        "pytorch/pytorch#51911",
        "R22",
        every(having(lambda p: zeros(p) and p.inf == "inf"), _can_be_infinite),
        padded(lambda p: replace(p, inf="nan"), lambda p: zeros(p) and p.inf == "inf"),
    ),
    Bug(
        "int32-overflow",
        "huge coordinates overflow a 32-bit integer before padding folds them",
        "pytorch/pytorch#42616, pytorch/pytorch#35202",
        "R23",
        having(lambda p: not zeros(p) and p.gate is None),
        sampler=Overflowing,
    ),
)
