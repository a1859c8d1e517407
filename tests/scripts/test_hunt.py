"""The hunt: ten seconds of it, and that it finds, minimises and reproduces planted faults."""

import importlib
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import npstn
from npstn.jit import compiler

SCRIPTS = Path(__file__).parents[2] / "scripts"


@pytest.fixture
def script(monkeypatch):
    monkeypatch.syspath_prepend(SCRIPTS)
    names = ("case", "command", "exactly", "judge", "kinds", "minimise", "progress", "snippet")
    return SimpleNamespace(**{name: importlib.import_module(f"hunt.{name}") for name in names})


@pytest.fixture
def plain(script, monkeypatch):
    monkeypatch.setattr(compiler, "JIT", False)
    return script


@pytest.mark.slow
def test_ten_seconds_find_nothing(script, engine, capsys):
    """Five compiled, five in plain Python."""
    status = script.command.main(["--seed", "12", "--seconds", "5"])
    out = capsys.readouterr().out
    assert status == 0, out
    assert int(re.search(r"^([\d,]+) cases", out, re.M)[1].replace(",", "")) > 0


@pytest.mark.parametrize("number", range(16))
def test_a_case_is_known_by_its_number(plain, number):
    kind, make = plain.kinds.case_number(3, number)
    assert kind == list(plain.kinds.KINDS)[number]
    one, other = make(), make()
    assert one.options == other.options
    for name, array in one.arrays.items():
        assert array.tobytes() == other.arrays[name].tobytes()
    names = [verdict.name for verdict in plain.judge.judge(one)]
    assert set(names) <= set(one.results)


def planted(monkeypatch, name, change):
    """Break the results of a function of npstn."""
    right = getattr(npstn, name)

    def wrong(*arguments, **options):
        found = right(*arguments, **options)
        parts = found if isinstance(found, tuple) else (found,)
        parts = tuple(change(part, *arguments) for part in parts)
        return parts if isinstance(found, tuple) else parts[0]

    monkeypatch.setattr(npstn, name, wrong)


def off(found, *_):
    return found * (1 + found.dtype.type(2.0**-20))


def last_off(found, *_):
    found = found.copy()
    found.reshape(-1)[-1] += 1
    return found


def leaking(found, x, *_):
    return found if np.isfinite(x).all() else np.full_like(found, np.nan)


FAULTS = {
    "spatial_transformer_network": (off, "map ordinary"),
    "spatial_transformer_network_vjp": (last_off, "map quarters"),
    "spatial_transformer_network_jvp": (off, "map next to texels"),
    "grid_sample": (leaking, "grid marks"),
    "grid_sample_vjp": (off, "grid anywhere"),
    "grid_sample_vjp_vjp": (last_off, "grid odd"),
    "affine_grid": (off, "affine_grid ordinary"),
    "affine_grid_vjp": (last_off, "affine_grid ordinary"),
}


def run(script, capsys, *arguments):
    """The exit status, and the first snippet without its comments."""
    status = script.command.main(arguments)
    out = capsys.readouterr().out
    pattern = r"^# ([^\n]*): python scripts/hunt ([^\n]*)\n(.*?^print[^\n]*)"
    found = re.search(pattern, out, re.M | re.S)
    return status, out, found


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_found_and_minimised(plain, name, monkeypatch, capsys):
    fault, kind = FAULTS[name]
    planted(monkeypatch, name, fault)
    numbers = [n for n in range(400) if plain.kinds.case_number(5, n)[0] == kind]
    for number in numbers:
        status, out, found = run(
            plain, capsys, "--seed", "5", "--first", str(number), "--cases", "1"
        )
        if status:
            break
    assert status == 1, out
    assert found, out
    title, again, code = found.groups()
    assert title == kind
    assert again == f"--seed 5 --first {number} --cases 1"

    names = {}
    exec(code, names)  # it shows what it says
    shown = capsys.readouterr().out.strip()
    said = re.search(r"print\(.*\)  # (\S+), exact (\S+)", code)
    assert shown == said[1].rstrip(",")
    assert said[1].rstrip(",") != said[2].rstrip(",")
    most = 2 if fault is leaking else 1  # a texel that takes part, and one that does not
    arrays = {n: a for n, a in names.items() if isinstance(a, np.ndarray) and n != "found"}
    for argument, array in arrays.items():
        points = argument in ("theta", "grid", "t_theta", "t_grid", "d_grid")
        assert array.size <= (12 if points else most**2), (argument, array.shape)
    if "out_dims" in names:
        assert max(names["out_dims"]) == 1 or name == "affine_grid"


