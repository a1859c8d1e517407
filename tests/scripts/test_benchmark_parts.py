import io
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import npstn


def entry_of(script, task, name="PyTorch", **changes):
    """A contestant that uses npstn, with other options or another theta."""
    inputs = script.workloads.Inputs.make(script.workload)
    change = changes.pop("change", lambda found: found)
    where = changes.pop("where", lambda w: w)(inputs.theta if task.fused else inputs.grid)
    function = "spatial_transformer_network" if task.fused else "grid_sample"

    def run():
        out = getattr(npstn, function)(inputs.x, where, **changes)
        vjp = getattr(npstn, f"{function}_vjp")
        more = vjp(inputs.d_out, inputs.x, where, **changes) if task.backward else ()
        return change((out, *more))

    return script.contestants.Entry(name, "planted", run, lambda found: found)


def reference_of(script, task):
    return script.agreement.Reference(
        script.workloads.Inputs.make(script.workload), task, entry_of(script, task, "npstn")
    )


def nan_in_last(found):
    found[-1].flat[3] = np.nan
    return found


FAULTS = {
    "align_corners": {"align_corners": False},
    "padding": {"padding_mode": "border"},
    "mode": {"mode": "nearest"},
    "a point off by 1e-3": {"where": lambda w: (w + 1e-3).astype(np.float32)},
    "NaN": {"change": nan_in_last},
    "shape": {"change": lambda found: (*found[:-1], found[-1][..., :1])},
    "scale": {"change": lambda found: (*found[:-1], found[-1] * np.float32(1.01))},
}


@pytest.mark.parametrize("name", ["npstn", "PyTorch", "SciPy"])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_wrong_contestant_is_found(tiny, name, fault):
    for task in tiny.workloads.TASKS.values():
        reference = reference_of(tiny, task)
        reference.compare(entry_of(tiny, task, name))
        with pytest.raises(tiny.agreement.DisagreementError) as error:
            reference.compare(entry_of(tiny, task, name, **FAULTS[fault]))
        assert str(error.value).startswith(f"{name} (planted): ")
        assert any(f": {result}" in str(error.value) for result in task.results)


def test_a_disagreement_stops_the_run(tiny, monkeypatch, tmp_path, capsys):
    task = tiny.workloads.TASKS["module forward"]
    wrong = entry_of(tiny, task, "SciPy", align_corners=False)
    monkeypatch.setitem(tiny.races.CONTESTANTS, "SciPy", ("scipy", lambda *_: iter([wrong])))
    only = ["--only", "module forward$", "--contestants", "SciPy", "--out", str(tmp_path / "b")]
    assert tiny.command.main(only) == 1
    message = capsys.readouterr().err
    for part in ("race: tiny: module forward: SciPy (planted): out[", "expected", "worst error"):
        assert part in message
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("dtype", "fine"), [(np.float32, True), (np.float16, False)])
def test_what_rounded_coordinates_explain(tiny, dtype, fine):
    for task in tiny.workloads.TASKS.values():
        entry = rounded(tiny, task, dtype)
        if fine:
            reference_of(tiny, task).compare(entry)
            continue
        with pytest.raises(tiny.agreement.DisagreementError):
            reference_of(tiny, task).compare(entry)


def rounded(script, task, dtype):
    """A contestant with pixel coordinates of less precision."""
    inputs = script.workloads.Inputs.make(script.workload)
    points = inputs.pixels(task.fused).astype(dtype).astype(np.float64)

    def run():
        out = npstn.grid_sample(inputs.x, points, coordinates="pixel")
        if not task.backward:
            return (out,)
        d_x, d = npstn.grid_sample_vjp(inputs.d_out, inputs.x, points, coordinates="pixel")
        d_grid = d * (np.array(script.workload.shape[2:0:-1]) - 1) / 2
        if task.fused:
            return out, d_x, npstn.affine_grid_vjp(d_grid).reshape(-1, 2, 3)
        return out, d_x, d_grid

    return script.contestants.Entry("PyTorch", "rounded", run, lambda found: found)


def test_a_wrong_result_of_a_further_contestant_is_found(tiny):
    (ours,) = [next(tiny.further.FURTHER["volume"](True))]
    assert tiny.further.check([ours, ours])[1]["d_x"] == {"relative": 0.0}

    def wrong(found):
        return found[0], found[1], 1.02 * found[2]

    other = ours._replace(contestant="PyTorch", results=wrong)
    with pytest.raises(tiny.agreement.DisagreementError, match="PyTorch: d_theta is off by"):
        tiny.further.check([ours, other])


