import pytest


def made_up(workload, contestant, median_ms, task="module forward"):
    return {
        "section": "race",
        "case": f"{workload}: {task}",
        "workload": workload,
        "task": task,
        "contestant": contestant,
        "median_ms": median_ms,
    }


def test_ratios_are_of_the_better_variants(script):
    rows = [made_up("a", "npstn", 3.0), made_up("a", "npstn", 2.0), made_up("b", "npstn", 1.0)]
    rows += [made_up("a", "PyTorch", t) for t in (16.0, 10.0, 12.0)]
    rows += [made_up("b", "PyTorch", 4.0), made_up("a", "PyTorch", 0.1, "another task")]
    assert script.goals.ratios(rows, "module forward", "PyTorch") == {"a": 5.0, "b": 4.0}


def test_every_workload_has_its_own_bound(script):
    """The worst is that which misses its own bound by most, not the smallest ratio."""
    rows = [made_up(w, "npstn", 1.0) for w in ("digits", "plane")]
    rows += [made_up("digits", "PyTorch", 3.0), made_up("plane", "PyTorch", 5.0)]
    (verdict,) = script.goals.verdicts(rows)
    assert (verdict.goal.name, verdict.worst) == ("module forward, against PyTorch", "plane")
    assert (verdict.kept, verdict.reached) == (1, False)
    (text,) = script.report.ratios_tables([verdict])
    cells = [cell.strip() for cell in text.splitlines()[-1].split("|")[2:-1]]
    assert cells == ["3.00 ≥ 3", "", "", "", "5.00 < 7"]
    (verdict,) = script.goals.verdicts([*rows[:3]])  # a bound that is just kept is kept
    assert (verdict.kept, verdict.reached) == (1, True)


def test_photos_sampled_otherwise_have_the_goals_of_photos_but_for_a_fifth(script):
    bounds = {goal.name: goal.bound for goal in script.goals.GOALS}
    for (task, contestant), given in script.goals.FASTER.items():
        others = bounds[f"{task}, against {contestant}: others"]
        for name in ("NCHW", "not aligned", "border", "reflection"):
            assert others[f"photos {name}"] == pytest.approx(0.8 * given[2])
    assert bounds["module forward, against PyTorch: others"]["photos nearest"] == 3


def test_further_goals_and_table(script):
    task = "module forward and backward"
    rows = [made_up("volume", "npstn", 2.0, task), made_up("volume", "PyTorch", 7.0, task)]
    rows += [made_up("spline photos", "npstn", 1.0, task), made_up("volume", "npstn", 9.0)]
    rows = [{**row, "section": "further"} for row in rows]
    (verdict,) = script.goals.verdicts(rows)
    assert (verdict.goal.name, verdict.reached) == (f"{task}, against PyTorch: others", False)
    assert verdict.values == {"volume": 3.5}
    text = script.report.further_table(rows)
    assert "2.00, P 7.00 (3.50×)" in text
    assert text.splitlines()[-1].split("|")[2].strip() == "1.00"


@pytest.mark.parametrize(("vectors", "end"), [("AVX-512", "AVX-512."), ("AVX2", "AVX2 only.")])
def test_the_report_says_which_processors_the_goals_are_for(script, vectors, end):
    note = script.report.processor_note({"vectors": vectors})
    assert note == f"The goals are for processors with AVX-512; this one has {end}"


def test_two_threads_need_gain_only_where_there_is_work(script):
    rows = [
        {"section": "threads", "case": case, "one_ms": one, "gain": gain}
        for case, one, gain in (("small", 0.9, 1.0), ("large", 1.1, 1.9))
    ]
    (verdict,) = script.goals.verdicts(rows)
    assert (verdict.values, verdict.reached) == ({"large": 1.9}, True)


def test_first_results_have_a_bound_for_each_task(script):
    rows = [
        {"section": "start", "case": task, "task": task, "cold_s": cold, "warm_s": 0.5}
        | {"import_s": 0.1, "heavy_count": 0}
        for task, cold in (("module forward", 5.0), ("module forward and backward", 8.0))
    ]
    judged = {verdict.goal.name: verdict for verdict in script.goals.verdicts(rows)}
    assert not judged["never compiled: forward"].reached
    assert judged["never compiled: forward and backward"].reached
    assert judged["numba, scipy, matplotlib imported by it"].reached


@pytest.mark.parametrize(("excess", "reached"), [(64.0, True), (64.1, False), (-1.0, True)])
def test_goals_that_bound_from_above(script, excess, reached):
    rows = [
        {"section": "memory", "case": case, "excess_mib": value}
        for case, value in (("a", -2.0), ("b", excess))
    ]
    (verdict,) = script.goals.verdicts(rows)
    assert (verdict.worst, verdict.reached) == ("b", reached)
    last = script.report.goals_table([verdict]).split()[-2]
    assert last == ("yes" if reached else "NO")


def test_level_and_linear(script):
    level = {256: 3.0, 512: 3.0, 1024: 4.0, 2048: 4.0, 4096: 5.0}
    assert script.races.unevenness(level) == 0.25
    assert script.races.unevenness({**level, 4096: 3.0}) == 0.25
    assert script.races.unevenness({**level, 256: 8.0, 4096: 4.0}) == 1.0
    assert script.races.steepness({1: 3.0, 4: 4.0, 16: 16.0, 64: 96.0}) == 0.5
    assert script.races.steepness({1: 3.0, 4: 4.0, 16: 8.0}) < 0


@pytest.mark.parametrize(("load", "told"), [(0.1, False), (2.5, True)])
def test_the_report_says_where_and_when(script, load, told):
    machine = {"cpu": "A", "vectors": "AVX2", "cores": 2, "system": "B", "load": load}
    found = {"machine": machine, "versions": {"C": "1.2"}, "date": "D", "threads": 1, "quick": True}
    busy = " (busy: load 2.5)" if told else ""
    expected = f"1 thread, a quick run; A (AVX2), 2 cores{busy}; B; C 1.2; D"
    assert script.report.caption(found) == expected


@pytest.mark.parametrize(
    ("value", "text"), [(1234.5, "1234"), (99.94, "99.9"), (1.234, "1.23"), (0.0123, "0.012")]
)
def test_numbers_have_three_digits(script, value, text):
    assert script.report.number(value) == text
    assert script.report.number(-value) == f"-{text}"
    assert script.report.number(0.0) == "0"
