"""Cases: their arguments are taken by the functions they are drawn for, and are what they say."""

from itertools import islice

import numpy as np
import pytest

from npstn import dialects
from npstn.conformance import _ops
from npstn.conformance._deadly import deadly
from npstn.conformance._draw import draw
from npstn.conformance._kinds import sizes
from npstn.conformance._precision import rounded
from npstn.conformance.answers import answers

FUNCTIONS = [
    (row, function)
    for row in dialects.ROWS
    for function in row.functions
    if function.op != "matrix" and row == dialects.get(row.system).row
]
IDS = [f"{row.system}-{function.name}" for row, function in FUNCTIONS]


@pytest.mark.parametrize(("row", "function"), FUNCTIONS, ids=IDS)
def test_functions_take_their_cases(row, function):
    """Empty ones too; results have the shape of the cotangent."""
    fn = getattr(dialects.System(row), function.name)
    for case in islice(draw(function, ("empty", "lattice")), 0, None, 7):
        with np.errstate(all="ignore"):
            assert np.shape(fn(**case.given)) == case.d_out.shape, case
        assert case.kind != "empty" or 0 in case.d_out.shape
        assert not any(a.flags.writeable for a in case.given.values() if hasattr(a, "flags"))


def test_a_case():
    case = next(draw(_ops.function_of(_ops.row_of("torch"), "grid_sample"), ("random",)))
    assert str(case) == "random-float32-bilinear-zeros-align=True-5x7"
    assert case.label == "bilinear zeros aligned 2-D"
    assert case.arrays == ("input", "grid")
    assert [a.shape for a in case.positional] == [(2, 2, 5, 7), (2, 4, 6, 2)]
    options = {"mode": "bilinear", "padding_mode": "zeros", "align_corners": True}
    assert case.options == options


def test_the_same_numbers_every_time():
    function = _ops.function_of(_ops.row_of("npstn"), "grid_sample")
    first, again = (next(draw(function, ("random",))).given["x"] for _ in range(2))
    assert np.array_equal(first, again)
    assert first[0, 0, 0, 0] == np.float32(-0.666768)


def test_points_beside_texels():
    function = _ops.function_of(_ops.row_of("scipy"), "map_coordinates")
    case = next(draw(function, ("edges",), ("float32",)))
    off = 2 * case.given["coordinates"].astype(float)
    assert (off != np.rint(off)).all()
    assert abs(off - np.rint(off)).max() < 1e-5


def test_sizes_have_texels_that_floats_hold():
    assert sizes("lattice", 2, 1.0) == (9, 5)
    assert sizes("lattice", 3, 0.0) == (2, 8, 4)
    assert sizes("single", 2, 1.0) == (1, 5)
    assert sizes("wide", 2, 1.0)[-1] == 512


def test_a_fill_is_given_where_it_shows():
    for name, op, paddings in (
        ("jax", "map_coordinates", {"constant"}),
        ("scipy", "map_coordinates", {"constant", "grid-constant"}),
        ("npstn", "grid_sample", {"zeros"}),
        ("torch", "grid_sample", set()),
    ):
        cases = list(draw(_ops.function_of(_ops.row_of(name), op), ("fill",), ("float32",)))
        assert {case.padding for case in cases} == paddings
        assert {2.5} >= {
            v for c in cases for k, v in c.given.items() if k in ("cval", "fill_value")
        }


def test_bfloat16_holds_answers_of_the_lattice():
    """R41: gradients too have 8 bits, and so has the sum of the absolute values of their terms."""
    function = _ops.function_of(_ops.row_of("torch"), "grid_sample")
    cases = [c for c in draw(function, ("lattice",), ("bfloat16",)) if c.exact]
    assert len(cases) == 24
    for case in cases:
        for name, answer in answers(function, case.given, case.d_out, unit=0.0).results.items():
            for value in (answer.value.astype(np.float64), answer.magnitude):
                np.testing.assert_array_equal(rounded(value, "bfloat16"), value, f"{case}: {name}")


def test_images_of_the_channels_that_a_convention_is_of():
    """OpenCV 5: 1, 3 and 4 channels of float32 are sampled in another way than the rest."""
    remap = _ops.function_of(_ops.row_of("opencv"), "remap")
    found = {(case.dtype, case.given["src"].shape[-1]) for case in draw(remap, ("random",))}
    assert found == {*(("float32", n) for n in (1, 2, 3, 4)), ("float64", 2)}
    found = {case.given["src"].shape[-1] for case in draw(remap, ("random",), channels=3)}
    assert found == {3}


def test_a_matrix_has_no_cases():
    found = [f for row in dialects.ROWS for f in row.functions if f.op == "matrix"]
    with pytest.raises(ValueError, match="expected one that samples or makes a grid"):
        next(draw(found[0], ("random",)))


def test_deadly_cases():
    remap = _ops.function_of(_ops.row_of("opencv"), "remap")
    found = {case.label for case in draw(remap, ("single",)) if deadly("opencv", case)}
    assert found == {"bicubic 4 2-D"}
    assert not any(deadly("torch", case) for case in draw(remap, ("single",)))
    found = {case.given["borderMode"] for case in draw(remap, ("nan",)) if deadly("opencv", case)}
    assert found == {1, 2, 3, 4}
    older = _ops.function_of(_ops.row_of("opencv", "4.14"), "remap")
    assert not any(deadly("opencv", case) for case in draw(older, ("nan", "inf", "huge")))


def test_settings_of_numpy_change_nothing_and_stay():
    """Those of the caller hold between the cases, of which some have subnormal numbers."""
    function = _ops.function_of(_ops.row_of("npstn"), "grid_sample")
    for kinds in ("edges",), ("wild", "random"):
        expected = [case.given for case in draw(function, kinds)]
        with np.errstate(all="raise"):
            for given, case in zip(expected, draw(function, kinds), strict=True):
                assert set(np.geterr().values()) == {"raise"}
                np.testing.assert_equal(case.given, given)
