"""Every row: its functions are documented, refuse bad input, and their derivatives are right.

What a function computes with ``faithful=False`` is certified here by exact arithmetic; that the
rows are the systems' own conventions is shown by the tests of each system.
"""

import copy
import dataclasses
import inspect
import pickle
import pydoc
import tracemalloc

import numpy as np
import pytest
from support import Numbers
from support.dialects import cases

from npstn import _memory, dialects
from npstn.dialects._signature import roles_of
from npstn.dialects.row import Convention, Padding
from npstn.testing import check_vjp

ROWS = dialects.ROWS
FUNCTIONS = [(row, function) for row in ROWS for function in row.functions]
IDS = [f"{row.system}-{row.since}-{function.name}" for row, function in FUNCTIONS]
each_function = pytest.mark.parametrize(("row", "function"), FUNCTIONS, ids=IDS)
# Those of an operation that one system has are tested beside the others of that system.
COMMON = [(row, function) for row, function in FUNCTIONS if function.op != "matrix"]
COMMON_IDS = [f"{row.system}-{row.since}-{function.name}" for row, function in COMMON]
each_common = pytest.mark.parametrize(("row", "function"), COMMON, ids=COMMON_IDS)
NEWEST = [(row, function) for row, function in COMMON if dialects.get(row.system).row is row]
NEWEST_IDS = [f"{row.system}-{function.name}" for row, function in NEWEST]
each_newest = pytest.mark.parametrize(("row", "function"), NEWEST, ids=NEWEST_IDS)


def conventions():
    for _, function in FUNCTIONS:
        yield function.convention
        if function.otherwise is not None:
            yield function.otherwise


@pytest.mark.parametrize("field", [f.name for f in dataclasses.fields(Convention)])
def test_every_field_is_used_by_some_row(field):
    default = getattr(Convention(), field)
    assert any(getattr(rule, field) != default for rule in conventions())


@pytest.mark.parametrize("field", [f.name for f in dataclasses.fields(Padding)[1:]])
def test_every_field_of_a_padding_is_used_by_some_row(field):
    default = getattr(Padding("zeros"), field)
    paddings = [p for rule in conventions() for p in rule.paddings.values()]
    assert any(getattr(p, field) != default for p in paddings)


def test_rows_are_frozen_and_told_apart():
    keys = [(row.system, row.since) for row in ROWS]
    assert len(set(keys)) == len(keys)
    with pytest.raises(dataclasses.FrozenInstanceError):
        ROWS[0].system = "other"


@each_function
def test_functions_have_names_signatures_and_docstrings(row, function):
    system = dialects.System(row)
    for name in (function.name, f"{function.name}_vjp"):
        made = getattr(system, name)
        assert made.__name__ == name
        assert name in dir(system)
        parameters = list(inspect.signature(made).parameters)
        own = [p for p in parameters if p not in ("d_out", "d_grid", "d_theta", "faithful")]
        assert own == list(function.arguments)
        for argument in parameters:
            assert f"\n{argument}" in made.__doc__, f"{name} does not document {argument}"
        for section in ("Parameters", "Returns", "Raises", "Notes"):
            assert f"{section}\n{'-' * len(section)}\n" in made.__doc__


def a_case(row, function, **options):
    return next(
        iter(cases(row.system, function.name, version=row.since, kinds=("random",), **options))
    )


@each_common
def test_bad_arguments_are_named(row, function):
    made = getattr(dialects.System(row), function.name)
    given, roles = a_case(row, function).given, roles_of(function)
    for role, name in roles.items():
        if role in ("x", "points", "points_x", "theta"):
            with pytest.raises((TypeError, ValueError), match=rf"{name} "):
                made(**{**given, name: "no array"})
            with pytest.raises((TypeError, ValueError), match=r"\w+ has shape "):
                made(**{**given, name: np.zeros((1,) * 7)})
        if role in (
            "mode",
            "flags",
            "padding",
            "align",
            "fill",
            "scalar",
            "size",
            "size_xy",
            "dsize",
            "only",
        ):
            with pytest.raises((TypeError, ValueError), match=rf"{name} is "):
                made(**{**given, name: "nonsense"})
    with pytest.raises(TypeError, match="faithful is 1"):
        made(**given, faithful=1)


