"""npstn audit: the program's own arguments, output and status, and a report however it ends."""

import json
import pickle
import sys
import threading

import pytest

pytest.importorskip("torch", reason="it is PyTorch that is audited")

from npstn.cli import main
from npstn.conformance import audit

PROGRAM = """
import sys, torch
grid = torch.nn.functional.affine_grid(torch.eye(2, 3)[None], (1, 1, 4, 5), align_corners=False)
out = torch.nn.functional.grid_sample(torch.ones(1, 1, 4, 5), grid, align_corners={align})
print(sys.argv[1:], __name__)
{end}
"""


@pytest.fixture
def audited(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(sys.modules[audit.__module__], "warm", lambda dialect: None)
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])  # it is replaced

    def run(end="", align=False, *, options=()):
        path = tmp_path / "program.py"
        path.write_text(PROGRAM.format(end=end, align=align), "utf-8")
        before = sys.argv[:], sys.path[:]
        status = main(["audit", "--every", "1", *options, str(path), "--epochs", "2"])
        assert (sys.argv, sys.path) == before
        said = capsys.readouterr()
        assert said.out.splitlines()[0] == "['--epochs', '2'] __main__"
        assert f"grid_sample at {path}:4: 1 calls, 1 judged" in said.err
        return status, said.err

    return run


@pytest.mark.parametrize(
    ("end", "status", "words"),
    [
        ("", 0, ""),
        ("sys.exit(3)", 3, ""),
        ("sys.exit('no data')", 1, "no data"),
        ("raise KeyError('epoch')", 1, "KeyError: 'epoch'"),
        ("raise KeyboardInterrupt", 130, ""),
    ],
)
def test_a_program_ends_in_its_own_way(audited, end, status, words):
    found, said = audited(end)
    assert found == status
    assert words in said


def test_a_program_may_leave_a_pool_open(audited):
    """What it still has to do is done; threads that were there before are none of its own."""
    ended = threading.Event()
    other = threading.Thread(target=ended.wait)
    other.start()
    end = "import concurrent.futures, time\npool = concurrent.futures.ThreadPoolExecutor(2)\n"
    end += "def work(k): time.sleep(0.1), print('work', k, file=sys.stderr)\n"
    end += "for k in range(3): pool.submit(work, k)"
    try:
        found, said = audited(end)
    finally:
        ended.set()
        other.join()
    assert found == 0
    assert [k for k in range(3) if f"work {k}\n" in said] == [0, 1, 2]
    assert said.index("work 2") < said.index("grid_sample at")


def test_a_mistake_is_the_status(audited, tmp_path):
    report = tmp_path / "report\x9b"  # a terminal must not obey it
    options = ["--report", str(report), "--json", str(tmp_path / "audit.json")]
    status, said = audited(align=True, options=options)
    assert status == 1
    assert "align_corners differs between affine_grid at line 3 of program.py (False)" in said
    assert (report / "audit.html").exists()
    assert rf"wrote {tmp_path / 'report'}\x9b" in said
    data = json.loads((tmp_path / "audit.json").read_text("utf-8"))
    assert [site["op"] for site in data["sites"]] == ["affine_grid", "grid_sample"]


def test_a_program_may_go_elsewhere_and_pickle(audited, tmp_path, monkeypatch):
    """Files are where they were asked for, and classes of the program are found afterwards."""
    monkeypatch.chdir(tmp_path)
    end = "import os, pickle\nos.mkdir('new'), os.chdir('new')\nassert os.path.isabs(__file__)\n"
    end += "class Own: pass\nkept = pickle.dumps(Own())"
    status, _ = audited(end, options=["--report", "report", "--json", "audit.json"])
    assert status == 0
    assert (tmp_path / "report" / "audit.txt").exists()
    json.loads((tmp_path / "audit.json").read_text("utf-8"))
    own = pickle.loads(sys.modules["__main__"].kept)
    assert type(own).__module__ == "__main__"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["missing.py"], "PROGRAM is missing.py, expected a file of Python"),
        (["--budget", "0", "x.py"], "0 is no share, expected 10% or 0.1"),
        (["--budget", "lots", "x.py"], "invalid share value: 'lots'"),
        ([], "required: PROGRAM"),
    ],
)
def test_bad_arguments(arguments, words, capsys):
    assert main(["audit", *arguments]) == 2
    assert words in capsys.readouterr().err
