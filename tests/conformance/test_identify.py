"""Functions are named: rows, bugs of the zoo, real systems, nonsense."""

import time

import numpy as np
import pytest
from support.zoo import functions

from npstn import dialects
from npstn.conformance import zoo
from npstn.conformance.adapters import ADAPTERS, load
from npstn.conformance.identify import identify
from npstn.conformance.zoo import ZOO

# Functions that agree with others on every probe, and why; all others are alone.
GROUPS = {
    ("onnx", "tinygrad"): "AffineGrid of tinygrad is ONNX's, and one point is at -1 in both",
}
# Without its vjp a function may be one that has more modes: paddle's is torch's without bicubic.
FORWARD = {("paddle", "torch"): "they differ in derivatives at kinks alone"}
# Bugs that no probe shows, in the dialects that are tried here.
HIDDEN = {
    ("opencv", "nan-is-first"): "a NaN is not asked there: OpenCV 5 may end the process",
    ("opencv", "int32-overflow"): "huge points neither, for the same reason",
}
TRIED = [
    ("torch", "grid_sample"),
    ("torch", "affine_grid"),
    ("tfa", "dense_image_warp"),
]
MORE = [
    ("npstn", "spatial_transformer"),
    ("npstn", "grid_sample"),
    ("scipy", "map_coordinates"),
    ("opencv", "remap"),
    ("tfa", "transform"),
]
FAST = {"stn", "mxnet", "stnbhwd", "torch", "onnx", "tinygrad"}
torch = dialects.torch.grid_sample


def zeros(x, grid, *, mode="bilinear", padding_mode="zeros", align_corners=True):
    return np.zeros((*x.shape[:2], *grid.shape[1:-1]), x.dtype)


def mean(x, grid, *, mode="bilinear", padding_mode="zeros", align_corners=True):
    return zeros(x, grid) + x.reshape(*x.shape[:2], -1).mean(-1).reshape(-1, 3, 1, 1)[: len(x)]


def raises(x, grid, **options):
    raise ArithmeticError("no such image")


def no_options(x, grid):
    return torch(x, grid, "bilinear", "border", False)


def channels_last(x, grid, *, mode, padding_mode, align_corners):
    out = torch(np.moveaxis(x, -1, 1), grid, mode, padding_mode, align_corners)
    return np.moveaxis(out, 1, -1)


def y_first(x, grid, *, mode, padding_mode, align_corners):
    return torch(x, grid[..., ::-1].copy(), mode, padding_mode, align_corners)


def without_bicubic(x, grid, *, mode, padding_mode, align_corners):
    if mode == "bicubic":
        raise ValueError("no bicubic")
    return torch(x, grid, mode, padding_mode, align_corners)


def two_bugs(x, grid, **options):
    name = "ties-away" if options["mode"] == "nearest" else "cubic-half"
    return zoo.get(name).functions()[0](x, grid, **options)


def group(system, groups):
    return next(({*names} for names in groups if system in names), {system})


@pytest.mark.parametrize(
    ("system", "name"),
    [
        pytest.param(*f, marks=() if f[0] in FAST else pytest.mark.slow, id=".".join(f))
        for f in functions()
    ],
)
def test_every_row_is_named_with_its_group(system, name):
    own = load(f"npstn.dialects.{system}", op=name)
    found = identify(own.fn, name, system, own.vjp)
    groups = GROUPS if name == "AffineGrid" else {}
    assert {*found.dialects} == group(system, groups), found
    assert found.dialect == system
    assert (found.share, found.clause, found.bugs, found.options) == (1.0, None, (), {})
    assert f"on all {found.probes} probes" in str(found)
    assert "has no" not in str(found)


@pytest.mark.parametrize("system", ["torch", "mxnet", "scipy"])
def test_a_row_is_found_among_all(system):
    found = identify(f"npstn.dialects.{system}")
    assert found.share == 1.0
    assert system in found.dialects


def test_rows_that_differ_in_gradients_alone():
    fn = dialects.paddle.grid_sample
    assert {*identify(fn, dialect="paddle").dialects} == {*next(iter(FORWARD))}
    found = identify(fn, dialect="paddle", vjp=dialects.paddle.grid_sample_vjp)
    assert found.dialects == ("paddle",)


