"""Each probe has the answer that npstn computes, and exact arithmetic; -k R13 runs a clause."""

import re
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from support.probes import check, check_exactly, exactly, finite

import npstn
from npstn.spec import SPEC, Values

CLAUSES = [pytest.param(clause, id=number) for number, clause in SPEC.items()]
STEP = 2.0**-20


def answered(clause):
    return [probe for probe in clause.probes if not probe.raises]


@pytest.mark.parametrize("clause", CLAUSES)
def test_npstn_gives_the_answers(clause, engine):
    for probe in answered(clause):
        check(probe, probe.call(getattr(npstn, probe.function)))


@pytest.mark.parametrize("clause", CLAUSES)
def test_exact_arithmetic_gives_the_answers(clause):
    for probe in filter(finite, answered(clause)):
        check_exactly(probe, exactly(probe))


@pytest.mark.parametrize("clause", CLAUSES)
def test_the_text_of_a_probe_is_the_call(clause, plain):
    for probe in clause.probes:
        names = {"np": np, "npstn": npstn}
        if probe.raises:
            with pytest.raises(ValueError, match="expected"):
                exec(str(probe), names)
            assert str(probe).endswith("# ValueError")
        else:
            exec(str(probe), names)
            check(probe, names)


@pytest.mark.parametrize("clause", CLAUSES)
def test_calls_repeat_and_write_nothing(clause, engine, readonly):
    for probe in answered(clause):
        function = getattr(npstn, probe.function)
        given = {
            k: readonly(v.array())[0] if isinstance(v, Values) else v
            for k, v in probe.arguments.items()
        }
        same = replace(probe, arguments=given)
        once, twice = same.call(function), same.call(function)
        for name, result in once.items():
            if result is None:  # not in wrt
                continue
            assert result.tobytes() == twice[name].tobytes()
            for array in given.values():
                assert not (isinstance(array, np.ndarray) and np.shares_memory(result, array))


@pytest.mark.parametrize("clause", CLAUSES)
def test_both_sides_of_a_kink_are_given(clause):
    """Of each d_grid: the exact ones a step before and after it, an axis at a time."""
    for probe in filter(finite, answered(clause)):
        values = probe.answers.get("d_grid")
        if values is None or probe.function != "grid_sample_vjp" or not values.numbers:
            continue
        found = []
        for step in (-STEP, STEP):
            side = np.empty(values.shape, object)
            for axis in range(values.shape[-1]):
                grid = probe.arguments["grid"].array().astype(np.float64)
                grid[..., axis] += step
                side[..., axis] = exactly(probe, grid=grid)["d_grid"][..., axis]
            found.append(side.ravel().tolist())
        pairs = list(zip(*found, strict=True))
        if values.sides:
            assert list(values.sides) == pairs
        elif probe.options.get("mode") != "bicubic":
            assert [(n, n) for n in values.numbers] == pairs


def test_answers_of_sides_lie_between():
    answers = [a for c in SPEC.values() for probe in c.probes for a in probe.answers.values()]
    kinks = [values for values in answers if values.sides]
    assert len(kinks) == 4
    for values in kinks:
        for n, pair in zip(values.numbers, values.sides, strict=True):
            assert min(pair) <= n <= max(pair)


def changed(values: Values) -> Values:
    first, *others = values.numbers
    return replace(values, numbers=(Fraction(1, 3) if first != first else first + 1, *others))


@pytest.mark.parametrize("clause", CLAUSES)
def test_a_changed_answer_is_found(clause, plain):
    for probe in answered(clause):
        found = probe.call(getattr(npstn, probe.function))
        for name, values in probe.answers.items():
            other = "float32" if values.dtype == "float64" else "float64"
            bad = [replace(values, dtype=other), replace(values, shape=(*values.shape, 1))]
            bad += [changed(values)] if values.numbers else []
            for answer in bad:
                planted = replace(probe, answers={**probe.answers, name: answer})
                with pytest.raises(AssertionError, match=name):
                    check(planted, found)
                if finite(probe) and answer.dtype == values.dtype:
                    with pytest.raises(AssertionError, match=name):
                        check_exactly(planted, exactly(probe))


def test_a_probe_fits_on_a_screen():
    for clause in SPEC.values():
        text = str(clause)
        assert len(text.splitlines()) <= 50, clause.number
        assert max(map(len, text.splitlines())) <= 120, clause.number
        assert re.match(rf"{clause.number}  {re.escape(clause.title)}\n\n", text)