def test_the_contract_says_nothing_of_a_texel_in_the_cell(plain):
    """A NaN that takes part, and a product that may overflow, are not judged."""
    x, grid = np.ones((1, 1, 3, 1)), np.full((1, 1, 1, 2), [0.0, 0.0])
    options = {"mode": "bilinear", "padding_mode": "zeros", "align_corners": True}
    options |= {"layout": "NHWC", "coordinates": "pixel"}
    arrays = {"x": x, "grid": grid, "d_out": np.ones((1, 1, 1, 1))}
    case = plain.case.Case("grid_sample", arrays, (1, 1), options, ("out", "d_grid"))
    assert plain.exactly.texels(case).tolist() == [[[True, True, False]]]
    assert plain.minimise.worst(case) <= 1
    assert [v.name for v in plain.judge.judge(case)] == ["out", "d_grid"]
    for at, judged in ((2, 2), (1, 0)):
        strange = x.copy()
        strange[0, 0, at] = np.nan
        other = case._replace(arrays={**arrays, "x": strange})
        assert len(list(plain.judge.judge(other))) == judged
    huge = case._replace(arrays={**arrays, "x": 1e200 * x, "d_out": 1e200 * arrays["d_out"]})
    assert [v.name for v in plain.judge.judge(huge)] == ["out"]


def test_a_stop_prints_the_summary(plain, monkeypatch, capsys):
    def stop(case):
        raise KeyboardInterrupt

    monkeypatch.setattr(plain.command, "judge", stop)
    assert plain.command.main([]) == 0
    assert "\n0 cases, 0 numbers, 0 violations, " in capsys.readouterr().out


class Stream(list):
    def __init__(self, terminal):
        self.terminal = terminal

    def isatty(self):
        return self.terminal

    def flush(self):
        pass

    write = list.append


@pytest.mark.parametrize("terminal", [True, False])
def test_progress(plain, terminal, monkeypatch):
    clock = SimpleNamespace(monotonic=lambda: clock.now, now=100.0)
    monkeypatch.setattr(plain.progress, "time", clock)
    verdict = plain.judge.Verdict("out", np.zeros(3), np.zeros(3, object), np.array([0, 0.5, 0.25]))
    stream = Stream(terminal)
    progress = plain.progress.Progress(4, None, stream)
    progress.add([verdict])
    assert not stream
    clock.now += 61
    progress.add([verdict, verdict._replace(ratios=np.array([2.0, 0, 0]))])
    shown = "".join(stream)
    assert "2 cases, 9 numbers, 1 violation, worst error 0.50 of its bound, 0.0 cases a" in shown
    assert ("[############------------] " in shown) == terminal == shown.startswith("\r")
    assert shown.endswith("\n") != terminal
    assert not progress.ended
    assert plain.progress.Progress(None, 0, stream).ended
    assert plain.progress.Progress(None, None, stream).done == 0


@pytest.mark.parametrize("regex", ["no such kind", "("])
def test_a_wrong_choice_is_refused(plain, regex, capsys):
    with pytest.raises(SystemExit) as stop:
        plain.command.main(["--only", regex])
    assert stop.value.code == 2
    assert f"--only is {regex!r}, expected" in capsys.readouterr().err


def test_the_script_runs(tmp_path):
    import os
    import subprocess

    env = {**os.environ, "NPSTN_JIT": "0", "PYTHONPATH": str(SCRIPTS.parent)}
    command = [sys.executable, str(SCRIPTS / "hunt"), "--cases", "1", "--only", "grid anywhere"]
    done = subprocess.run(
        command, env=env, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("Seed 0, plain Python")
    assert "\n1 cases, " in done.stdout
