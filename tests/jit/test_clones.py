"""Clones: constants take the place of globals, in a function and in all it calls."""

import numpy as np
import pytest

from npstn.jit import clones, lanes
from npstn.kernels import eft, sample, sizes
from npstn.kernels.eft import two_sum

SOURCE = """
RANK, SIDE, OTHER = 2, 5, 7

def inner(x):
    return x * SIDE

def idle(x):
    return x

def outer(x, step=1):
    return inner(idle(x)) + RANK + step

def loop(n):
    return n if n <= 0 else loop(n - RANK)
"""


@pytest.fixture
def names():
    scope = {"__name__": "npstn.kernels.test"}
    exec(SOURCE, scope)
    return scope


def test_the_functions_of_kernels_are_ours():
    assert all(map(clones.is_ours, (sample.sample, two_sum, sizes.tile_of)))
    assert not any(map(clones.is_ours, (lanes.splat, np.rint, max, np.float64, 2, None, eft)))
    assert not clones.is_ours(test_the_functions_of_kernels_are_ours)


def test_the_names_in_a_function_and_its_callees(names):
    assert clones.names_in(names["inner"]) == {"SIDE"}
    assert clones.names_in(names["outer"]) == {"inner", "idle", "SIDE", "RANK"}
    assert clones.names_in(names["loop"]) == {"loop", "RANK"}
    assert {"RANK", "TAPS", "ROOM", "KERNEL"} < clones.names_in(sample.sample)


def test_constants_that_make_no_difference_are_left_out(names):
    rows = ("OTHER", 1), ("RANK", 3), ("SIDE", 2)
    assert clones.chosen(names["outer"], rows) == rows[1:]
    assert clones.chosen(names["inner"], rows) == rows[2:]
    assert clones.chosen(names["idle"], rows) == ()


def test_a_clone_has_constants_in_all_it_calls(names):
    outer = names["outer"]
    assert (outer(10), outer(10, step=0)) == (53, 52)
    twin = clones.clone(outer, (("RANK", 300), ("SIDE", 2)))
    assert (twin(10), twin(10, step=0)) == (321, 320)
    assert clones.clone(outer, (("SIDE", 3),))(10) == 33
    assert clones.clone(outer, ())(10) == outer(10) == 53
    assert (names["SIDE"], names["inner"](1)) == (5, 5)


def test_a_clone_is_made_once(names):
    rows = ("RANK", 3), ("SIDE", 2)
    twin = clones.clone(names["outer"], rows)
    assert clones.clone(names["outer"], rows) is twin
    assert twin.__globals__["inner"] is clones.clone(names["inner"], rows[1:])
    assert twin.__globals__["idle"] is clones.clone(names["idle"], ())


def test_a_clone_leaves_the_functions_of_others_alone(names):
    names["idle"].__module__ = "elsewhere"
    assert clones.clone(names["outer"], ()).__globals__["idle"] is names["idle"]
