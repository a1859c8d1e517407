"""The row of ncnn against it."""

from functools import lru_cache

import numpy as np
import pytest
from support.dialects import compare, function_of
from support.differences import or_nan, printed

ncnn = pytest.importorskip("ncnn", reason="it is what the row is of")
LAYERS = "7767517\n3 3\nInput x 0 1 x\nInput grid 0 1 grid\nGridSample s 2 1 x grid y "


@lru_cache
def net(sample_type=1, padding_mode=1, align_corner=0):
    made = ncnn.Net()
    made.opt.num_threads = 1
    made.opt.use_fp16_packed = made.opt.use_fp16_storage = made.opt.use_fp16_arithmetic = False
    options = f"0={sample_type} 1={padding_mode} 2={int(align_corner)}"
    made.load_param_mem(f"{LAYERS}{options}\n")
    made.load_model_mem(b"")
    return made


def real(x, grid, **options):
    extractor = net(**options).create_extractor()
    kept = {"x": np.array(x), "grid": np.array(grid)}  # alive: else volumes read freed memory
    for name, value in kept.items():
        extractor.input(name, ncnn.Mat(value).clone())
    error, out = extractor.extract("y")
    if error:
        raise RuntimeError(error)
    return np.array(out)


def sampled_shape(x, grid, **_):
    return (x.shape[0], *grid.shape[:-1])


def named(case):
    volume, reflection = len(case.size) == 3, case.padding == 3
    if volume and case.mode == "bicubic":
        return "volumes have no bicubic"
    if volume and reflection and case.align:
        return "no clamp after the fold"
    if case.kind == "nan" and reflection and not case.align and case.mode != "bicubic":
        return None if volume else "a NaN under reflection"
    if case.kind in ("nan", "inf") and case.mode == "bicubic" and case.padding == 1:
        return "a NaN in bicubic"
    if case.kind == "huge" and case.mode == "bicubic":
        return "far bicubic"
    return None


def test_grid_sample():
    print(compare("ncnn", "GridSample", or_nan(real, sampled_shape), named=named))


def test_defaults():
    x = np.arange(12.0, dtype="f").reshape(1, 3, 4)
    grid = np.array([0.9, -1.1, 0.3, 0.4], "f").reshape(1, 2, 2)
    names = {"sample_type": 0, "padding_mode": 1, "align_corner": 2, "permute_fusion": 3}
    arguments = function_of("ncnn", "GridSample").arguments
    assert list(arguments)[2:] == list(names)
    bare = ncnn.Net()
    bare.load_param_mem(f"{LAYERS}\n")
    bare.load_model_mem(b"")
    extractor = bare.create_extractor()
    for name, value in (("x", x), ("grid", grid)):
        extractor.input(name, ncnn.Mat(value).clone())
    given = {k: arguments[k].default for k in list(names)[:3]}
    np.testing.assert_array_equal(np.array(extractor.extract("y")[1]), real(x, grid, **given))


def test_differences_are_shown():
    differences = function_of("ncnn", "GridSample").differences
    shown = [printed(d.shown_by) for d in differences]
    assert shown == ["-100", "[0.0]", "[3.0]", "[0.0]", "[nan]"]
