"""Checks of backends: npstn passes, and each planted fault is found under its own clause."""

from functools import cache
from itertools import product, takewhile

import numpy as np
import pytest
from support.kept import kept

import npstn
from npstn import dialects
from npstn.conformance import _ops, _run, zoo
from npstn.conformance._choices import choices
from npstn.conformance._ledger import _written
from npstn.conformance._tiers import USUAL, kinds_of
from npstn.conformance.answers import answers
from npstn.conformance.cases import cases
from npstn.conformance.check import check

SAMPLE = dialects.npstn.grid_sample
VJP = dialects.npstn.grid_sample_vjp
LATTICE, HARD = ("lattice",), ("hard",)


@cache
def drawn(op):
    """All cases of an operation of npstn in two dimensions, as a check draws them."""
    return kept(op, lambda: list(takewhile(lambda case: len(case.size) == 2, cases(op))))


def groups():
    """Parts of a check of npstn: the cases of an operation that have a kind, a dtype and a mode."""
    for op in ("affine_grid", "grid_sample", "spatial_transformer_network"):
        function = _ops.function_of(_ops.row_of("npstn"), op)
        for dtype, kind in product(function.convention.dtypes, kinds_of(USUAL)):
            for mode in dict.fromkeys(choice.mode for choice in choices(function, kind)):
                yield pytest.param(op, kind, dtype, mode, id=f"{op}-{kind}-{dtype}-{mode}")


def plain(x, grid, *, padding_mode="zeros"):
    return SAMPLE(x, grid, padding_mode=padding_mode)


def plain_vjp(d, x, grid, *, padding_mode="zeros"):
    return VJP(d, x, grid, padding_mode=padding_mode)


def clauses(fn, vjp=None, tiers=LATTICE, **options):
    report = check(fn, dtype="float32", vjp=vjp, tiers=tiers, **options)
    return {found.clause for found in report.findings}


def test_a_right_backend_passes():
    report = check(plain, dtype="float32", vjp=plain_vjp, tiers=LATTICE)
    assert report.passed, str(report)
    found = {line.clause for line in report.lines}
    assert found == {f"R{n}" for n in (9, 13, 14, 15, 17, 26, 27, 29, 30, 31)}
    report = check(lambda x, grid: plain(x, grid), dtype="float32", tiers=HARD)
    assert report.passed, str(report)
    found = {line.clause for line in report.lines}
    assert found == {f"R{n}" for n in (9, 13, 20, 21, 22, 23, 24, 25)}
    assert any("align_corners" in words for words in report.left_out)


@pytest.mark.slow
@pytest.mark.usefixtures("plain")
@pytest.mark.parametrize(("op", "kind", "dtype", "mode"), list(groups()))
def test_npstn_passes(op, kind, dtype, mode, monkeypatch):
    """In parts that judge mutants: one check of all would not stop at the first failure."""

    def known(function, given, d, unit):
        number = next(k for k, case in enumerate(drawn(op)) if case.given is given)
        return kept(f"{op}-{number}", lambda: answers(function, given, d, unit=unit))

    monkeypatch.setattr(_run, "answers", known)
    some = [c for c in drawn(op) if (c.kind, c.dtype, c.mode) == (kind, dtype, mode)]
    report = check("npstn", op, only=some, strict=True)
    assert report.passed, str(report)


def swapped(x, grid, *, padding_mode):
    return plain(x, grid[..., ::-1], padding_mode=padding_mode)


def border(x, grid, *, padding_mode):
    return plain(x, grid, padding_mode={"zeros": "border"}.get(padding_mode, padding_mode))


def factorless_vjp(d, x, grid, *, padding_mode):
    d_x, d_grid = plain_vjp(d, x, grid, padding_mode=padding_mode)
    return d_x, d_grid / ((np.array(x.shape[-2:0:-1]) - 1) / 2).astype(np.float32)


def unsigned_vjp(d, x, grid, *, padding_mode):
    d_x, d_grid = plain_vjp(d, x, grid, padding_mode=padding_mode)
    if padding_mode == "reflection":
        d_grid = np.where(np.mod(grid - 1, 4) < 2, -d_grid, d_grid)
    return d_x, d_grid