def differentiable(row, function):
    """Cases with each mode that has a derivative in each rank, and with each padding."""
    seen = set()
    for case in cases(row.system, function.name, version=row.since, kinds=("random",)):
        new = {(case.mode, len(case.size)), ("padding", case.padding), ("align", case.align)} - seen
        if case.dtype == "float64" and case.mode != "nearest" and new:
            seen |= new
            yield case


@each_newest  # older ones have the same operations in other words
def test_derivatives_are_those_of_finite_differences(row, function):
    made, vjp = (getattr(dialects.System(row), f"{function.name}{s}") for s in ("", "_vjp"))
    for case in differentiable(row, function):
        arrays = {k: v for k, v in case.given.items() if isinstance(v, np.ndarray)}
        others = {k: v for k, v in case.given.items() if k not in arrays}

        def call(*values, made=made, arrays=arrays, others=others):
            return made(**dict(zip(arrays, values, strict=True)), **others, faithful=False)

        def call_vjp(d, *values, vjp=vjp, arrays=arrays, others=others):
            named = dict(zip(arrays, values, strict=True))
            found = vjp(d, **named, **others, faithful=False)
            found = found if isinstance(found, tuple) else (found,)
            order = [n for n in function.arguments if n in arrays]
            by_name = dict(zip(order, found, strict=True))
            return tuple(by_name[name] for name in arrays)

        primals = tuple(map(np.array, arrays.values()))
        check_vjp(call, call_vjp, primals, case.d_out, names=tuple(arrays), max_entries=6)


@each_common
def test_nothing_is_written_into_arguments(row, function):
    case = a_case(row, function)  # its arrays are read-only
    system = dialects.System(row)
    getattr(system, function.name)(**case.given)
    getattr(system, f"{function.name}_vjp")(case.d_out, **case.given)


def test_systems_are_found_by_name_and_version():
    assert dialects.torch.row.system == "torch"
    assert dialects.get("opencv", version="4.14").row.since.startswith("4")
    assert "torch" in dir(dialects)
    for system in {row.system for row in ROWS}:
        assert getattr(dialects, system).row is dialects.get(system).row
    with pytest.raises(ValueError, match=r"system is 'opencl', expected one of .*opencv"):
        dialects.get("opencl")
    with pytest.raises(ValueError, match=r"version is '0.0', expected 1.0 or newer"):
        dialects.get("torch", version="0.0")
    with pytest.raises(AttributeError, match="opencl"):
        _ = dialects.opencl
    with pytest.raises(AttributeError, match=r"has no sample: .*grid_sample"):
        dialects.torch.sample(1)
    assert "grid_sample" in repr(dialects.torch)


def test_a_planted_fault_in_a_vjp_is_found(monkeypatch):
    from npstn.dialects import _sampling

    true = _sampling.Sampling.vjp
    monkeypatch.setattr(_sampling.Sampling, "vjp", lambda *a: tuple(1.01 * d for d in true(*a)))
    row = dialects.torch.row
    with pytest.raises(AssertionError):
        test_derivatives_are_those_of_finite_differences(row, row.functions[-1])


@pytest.mark.parametrize(
    ("version", "since"),
    [("5", "5.0"), ("5.0rc1", "5.0"), ("v4.14", "4.0"), ("4.14.0.94", "4.0"), ("5.0.0+x", "5.0")],
)
def test_versions_are_read_as_people_write_them(version, since):
    assert dialects.get("opencv", version=version).row.since == since


@pytest.mark.parametrize("version", [4.14, "newest", ""])
def test_what_is_no_version_is_refused(version):
    with pytest.raises(ValueError, match="expected a string such as"):
        dialects.get("opencv", version=version)


