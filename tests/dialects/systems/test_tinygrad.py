"""The row of tinygrad against tinygrad, which has a grid and no sampler."""

import os

import pytest
from support.dialects import GRADIENT_KINDS, compare

from npstn import dialects

os.environ.setdefault("DEV", "PYTHON")  # its other device of a bare machine asks for a compiler
tinygrad = pytest.importorskip("tinygrad", reason="it is what the row is of")


def real(theta, size, align_corners):
    from tinygrad.nn.onnx import onnx_ops

    grid = onnx_ops["AffineGrid"](tinygrad.Tensor(theta), list(size), align_corners=align_corners)
    return grid.numpy()


def test_affine_grid():
    options = {"kinds": GRADIENT_KINDS, "precision": "float32"}
    print(compare("tinygrad", "AffineGrid", real, **options))


def test_the_lattice_is_float32(capsys):
    (difference,) = dialects.tinygrad.row.functions[0].differences
    exec(difference.shown_by, {})
    assert 0 < abs(float(capsys.readouterr().out)) < 1e-7
