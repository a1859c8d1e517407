import dataclasses
import json
import sys

import pytest
from PIL import Image


def rows_of(folder):
    return json.loads((folder / "b.json").read_text())["rows"]


@pytest.mark.slow
def test_a_whole_run(tiny, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("NPSTN_JIT", "0")
    assert tiny.command.main(["--quick", "--out", str(tmp_path / "b")]) == 0
    printed = capsys.readouterr()
    text = (tmp_path / "b.md").read_text()
    assert text in printed.out
    assert "written: " in printed.err
    for task in ("module forward", "module forward and backward", "grid_sample forward"):
        assert f"\n| {task}, ms " in f"\n{text}"
    assert f"this one has {tiny.machine.vectors()}" in text
    rows = rows_of(tmp_path)
    sections = {"race", "variant", "further", "growth", "start"}
    sections |= {"memory"} if sys.platform == "linux" else set()
    sections |= {"threads"} if tiny.command.parse([]).threads > 1 else set()
    assert {row["section"] for row in rows} == sections
    for row in rows:
        if row["section"] == "race":
            low, high = row["quartiles_ms"]
            assert 0 < row["least_ms"] <= low <= row["median_ms"] <= high
            assert row["rounds"] == 2
            exact = row["contestant"] in ("npstn", "gather", "SciPy")
            assert all(e["relative"] < (1e-6 if exact else 1e-4) for e in row["errors"].values())
    (start,) = (row for row in rows if row["section"] == "start")
    assert start["heavy"] == []
    assert min(start["cold_s"], start["import_s"]) > 0
    with Image.open(tmp_path / "b.png") as picture:
        assert picture.size[0] == 1320


GUESTS = {"PyTorch": "torch", "OpenCV": "cv2", "OpenVINO": "openvino", "SciPy": "scipy"}


@pytest.mark.parametrize("name", GUESTS)
def test_the_guests_agree(tiny, name):
    pytest.importorskip(GUESTS[name], reason=f"{name} is not installed")
    took_part = set()
    for workload in (tiny.workload, *tiny.cases.VARIANTS.values()):
        for task in tiny.workloads.TASKS.values():
            if workload.backward or not task.backward:
                args = workload, task, ["npstn", name], tiny.cases.QUICK, False
                rows = tiny.races.contest(*args)
                took_part |= {row["variant"] for row in rows if row["contestant"] == name}
    variants = {
        "PyTorch": {"contiguous", "channels_last"},
        "OpenCV": {"warpAffine", "remap"},
        "OpenVINO": {"GridSample"},
        "SciPy": {"affine_transform"},
    }
    assert took_part == variants[name]


@pytest.mark.parametrize("name", GUESTS)
def test_a_guest_that_pads_otherwise_is_found(tiny, name, monkeypatch):
    pytest.importorskip(GUESTS[name], reason=f"{name} is not installed")
    task = tiny.workloads.TASKS["module forward" if name == "SciPy" else "grid_sample forward"]
    workload = tiny.cases.VARIANTS["photos border"]
    entries = tiny.races.CONTESTANTS[name][1]

    def wrong(inputs, task):
        plain = tiny.workload._replace(padding_mode="zeros")
        return entries(dataclasses.replace(inputs, workload=plain), task)

    monkeypatch.setitem(tiny.races.CONTESTANTS, name, (GUESTS[name], wrong))
    with pytest.raises(tiny.agreement.DisagreementError, match=f"^{name} "):
        tiny.races.checked(workload, task, ["npstn", name])


def test_again_reports_the_same(tiny, tmp_path, capsys):
    first, second = tmp_path / "b", tmp_path / "c"
    only = ["--only", "race: tiny: module forward$", "--contestants", "SciPy"]
    assert tiny.command.main(["--quick", *only, "--out", str(first)]) == 0
    assert tiny.command.main(["--again", f"{first}.json", "--out", str(second)]) == 0
    for suffix in ("json", "md"):
        assert (tmp_path / f"b.{suffix}").read_text() == (tmp_path / f"c.{suffix}").read_text()
    assert {row["contestant"] for row in rows_of(tmp_path)} == {"npstn", "SciPy"}


def test_a_race_without_rivals(tiny, tmp_path):
    only = [
        "--only",
        "race: .*grid_sample forward and",
        "--contestants",
        "SciPy",
    ]  # which has no gradients
    assert tiny.command.main(["--quick", *only, "--out", str(tmp_path / "b")]) == 0
    assert {row["contestant"] for row in rows_of(tmp_path)} == {"npstn"}
    assert (tmp_path / "b.png").exists()
    assert json.loads((tmp_path / "b.json").read_text())["goals"] == []


def test_only_and_list_filter_the_cases(script, capsys):
    assert script.command.main(["--list"]) == 0
    everything = capsys.readouterr().out.splitlines()
    assert len(everything) == len(set(everything)) > 30
    assert script.command.main(["--list", "--only", "photos: module forward$", "^growth"]) == 0
    chosen = capsys.readouterr().out.splitlines()
    assert "race: photos: module forward" in chosen
    assert "growth: module vjp" in chosen
    assert "race: photos: module forward and backward" not in chosen
    assert set(chosen) < set(everything)


def test_help_names_the_options(script, capsys):
    with pytest.raises(SystemExit) as done:
        script.command.main(["--help"])
    assert done.value.code == 0
    text = capsys.readouterr().out
    for option in ("--threads", "--only", "--quick", "--list", "--contestants", "--out", "--again"):
        assert option in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--threads", "0"), "--threads is 0, expected 1 to"),
        (("--only", "("), "'(' is no regular expression"),
        (("--only", "nothing"), "--only chooses no case"),
        (("--out", "nowhere/b"), "expected a name in an existing folder"),
        (("--contestants", "Matlab"), "invalid choice: 'Matlab'"),
        (("--again", "missing.json"), "cannot read missing.json: [Errno 2] No such file"),
        (("--again", __file__), "cannot read"),
    ],
)
def test_bad_arguments(script, arguments, message, capsys):
    with pytest.raises(SystemExit) as done:
        script.command.main([*arguments])
    assert done.value.code == 2
    assert message in capsys.readouterr().err


def test_who_is_not_installed_is_left_out(script, monkeypatch, capsys):
    monkeypatch.setattr(script.command, "installed", lambda module: module != "torch")
    options = script.command.parse([])
    assert options.contestants == ["npstn", "OpenCV", "OpenVINO", "SciPy", "gather", "copy"]
    assert capsys.readouterr().err == (
        "PyTorch is left out; to install it: pip install -e .[bench]\n"
    )
    assert not script.contestants.installed("npstn_has_no_such_module")


def test_threads_are_the_same_for_all(script, monkeypatch):
    numba = pytest.importorskip("numba")
    before = numba.get_num_threads()
    try:
        script.races.set_threads(1)
        assert numba.get_num_threads() == 1
        for module, threads in (("torch", "get_num_threads"), ("cv2", "getNumThreads")):
            if script.contestants.installed(module):
                assert getattr(sys.modules[module], threads)() == 1
    finally:
        script.races.set_threads(before)