@pytest.mark.parametrize("name", ["volume", "bicubic photos", "spline photos", "small call"])
def test_pytorch_agrees_on_the_further_workloads(tiny, name, monkeypatch):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    rows = tiny.races.further(name, True, ["PyTorch"], tiny.cases.QUICK)
    assert [row["contestant"] for row in rows] == ["npstn", "PyTorch"]
    assert set(rows[1]["errors"]) == {"out", "d_x", "d_theta"}
    functional, sample = torch.nn.functional, torch.nn.functional.grid_sample
    wrong = lambda x, grid, **options: sample(x, grid, **{**options, "align_corners": False})  # noqa: E731
    monkeypatch.setattr(functional, "grid_sample", wrong)
    with pytest.raises(tiny.agreement.DisagreementError, match="PyTorch: out is off by"):
        tiny.further.check(list(tiny.further.FURTHER[name](True)))


def test_a_race_goes_in_turns_and_ends(script, monkeypatch):
    now, order = 0.0, []

    def run(name, seconds):
        def timed():
            nonlocal now
            order.append(name)
            now += seconds

        return timed

    clock = SimpleNamespace(perf_counter=lambda: now, sleep=lambda seconds: None)
    monkeypatch.setattr(script.stopwatch, "time", clock)
    patience = script.stopwatch.Patience(2, 5, 8.0)
    fast, slow = script.stopwatch.race([run("fast", 0.5), run("slow", 3.0)], patience)
    assert (fast.rounds, slow.rounds) == (5, 2)
    assert (fast.median_ms, slow.median_ms, slow.quartiles_ms) == (500, 3000, (3000, 3000))
    assert order[:8] == ["fast", "fast", "slow", "slow"] * 2
    assert order[8:] == ["fast"] * 6
    order.clear()  # what is short is repeated, and the mean counts
    (short,) = script.stopwatch.race([run("short", 0.0005)], patience._replace(rounds=2))
    assert (len(order), short.rounds) == (10, 2)
    assert short.median_ms == pytest.approx(0.5)


def test_cells_outside_and_half_outside(tiny):
    x = np.arange(1, 7, dtype=np.float32).reshape(1, 2, 3, 1)
    points = np.array([[[[0, 0], [-0.5, 0], [2.5, 1.5], [-1, 0], [9, 9], [1.5, 0.5]]]], float)
    offsets, weights = tiny.limits.cells(points, (2, 3))
    assert offsets.tolist() == [[0, 0, 1, -1, -1, 1]]
    out = np.full((1, 6, 1), np.nan, np.float32)
    tiny.limits.gather(1)(offsets, weights, 3, x.reshape(-1), out)
    expected = npstn.grid_sample(x, points, coordinates="pixel")
    np.testing.assert_array_equal(out, expected[0])


def test_a_failing_process_is_reported(script):
    with pytest.raises(script.processes.ProbeError, match="`start 1` failed: ValueError"):
        script.processes.probe(["start", "1"], NPSTN_JIT="0")


def test_progress_is_drawn_on_terminals_only(script, monkeypatch):
    for terminal in (True, False):
        stream = io.StringIO()
        stream.isatty = lambda terminal=terminal: terminal
        monkeypatch.setattr(sys, "stderr", stream)
        with script.stopwatch.Progress(2) as progress:
            progress.step("first")
            progress.step("second")
        assert ("[############............] 2/2 second" in stream.getvalue()) == terminal
        assert bool(stream.getvalue()) == terminal


def test_the_cache_is_weighed_after_a_warmup(script, monkeypatch):
    def probe(arguments, NPSTN_CACHE):
        assert arguments == ["warmup"]
        folder = Path(NPSTN_CACHE) / "inner"
        folder.mkdir()
        (folder / "a").write_bytes(bytes(1_500_000))
        return {"seconds": 3.0}, 4.0

    monkeypatch.setattr(script.processes, "probe", probe)
    rows = script.processes.warmup()
    assert rows == [{"seconds": 3.0, "cache_mb": 1.5}]
    about = {"section": "warmup", "case": "warmup"}
    judged = script.goals.verdicts([{**about, **rows[0]}])
    assert [verdict.reached for verdict in judged] == [True, True]