def writing(x, grid):
    grid *= 2
    return plain(x, grid / 2)


class Drifting:
    calls = 0

    def __call__(self, x, grid):
        self.calls += 1
        return plain(x, grid) + np.float32(1e-30) * self.calls


def flat(x, grid):
    return plain(x, grid).reshape(-1)


def forgiving(x, grid):
    return plain(x, np.nan_to_num(grid))


def leaking(x, grid):
    return plain(x, grid) + 0 * x.sum()


@pytest.mark.parametrize(
    ("fn", "vjp", "tiers", "found"),
    [
        (swapped, None, LATTICE, "R9"),
        (border, None, LATTICE, "R13"),
        (plain, factorless_vjp, LATTICE, "R27"),
        (plain, unsigned_vjp, LATTICE, "R29"),
        (writing, None, LATTICE, "R43"),
        (Drifting(), None, LATTICE, "R42"),
        (flat, None, LATTICE, "R44"),
        (forgiving, None, HARD, "R21"),
        (leaking, None, HARD, "R20"),
    ],
)
def test_a_planted_fault_is_found(fn, vjp, tiers, found):
    assert found in clauses(fn, vjp, tiers)


def refusing(x, grid, *, padding_mode):
    if padding_mode == "wrap":
        raise NotImplementedError("no wrap")
    return plain(x, grid, padding_mode=padding_mode)


def test_only_wild_points_are_of_the_clauses_of_wild_points():
    """R9, R13, R21: a wrong NaN is R21; the points beside it are ordinary ones."""
    nan = [case for case in cases(dtype="float32", tiers=HARD) if case.kind == "nan"]
    found = check(forgiving, dtype="float32", only=nan).findings
    assert {finding.clause for finding in found} == {"R21"}
    found = check(lambda x, grid: 2 * plain(x, grid), dtype="float32", only=nan).findings
    assert {finding.clause for finding in found} == {"R9", "R13"}  # 2 NaN is NaN


def test_a_finding_says_where_it_is():
    """R9: point, cell, and the worst of each result."""
    report = check(lambda x, grid: plain(x, grid + 1), dtype="float32", tiers=("random",))
    (found, *_) = report.findings
    assert "] at p = (" in found.message
    assert ") in cell (" in found.message
    beside = _written(np.nextafter(2.0, 1.0)), _written(np.nextafter(1.5, 1.0)), _written(np.nan)
    assert beside == ("1.9999999999999998", "1.5", "nan")
    wrong = check(
        lambda x, grid: 2 * plain(x, grid),
        dtype="float32",
        vjp=lambda *a: tuple(2 * d for d in plain_vjp(*a)),
        tiers=LATTICE,
    ).findings
    assert {"out", "d_x", "d_grid"} == {finding.result for finding in wrong}


def test_a_wider_result_is_noted():
    report = check(lambda x, grid: plain(x, grid).astype(float), dtype="float32", tiers=LATTICE)
    assert report.passed
    assert "Results are float64 for arrays of float32." in report.notes


def test_a_refused_option_is_left_out():
    report = check(refusing, dtype="float32", tiers=LATTICE)
    assert report.passed
    assert any("wrap" in line and "no wrap" in line for line in report.left_out)
    assert clauses(refusing, strict=True) == {"R45"}


def capricious(x, grid):
    if (grid == 0).any():
        raise ZeroDivisionError("at 0")
    return plain(x, grid)


def test_what_raises_at_times_is_wrong():
    assert clauses(capricious, tiers=("lattice", "random")) == {"R45"}


def test_nothing_checked_is_not_passed():
    report = check(lambda *_: 1 / 0, dtype="float32", tiers=LATTICE)
    assert not report.passed
    assert "NOTHING CHECKED" in str(report)


def test_a_grid_and_a_map():
    """R35, R36: a sum over the batch is found."""
    vjp = dialects.npstn.affine_grid_vjp

    def summed(d, theta, size, *, align_corners):
        found = vjp(d, theta, size, align_corners=align_corners)
        return np.broadcast_to(found.sum(0), found.shape)

    def grid(theta, size, *, align_corners):
        return dialects.npstn.affine_grid(theta, size, align_corners=align_corners)

    assert clauses(grid, summed, op="affine_grid") == {"R35"}
    assert clauses(grid, lambda *a, **k: vjp(*a, **k), op="affine_grid") == set()


