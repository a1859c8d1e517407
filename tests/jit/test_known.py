"""Known answers: they must notice."""

import numpy as np
import pytest

from npstn.kernels import affine, known, sample2d
from npstn.kernels.compiler import JIT
from npstn.kernels.eft import two_product

pytestmark = pytest.mark.skipif(not JIT, reason="NPSTN_JIT=0: nothing is loaded")
KERNELS = list({kernel: 0 for problem in known.problems for kernel in known.answers(problem)})


def repeats(kernel, change=lambda args: None):
    """The judgement on a run in plain Python, with a change before it that is undone after it."""
    from numba import typeof

    def run(tasks, args):
        change(args)
        known.plain(kernel, tasks, args)
        change(args)

    return known.repeats(run, kernel, tuple(typeof(known.examples(kernel)[0][1])))


@pytest.mark.parametrize("kernel", KERNELS)
def test_plain_python_repeats_itself(kernel):
    before = [str(args) for _, args in known.examples(kernel)]
    assert repeats(kernel)
    assert [str(args) for _, args in known.examples(kernel)] == before


@pytest.mark.parametrize("kernel", KERNELS)
def test_changed_bits_of_the_input_are_noticed(kernel):
    def change(args):
        first = next(a for a in args if isinstance(a, np.ndarray) and a.size)
        first.view(np.int64)[...] ^= 1

    assert not repeats(kernel, change)


@pytest.mark.parametrize("kernel", [affine.affine_grid, sample2d.sample])
def test_lost_rounding_errors_are_noticed(kernel, monkeypatch):
    def change(_):
        now = lossy if affine.two_product is two_product else two_product
        monkeypatch.setattr(affine, "two_product", now)

    def lossy(a, b):
        return a * b, 0.0

    assert not repeats(kernel, change)


def test_arguments_are_copied_in_the_types_asked_for(monkeypatch):
    from numba import typeof

    def kernel(task, x, pair, n, out):
        out[task] = x[task] + pair[0][task] + n

    x, out = np.arange(3.0), np.zeros(3)
    single = x.astype(np.float32)
    single.flags.writeable = False
    wanted = single, (x, 1), 2, out.astype(np.float32)
    monkeypatch.setattr(known, "examples", lambda _: [(3, (x, (x, 1), 2, out))])

    def run(tasks, args):
        assert typeof(args) == typeof(wanted)
        known.plain(kernel, tasks, args)

    assert known.repeats(run, kernel, tuple(typeof(wanted)))
    assert not known.repeats(lambda tasks, args: None, kernel, tuple(typeof(wanted)))
    assert not out.any()


def test_recording_ends_with_the_problems(monkeypatch):
    def problems():
        known.plain(print, 0, ())
        raise KeyboardInterrupt

    monkeypatch.setattr(known, "problems", (problems,))
    with pytest.raises(KeyboardInterrupt):
        known.examples(print)
    assert known.recorded is None