@pytest.mark.parametrize(
    ("system", "op"), [*TRIED, *(pytest.param(*f, marks=pytest.mark.slow) for f in MORE)]
)
def test_bugs_are_named(system, op):
    count = 0
    for bug in ZOO:
        if not bug.fits(system, op):
            continue
        fn, vjp = bug.functions(system, op)
        found = identify(fn, op, system, vjp)
        if (system, bug.name) in HIDDEN:
            assert found.share == 1.0
            continue
        assert found.bugs == (bug.name,), found
        assert (found.sentence, found.clause, found.dialects) == (bug.sentence, bug.clause, ())
        assert found.dialect == system
        assert found.share < 1
        assert f"Nearest: {system}, with {100 * found.share:.0f} %" in str(found)
        count += 1
    assert count >= 8


def _fits(bug, system, op):
    return bug.fits(system, op) and (system, bug.name) not in HIDDEN


def test_every_bug_is_tried():
    assert {b.name for b in ZOO if any(_fits(b, *f) for f in [*TRIED, *MORE])} == {
        b.name for b in ZOO
    }


def test_a_bug_is_named_without_a_dialect():
    fn = zoo.get("cubic-half").functions()[0]
    found = identify(fn)
    assert (found.dialect, found.bugs, found.clause) == ("torch", ("cubic-half",), "R12")


@pytest.mark.parametrize("dialect", ["torch", pytest.param(None, marks=pytest.mark.slow)])
def test_two_bugs_are_both_named(dialect):
    found = identify(two_bugs, dialect=dialect)
    assert found.bugs == ("ties-away", "cubic-half")
    assert found.clause == "R11"
    assert found.sentence == "; and ".join(zoo.get(name).sentence for name in found.bugs)


@pytest.mark.parametrize("dialect", ["torch", None])
def test_options_that_it_does_not_take_are_found(dialect):
    found = identify(no_options, dialect=dialect)
    assert found.dialects == ("torch",)
    assert found.options == {
        "mode": "bilinear",
        "padding_mode": "border",
        "align_corners": False,
    }
    assert "padding_mode='border'" in str(found)


def test_values_that_it_refuses_are_left_out():
    found = identify(without_bicubic, dialect="torch")
    assert found.dialects == ("torch", "paddle")
    assert found.sentence.endswith("it has no bicubic")


def test_layouts_and_orders_are_found():
    found = identify(channels_last)
    assert (found.dialects, found.share) == (("torch",), 1.0)
    assert found.sentence.endswith("but images are (N, H, W, C)")
    assert identify(y_first).sentence.endswith("but coordinates are y first")
    assert identify(y_first, dialect="torch").bugs == ("swapped-xy",)


@pytest.mark.parametrize("fn", [zeros, mean])
def test_nonsense_is_none_of_ours(fn):
    found = identify(fn, dialect="torch")
    assert found.dialects == found.bugs == ()
    assert found.share < 0.2
    percent = f"{100 * found.share:.0f} %"
    assert found.sentence.startswith(f"none of ours; nearest is torch with {percent} of the probes")
    assert found.clause == "R9"


@pytest.mark.parametrize("dialect", ["torch", None])
def test_what_always_raises_is_said(dialect):
    found = identify(raises, dialect=dialect)
    assert (found.dialects, found.share, found.clause) == ((), 0.0, "R44")
    assert "it raises on every probe: ArithmeticError: no such image" in str(found)


SLOW = {"jax"}
NEAREST = {"skimage"}  # it cuts outputs to the range of the image, as docs/dialects.md says
REAL = [(name, op) for name, adapter in ADAPTERS.items() for op in adapter.functions]


@pytest.mark.parametrize(
    ("name", "op"),
    [pytest.param(*r, marks=pytest.mark.slow if r[0] in SLOW else ()) for r in REAL],
)
def test_real_systems_are_named(name, op):
    for module in ADAPTERS[name].modules:
        pytest.importorskip(module)
    dialect = ADAPTERS[name].dialect or name
    found = identify(name, op, dialect)
    assert dialect in (found.dialects if name not in NEAREST else [found.dialect]), found


def test_unknown_operations_and_dialects_are_refused():
    with pytest.raises(ValueError, match="op is 'sample', expected one of grid_sample"):
        identify(zeros, "sample")
    with pytest.raises(ValueError, match="dialect is 'tork', expected one of"):
        identify(zeros, dialect="tork")


def test_it_takes_less_than_five_seconds():
    identify(without_bicubic)
    for dialect in ("torch", None):
        start = time.process_time()
        identify(without_bicubic, dialect=dialect)
        assert time.process_time() - start < 5.0


def test_the_dialect_of_a_version_is_its_row():
    fn = dialects.get("torch", version="1.0").grid_sample
    own = identify(fn, dialect="torch", version="1.0")
    assert (own.share, own.options) == (1.0, {})
    assert identify(fn, dialect="torch").options == {"align_corners": True}
