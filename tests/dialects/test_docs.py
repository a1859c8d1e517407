"""Docstrings: the shapes and dtypes that they say are those of arrays, and nothing is left open."""

import re

import numpy as np
import pytest
from support.dialects import cases

from npstn import dialects
from npstn.dialects._signature import PRIMALS, roles_of

FUNCTIONS = [(row, f) for row in dialects.ROWS for f in row.functions]
IDS = [f"{row.system}-{row.since}-{f.name}" for row, f in FUNCTIONS]
each = pytest.mark.parametrize(("row", "function"), FUNCTIONS, ids=IDS)
COMMON = [k for k, (_, f) in enumerate(FUNCTIONS) if f.op != "matrix"]
each_common = pytest.mark.parametrize(
    ("row", "function"), [FUNCTIONS[k] for k in COMMON], ids=[IDS[k] for k in COMMON]
)


def both(row, function):
    system = dialects.System(row)
    return [getattr(system, function.name + end) for end in ("", "_vjp")]


def fits(shape, text):
    """Whether one of the shapes in a text is that of an array."""
    for words in re.findall(r"\(([^)]*)\)", text):
        axes = re.findall(r"[^, ][^,]*", words)
        if "..." in axes:
            at = axes.index("...")
            axes[at : at + 1] = ["any"] * (len(shape) - len(axes) + 1)
        if len(axes) == len(shape) and all(
            int(axis) == n for axis, n in zip(axes, shape, strict=True) if axis.isdigit()
        ):
            return True
    return False


def said(docstring, name):
    """The shapes said of a name."""
    return re.search(rf"^{name} : (.*)$", docstring, re.MULTILINE)[1]


@each_common
def test_shapes_and_dtypes_are_as_said(row, function):
    call, vjp = both(row, function)
    name = "grid" if function.op == "grid" else "out"
    dtypes = {"x": "float64", "offset": "float64"}
    found = cases(row.system, function.name, version=row.since, kinds=("random",))
    for case in {len(case.size): case for case in found}.values():  # one of each rank
        given, roles = dict(case.given), roles_of(function)
        for role in set(PRIMALS) & roles.keys():
            array = given[roles[role]].astype(dtypes.get(role, "float32"))
            given[roles[role]] = array
            if "R" not in said(call.__doc__, roles[role]):
                assert fits(array.shape, said(call.__doc__, roles[role]))
        result = call(**given)
        assert fits(result.shape, said(call.__doc__, name)), result.shape
        own = function.op == "grid" and function.convention.cast != "float64"
        kind = "float32" if own else "float64"
        assert result.dtype == kind
        found = vjp(np.ones_like(result), **given)
        found = found if isinstance(found, tuple) else (found,)
        primals = [role for role in roles if role in PRIMALS]
        names = ", ".join(f"d_{roles[role]}" for role in primals)
        assert f"\n-------\n{names}\n    Each in the shape and dtype" in vjp.__doc__
        assert ("is always float64" in vjp.__doc__) == ("offset" in roles)
        for role, d in zip(primals, found, strict=True):
            assert d.dtype == dtypes.get(role, "float32"), role
            assert d.shape == given[roles[role]].shape


def test_the_check_of_shapes_finds_a_fault():
    assert fits((2, 3, 5, 2), "(N, ..., 2) or (N, ..., 3)")
    assert fits((8,), "(8,)")
    assert not fits((2, 3, 5, 4), "(N, ..., 2) or (N, ..., 3)")
    assert not fits((2, 3, 5), "(N, C, H, W)")


@each
def test_docstrings_are_narrow_and_have_the_meaning_of_each_integer(row, function):
    rule, roles = function.convention, roles_of(function)
    tables = {"mode": rule.modes, "flags": rule.modes, "padding": rule.paddings, "gate": rule.gates}
    for made in both(row, function):
        assert max(map(len, made.__doc__.splitlines()[1:])) <= 100
        parameters = made.__doc__.partition("Parameters\n")[2].partition("Notes\n")[0]
        assert not re.search(r"[*{}]", parameters)
        for role in tables.keys() & roles.keys():
            text = re.search(rf"^{roles[role]}\n((?:    .*\n)+)", parameters, re.MULTILINE)[1]
            for name in (name for name in tables[role] if isinstance(name, int)):
                assert re.search(rf"\b{name}\b[^,(]*\(", text), f"{name} has no meaning in {text}"
    assert not function.real or "The real call: " in made.__doc__


@each
def test_align_corners_is_explained_where_it_is_an_argument(row, function):
    made, _ = both(row, function)
    text = " ".join(made.__doc__.split())
    normalized = function.convention.unit == "normalized"
    there = "align" in roles_of(function)
    assert ("Whether -1 and 1 are the centres" in text) == (there and normalized)
    assert ("Whether normalising and back" in text) == (
        there and function.convention.through == "align"
    )
    assert ("align_corners" in text) == there


def test_a_default_that_is_refused_is_named():
    assert "3, the default, is refused." in dialects.scipy.map_coordinates.__doc__
    assert "refused." not in dialects.skimage.warp.__doc__.replace("integers are refused.", "")


@pytest.mark.parametrize("dtype", ["uint8", "int64", "float16"])
def test_what_is_no_float_is_refused_as_said(dtype):
    assert "uint8 and other integers are refused" in dialects.opencv.warpAffine.__doc__
    with pytest.raises(TypeError, match="expected float32 or float64"):
        dialects.opencv.warpAffine(np.ones((4, 5), dtype), np.eye(2, 3), (5, 4))


def test_differences_say_who_does_what():
    for row, function in FUNCTIONS:
        for difference in (*row.differences, *function.differences):
            if difference.shown_by:
                assert not re.search(r"\b(here|there)\b", difference.what), difference.what