def test_maps_have_the_shape_of_the_system():
    x, m = np.ones((6, 7)), np.eye(2, 3)
    for wrong in (m.T.copy(), np.eye(3)):
        with pytest.raises(ValueError, match=r"M has shape .*, expected \(2, 3\)"):
            dialects.opencv.warpAffine(x, wrong, (5, 4))
        with pytest.raises(ValueError, match=r"theta has shape .*, expected \(2, 3\)"):
            dialects.convert_theta(wrong, "opencv", "torch", (4, 5), (6, 7))
    with pytest.raises(ValueError, match=r"matrix has the last row \[0. 1. 1.\]"):
        dialects.scipy.affine_transform(x, np.eye(3) + np.eye(3, k=-1), order=1)
    whole = (np.eye(3) + np.eye(3, k=-1))[None]
    with pytest.raises(ValueError, match="no affine map"):
        dialects.convert_theta(whole, "voxelmorph", "torch", (4, 5), (6, 7))
    assert dialects.torch.affine_grid(np.zeros((0, 2, 3)), (0, 1, 4, 5)).shape == (0, 4, 5, 2)


RAGGED = [[1], [1, 2]]
REMAP = np.ones((1, 1, 4, 5)), np.ones((1, 4, 5)), np.ones((1, 4, 5))
PUSH = np.ones((1, 1, 4, 5)), np.eye(3)[None]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda d: d.torch.affine_grid(np.zeros((2, 2, 3)), (1, 1, 4, 4)),
            "a batch of 2, expected 1",
        ),
        (lambda d: d.torch.affine_grid(np.zeros((2, 2, 3)), (4, 4)), r"expected \(N, C, H, W\) or"),
        (
            lambda d: d.scipy.map_coordinates(np.eye(3), [[1], [2]]),
            r"order is 3, .* 1 \(bilinear\)",
        ),
        (lambda d: d.scipy.map_coordinates(np.eye(3), [[1, 2], [2]], order=1), "array of numbers"),
        (lambda d: d.scipy.affine_transform(np.eye(3), np.eye(2), [1, 2, 3], order=1), "offset is"),
        (lambda d: d.scipy.affine_transform(np.eye(3), np.eye(2), None, order=1), "offset is"),
        (lambda d: d.opencv.warpAffine(np.eye(3), np.eye(2, 3), (1, 2, 3)), r"\(Wo, Ho\)"),
        (lambda d: d.opencv.warpAffine(np.eye(3), np.eye(2, 3), None, borderValue=()), "1 to 4"),
        (lambda d: d.scipy.map_coordinates(np.eye(3), [[1], [2]], order=1, cval=[1, 2]), "cval"),
        (lambda d: d.torch.grid_sample(np.ones((1, 1, 0, 3)), np.ones((1, 2, 2, 2))), "a texel"),
        (lambda d: d.monai.Warp(np.ones((1, 1, 4, 5)), np.ones((1, 2, 4))), r"\(N, 2, H, W\)"),
        (lambda d: d.torch.grid_sample(np.ones((1, 1, 2, 3)), np.ones(2)), r"\(N, \.\.\., 2\)"),
        (lambda d: d.convert_theta(np.eye(2, 3), "x", "torch", (1, 2), (2, 2)), "source is 'x'"),
        (lambda d: d.convert_theta(np.eye(2, 3), "torch", "x", (1, 2), (2, 2)), "target is 'x'"),
        (lambda d: d.convert_padding(["zeros"], "torch", "scipy"), r"padding is \['zeros'\]"),
        (lambda d: d.convert_padding((["a"],), "torch", "scipy"), r"padding is \(\['a'\],\)"),
        (lambda d: d.get(np.array(["torch", "scipy"])), r"system is array\(\['torch', 'scipy'\]\)"),
        (
            lambda d: d.scipy.affine_transform(np.eye(3), np.eye(2), RAGGED, order=1),
            r"offset is \[\[1\], \[1, 2\]\], expected a number or 2 numbers",
        ),
        (
            lambda d: d.kornia.remap(*REMAP, normalized_coordinates=RAGGED),
            r"normalized_coordinates is \[\[1\], \[1, 2\]\], expected False",
        ),
        (
            lambda d: d.voxelmorph.spatial_transform(*PUSH, non_spatial_dims=np.array(1.0)),
            r"non_spatial_dims is array\(1.0\), expected \(0, 1\)",
        ),
        (
            lambda d: d.stn.affine_grid_generator(2**63, 3, np.eye(2, 3)[None]),
            r"\(height, width\) is \(9223372036854775808, 3\), expected sizes up to 2147483648",
        ),
        (
            lambda d: d.stn.affine_grid_generator(3, 10**400, np.eye(2, 3)[None]),
            r"\(height, width\) is \(3, .*\), expected sizes up to 2147483648",
        ),
        (
            lambda d: d.stnbhwd.AffineGridGeneratorBHWD(np.eye(2, 3)[None], 10**9, 10**9),
            r"\(height, width\) is .*, expected .* a result of up to 4398046511104 numbers",
        ),
    ],
)
def test_messages(call, words):
    with pytest.raises(ValueError, match=words):
        call(dialects)


