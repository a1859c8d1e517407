"""Cases for the test suites of others."""

import numpy as np
import pytest

import npstn
from npstn.conformance import assert_conforms, cases

KNOWN = [c for c in cases("grid_sample", dtype="float64", tiers="lattice") if len(c.size) == 2]


@pytest.mark.parametrize("case", KNOWN[::9], ids=str)
def test_a_case_at_a_time(case):
    assert_conforms(npstn.grid_sample, vjp=npstn.grid_sample_vjp, case=case)


def test_cases_have_names_of_their_own():
    names = [str(case) for case in cases("grid_sample", dialect="torch")]
    assert len(set(names)) == len(names)


def test_what_does_not_conform_raises_with_the_table():
    def off(x, grid, **options):
        return npstn.grid_sample(x, grid, **options) + 1

    with pytest.raises(AssertionError, match=r"(?s)FAILED.*R9 .*WRONG"):
        assert_conforms(off, case=KNOWN[0])


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"op": "sampling"}, "op is 'sampling'"),
        ({"dialect": "x"}, "dialect is 'x'"),
        ({"dtype": "int8"}, "dtype is 'int8'"),
        ({"tiers": "easy"}, "tiers has 'easy'"),
    ],
)
def test_unknown_names(given, words):
    with pytest.raises(ValueError, match=words):
        cases(**{"op": "grid_sample", **given})


def test_settings_of_numpy_change_nothing():
    expected = [str(case) for case in cases("grid_sample")]
    with np.errstate(all="raise"):
        assert [str(case) for case in cases("grid_sample")] == expected
        case = next(case for case in cases("grid_sample") if case.kind == "edges")
        assert_conforms(npstn.grid_sample, vjp=npstn.grid_sample_vjp, case=case)
