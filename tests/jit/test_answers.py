"""Known answers: they must notice."""

import os
import subprocess
import sys
from contextlib import contextmanager, nullcontext
from copy import deepcopy
from importlib import import_module

import numpy as np
import pytest

from npstn.jit import answers, clones
from npstn.jit.compiler import JIT
from npstn.kernels import (
    affine,
    axis,
    basis,
    entries,
    jvp,
    points_vjp,
    sample,
    scatter,
    tables,
    visits,
)

pytestmark = pytest.mark.skipif(not JIT, reason="NPSTN_JIT=0: nothing is loaded")
import_module(answers.SOURCE)
CLONES = [
    (("KERNEL", k), ("RANK", rank), ("ROOM", 1)) for rank, k in ((2, 0), (2, 1), (2, 2), (3, 1))
]
PROBLEMS = [*answers.problems, *(p for clone in CLONES for p in answers.problems_for(clone))]
KEYS = list({key: 0 for problem in PROBLEMS for key in answers.answers(problem)})


def name(value):
    """The name of a kernel, or of its constants, in that of a test."""
    return "-".join(str(v) for _, v in value) if isinstance(value, tuple) else value.__name__


def repeats(kernel, constants, change=nullcontext):
    """The judgement on a run in plain Python, with a change meanwhile."""
    from numba import typeof

    found = answers.examples(kernel, constants)
    spaces = iter([space for _, space, _ in found])

    def run(tasks, args):
        (scratch, index, *args), space = args, next(spaces)
        assert (scratch.size, index.size) == space
        with change(args):
            answers.plain(kernel, constants, tasks, space, args)

    return answers.repeats(run, kernel, constants, tuple(typeof(found[0][2])))


@contextmanager
def other_bits(args):
    """Change the first of the inputs, and change it back."""
    first = next(a for a in args if isinstance(a, np.ndarray) and a.dtype == float and a.size)
    first.view(np.int64)[...] ^= 1
    yield
    first.view(np.int64)[...] ^= 1


@contextmanager
def other_boxes(args):
    """Put all points at the first texel, or leave out the first tile: no last bit would show."""
    if isinstance(args[1], np.ndarray) and args[1].dtype == float:
        args[1][...] = 0.0  # tables
    else:
        args[3][:2] = 1, 0  # its first and last owner
    yield


@contextmanager
def no_number(args):
    """Lose the coordinates: the derivatives of a step are 0 unless there are none."""
    for a in args[4:6]:  # tables, grid
        a[...] = np.nan
    yield


@contextmanager
def lossy(args):
    """Lose the errors of products."""
    with pytest.MonkeyPatch.context() as patch:
        for module in affine, tables:
            patch.setattr(module, "two_product", lambda a, b: (a * b, 0.0))
        clones.clone.cache_clear()
        yield
    clones.clone.cache_clear()


@pytest.mark.parametrize(("kernel", "constants"), KEYS, ids=name)
def test_plain_python_repeats_itself(kernel, constants):
    before = [str(args) for _, _, args in answers.examples(kernel, constants)]
    assert repeats(kernel, constants)
    assert [str(args) for _, _, args in answers.examples(kernel, constants)] == before


@pytest.mark.parametrize(("kernel", "constants"), KEYS, ids=name)
def test_changed_bits_of_the_input_are_noticed(kernel, constants):
    flat = kernel is points_vjp.sample_vjp_points and ("KERNEL", axis.NEAREST) in constants
    change = other_boxes if kernel in (visits.boxes, visits.lists) else other_bits
    assert not repeats(kernel, constants, no_number if flat else change)


@pytest.mark.parametrize(("kernel", "constants"), KEYS, ids=name)
def test_what_the_work_space_held_before_does_not_count(kernel, constants):
    twin = clones.clone(kernel, constants)
    for tasks, (numbers, indices), args in answers.examples(kernel, constants):
        found = []
        for fill, more in (0.0, 0), (np.nan, 0), (7.0, 1000):
            given = deepcopy(args)
            scratch, index = np.full(numbers + more, fill), np.full(indices + more, int(more > 0))
            with np.errstate(all="ignore"):
                for task in range(tasks):
                    twin(task, scratch, index.astype(np.int32), *given)
            found.append([np.asarray(a).tobytes() for a in given])
        assert found[0] == found[1] == found[2]


def test_every_kernel_has_an_answer():
    expected = {affine.affine_grid, affine.affine_grid_vjp, affine.theta_from_sums, tables.fill}
    expected |= {sample.sample, jvp.sample_jvp, points_vjp.sample_vjp_points, scatter.scatter}
    expected |= {visits.boxes, visits.lists, entries.entries, basis.combine, basis.combine_vjp}
    assert {kernel for kernel, _ in KEYS} == expected


@pytest.mark.parametrize("kernel", [affine.affine_grid, tables.fill])
def test_lost_rounding_errors_are_noticed(kernel):
    assert not repeats(kernel, (), lossy)
    assert repeats(kernel, ())


def test_arguments_are_copied_in_the_types_asked_for(monkeypatch):
    from numba import typeof

    def kernel(task, scratch, index, x, pair, n, out):
        scratch[task], index[task] = x[task], n
        out[task] = scratch[task] + pair[0][task] + index[task]

    x, out = np.arange(3.0), np.zeros(3)
    single = x.astype(np.float32)
    single.flags.writeable = False
    wanted = single, (x, 1), 2, out.astype(np.float32)
    monkeypatch.setattr(answers, "examples", lambda *_: [(3, (5, 4), (x, (x, 1), 2, out))])

    def run(tasks, args):
        scratch, index, *args = args
        assert (scratch.dtype, scratch.shape) == (np.float64, (5,))
        assert (index.dtype, index.shape) == (np.int32, (4,))
        assert typeof(tuple(args)) == typeof(wanted)
        answers.plain(kernel, (), tasks, (3, 3), args)

    assert answers.repeats(run, kernel, (), tuple(typeof(wanted)))
    assert not answers.repeats(lambda tasks, args: None, kernel, (), tuple(typeof(wanted)))
    assert not out.any()


def test_answers_are_for_the_constants_that_count(monkeypatch):
    def problem():
        answers.plain(kernel, (("OTHER", 1), ("SIGN", -1.0)), 1, (1, 1), (np.ones(1),))

    scope = {"__name__": "npstn.kernels.test", "SIGN": 1.0}
    exec("def kernel(task, scratch, index, x): x[task] = SIGN", scope)
    kernel = scope["kernel"]
    monkeypatch.setattr(answers, "problems", (problem,))
    ((tasks, space, (x,)),) = answers.examples(kernel, (("SIGN", -1.0),))
    assert (tasks, space, x.tolist()) == (1, (1, 1), [1.0])  # as given: the task came later
    assert answers.examples(kernel, (("SIGN", 1.0),)) == []
    assert answers.examples(kernel, ()) == []


def test_recording_ends_with_the_problems(monkeypatch):
    def nothing(task, scratch, index): ...

    def problems():
        answers.plain(nothing, (), 0, (1, 1), ())
        raise KeyboardInterrupt

    monkeypatch.setattr(answers, "problems", (problems,))
    with pytest.raises(KeyboardInterrupt):
        answers.examples(nothing, ())
    assert answers.recorded is None


def test_problems_are_there_if_only_a_part_is_imported():
    """Or else nothing that it compiles is kept."""
    code = "from npstn import dialects; from npstn.jit import answers; answers.examples(None, ());"
    code += "print(len(answers.problems))"
    env = {**os.environ, "NPSTN_JIT": "0"}
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, env=env, check=True)
    assert int(found.stdout) > 0