def test_systems_can_be_copied_and_are_made_of_rows():
    for twin in (copy.deepcopy(dialects.torch), pickle.loads(pickle.dumps(dialects.torch))):
        assert twin == dialects.torch
        assert hash(twin) == hash(dialects.torch)
        assert twin.grid_sample.__name__ == "grid_sample"
    assert dialects.torch != dialects.get("torch", version="1.0")
    sampler = dialects.torch.grid_sample
    assert pickle.loads(pickle.dumps(sampler)) is sampler
    with pytest.raises(AttributeError, match="no grid_sample is set"):
        dialects.torch.grid_sample = 3
    with pytest.raises(TypeError, match="does not support item assignment"):
        dialects.torch.row.functions[0].convention.modes["bilinear"] = "nearest"
    assert sampler.__doc__.splitlines()[0] in pydoc.render_doc(dialects.torch)
    with pytest.raises(TypeError, match="row is 'torch', expected one of"):
        dialects.System("torch")
    with pytest.raises(ValueError, match=r"dst is numpy.ndarray .*, expected None"):
        dialects.opencv.warpAffine(np.ones((6, 7)), np.eye(2, 3), (5, 4), dst=np.ones((4, 5)))


def test_an_option_that_is_only_one_may_be_given():
    out = dialects.voxelmorph.spatial_transform(*PUSH, non_spatial_dims=tuple(range(2)))
    assert (out == dialects.voxelmorph.spatial_transform(*PUSH)).all()


def test_what_is_chosen_is_true_or_false():
    with pytest.raises(TypeError, match=r"useScale is array\(\[1, 2\]\), expected True or False"):
        dialects.stnbhwd.AffineTransformMatrixGenerator(np.ones((1, 3)), None, np.array([1, 2]))


FILLED = [
    (row, function, name)
    for row, function in COMMON
    for role, name in roles_of(function).items()
    if role in ("fill", "scalar")
]


@pytest.mark.parametrize(("row", "function", "fill"), FILLED)
def test_a_fill_may_be_an_array_of_no_axes(row, function, fill):
    made = getattr(dialects.System(row), function.name)
    given = a_case(row, function).given
    for value in (2, 0.5, np.float32(0.5)):
        out = made(**{**given, fill: np.array(value)})
        assert out.tobytes() == made(**{**given, fill: value}).tobytes()
    with pytest.raises(TypeError, match=rf"{fill} is .*, expected a number"):
        made(**{**given, fill: np.array("nonsense")})


@each_common
def test_memory_is_looked_at_first(row, function, monkeypatch):
    case, system = a_case(row, function), dialects.System(row)
    monkeypatch.setattr(_memory, "_LITTLE", 0)
    monkeypatch.setattr(_memory, "free_memory", lambda: 0)
    of_what = "a grid of shape .*" if function.op == "grid" else "an output of .*, by points"
    for call in (
        lambda: getattr(system, function.name)(**case.given),
        lambda: getattr(system, f"{function.name}_vjp")(case.d_out, **case.given),
    ):
        with pytest.raises(MemoryError, match=rf"{of_what}.* needs [0-9,]+ bytes, of which 0 are"):
            call()