def test_a_fill_that_is_not_read():
    """R19: all texels inside are right."""

    def unfilled(x, grid, mode="bilinear", padding_mode="zeros", align_corners=True, fill_value=0):
        return npstn.grid_sample(x, grid, mode=mode, align_corners=align_corners)

    drawn = cases("grid_sample", dtype="float64", tiers=USUAL)
    report = check(unfilled, dtype="float64", only=[c for c in drawn if c.kind == "fill"])
    assert {found.clause for found in report.findings} == {"R19"}


def test_float32_pytorch_passes():
    pytest.importorskip("torch")
    report = check("torch", dtype="float32", tiers=("random",))
    assert report.passed, str(report)
    assert max(line.worst for line in report.lines) > 0.1  # and is not far below what is allowed


def test_half_precision():
    """Errors are those of float16 arithmetic; the exact result, rounded to it, is within them."""

    def half(x, grid):
        return npstn.grid_sample(x.astype(np.float32), grid.astype(np.float32)).astype(np.float16)

    assert check(half, dtype="float16").passed
    wrong = check(lambda x, grid: half(x, grid) * np.float16(1.1), dtype="float16")
    assert {"R9", "R13"} <= {found.clause for found in wrong.findings}


@pytest.mark.parametrize(
    ("bug", "op", "tiers", "found"),
    [
        ("ties-away", "grid_sample", LATTICE, "R11"),
        ("ties-before-folds", "grid_sample", LATTICE, "R11"),
        ("masked-by-product", "grid_sample", HARD, "R20"),
        ("single-at-minus-1", "affine_grid", HARD, "R24"),
        ("single-is-nan", "affine_grid", HARD, "R24"),
    ],
)
def test_quiet_bugs_are_found(bug, op, tiers, found):
    """They show at ties, at a border texel that is infinite, on an axis of one point."""
    fn, _ = zoo.get(bug).functions("torch", op)
    drawn = cases(op, "torch", dtype="float32", tiers=tiers)
    some = [case for case in drawn if case.kind in ("ties", "leak", "single")]
    report = check(fn, op, "torch", "float32", only=some)
    assert found in {finding.clause for finding in report.findings}


def test_without_options_the_defaults_are_checked():
    """None for align_corners is False in PyTorch."""
    report = check(
        lambda x, g: dialects.torch.grid_sample(x, g), None, "torch", "float32", tiers=LATTICE
    )
    assert report.passed, str(report)
    assert {line.options for line in report.lines} == {
        f"bilinear zeros not aligned {rank}-D" for rank in (2, 3)
    }


def test_refusals_for_one_reason_are_one_line():
    def none(x, grid, **options):
        return None

    report = check(none, dtype="float32", tiers=LATTICE)
    assert not report.passed
    refused = [line for line in report.left_out if "refused" in line]
    assert len(refused) == 1
    assert "more, float32: refused: TypeError: the result is None" in refused[0]


class OnDevice:
    def __array__(self, *args, **kwargs):
        raise RuntimeError("it is on a device")


def test_why_a_result_is_no_array_is_said():
    report = check(lambda *a, **k: OnDevice(), dtype="float32", tiers=LATTICE)
    assert any("expected an array (it is on a device)" in line for line in report.left_out)


def test_a_result_of_whole_numbers_is_told_what_is_expected():
    report = check(lambda *a: plain(*a).astype(int), dtype="float32", tiers=LATTICE)
    assert "dtype int64, expected (2, 4, 6, 2) and float32" in str(report)


def test_unknown_names_list_the_choices():
    with pytest.raises(ValueError, match=r"dtype is 'float8', expected one of float64"):
        check(plain, dtype="float8")
    with pytest.raises(ValueError, match=r"dtype is float32, bfloat16, expected bfloat16 alone"):
        check(plain, dtype=("float32", "bfloat16"))
    with pytest.raises(ValueError, match=r"tiers has 'easy', expected some of lattice"):
        check(plain, tiers=("easy",))