MAP, X, POINTS = np.eye(2, 3), np.ones((1, 1, 4, 5)), np.ones((1, 99, 99, 2))
LARGE = {
    "grid": lambda d: d.torch.affine_grid(MAP[None], (1, 1, 6000, 6000)),
    "grid of one row": lambda d: d.torch.affine_grid(MAP[None], (1, 1, 1, 2**31)),
    "grid of no maps": lambda d: d.torch.affine_grid(np.ones((0, 2, 3)), (0, 1, 2, 2**31)),
    "grid of two sizes": lambda d: d.stn.affine_grid_generator(6000, 6000, MAP[None]),
    "output": lambda d: d.opencv.warpAffine(X[0, 0], MAP, (6000, 6000)),
    "output of a batch": lambda d: d.kornia.warp_affine(X, MAP[None], (6000, 6000)),
    "many channels": lambda d: d.torch.grid_sample(np.ones((1, 5000, 1, 1)), POINTS),
    "copies of an image": lambda d: d.daviddao.batch_transformer(
        np.ones((1, 99, 99, 1)), np.ones((1, 9999, 6)), (1, 1)
    ),
}


@pytest.mark.parametrize("name", LARGE)
def test_nothing_large_is_made_where_there_is_no_room(name, monkeypatch):
    free = 300 * 2**20
    monkeypatch.setattr(_memory, "free_memory", lambda: free)
    tracemalloc.start()
    try:
        with pytest.raises(MemoryError, match=rf"needs [0-9,]+ bytes, of which {free:,} are free"):
            LARGE[name](dialects)
        assert tracemalloc.get_traced_memory()[1] < 4 * 2**20
    finally:
        tracemalloc.stop()


def test_a_grid_of_displacements():
    """An option of one function, beside maps."""
    made, vjp = dialects.mxnet.GridGenerator, dialects.mxnet.GridGenerator_vjp
    moved = Numbers(31).uniform((2, 2, 3, 4))
    options = {"transform_type": "warp", "faithful": False}
    grid = made(moved, **options)
    pixels = moved + np.stack(np.meshgrid(np.arange(4.0), np.arange(3.0)))
    size = np.array([[[1.5]], [[1.0]]])
    np.testing.assert_allclose(grid, pixels / size - 1, rtol=0, atol=1e-15)
    check_vjp(
        lambda m: made(m, **options),
        lambda d, m: (vjp(d, m, **options),),
        (moved,),
        Numbers(32).uniform(grid.shape),
    )


@pytest.mark.parametrize("shape", [(2,), (2, 2), (2, 3), (3, 3)])
def test_shapes_of_a_matrix_that_has_an_offset(shape):
    """A diagonal, a matrix, and those that have the offset within."""
    made, vjp = dialects.scipy.affine_transform, dialects.scipy.affine_transform_vjp
    x, offset = Numbers(33).uniform((4, 5)), np.array([0.3, -0.2])
    full = np.array([[0.9, 0.0, 0.3], [0.0, 1.1, -0.2], [0.0, 0.0, 1.0]])
    matrix = full[: shape[0], : shape[-1]] if len(shape) == 2 else np.array([0.9, 1.1])
    if shape[-1] == 3:
        offset *= 0.0  # it does not count
    options = {"order": 1, "faithful": False}
    out = made(x, full, **options)
    assert made(x, matrix, offset, **options).tobytes() == out.tobytes()
    d_out = Numbers(34).uniform(out.shape)
    d_x, d_matrix, *d_offset = vjp(d_out, x, matrix, offset, **options)
    d_full = vjp(d_out, x, full, **options)[1]
    assert (d_x.shape, d_matrix.shape) == (x.shape, shape)
    wanted = d_full[: shape[0], : shape[-1]] if len(shape) == 2 else d_full.diagonal()[:2]
    np.testing.assert_array_equal(d_matrix, wanted)
    if d_offset:
        np.testing.assert_array_equal(d_offset[0], d_full[:2, 2] if shape[-1] == 2 else [0.0, 0.0])
