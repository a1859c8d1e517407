"""The command itself: how it finds its sub-commands, and how it ends."""

import io
import os
import shlex
import subprocess
import sys
from configparser import ConfigParser
from importlib import import_module
from importlib.metadata import EntryPoint

import pytest
from support import ROOT

import npstn
from npstn import cli
from npstn.jit import notice

PLAIN = {**os.environ, "NPSTN_JIT": "0", "PYTHONPATH": str(ROOT)}


def doc(name):
    return import_module(f"npstn.cli.{name}").__doc__


def fail(error):
    def run(options):
        raise error

    return run


def test_alone_it_prints_help(capsys):
    assert cli.main([]) == 0
    out, err = capsys.readouterr()
    assert not err
    for name in cli.COMMANDS:
        assert f"  {name}" in out
        assert doc(name).partition("\n")[0] in out
    assert cli.main(["--help"]) == 0
    assert capsys.readouterr().out == out


def test_version(capsys):
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"npstn {npstn.__version__}\n"


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_help_of_a_command_has_all_of_its_docstring(name, capsys):
    assert cli.main([name, "--help"]) == 0
    out, err = capsys.readouterr()
    assert not err
    for line in doc(name).splitlines():
        assert line in out
    assert max(map(len, out.splitlines())) <= 100


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_example_parses(name):
    examples = doc(name).partition("for example:\n")[2].splitlines()
    assert examples
    for example in examples:
        program, *arguments = shlex.split(example)
        assert program == "npstn"
        assert arguments[0] == name
        cli.parse(arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["dmo"],
            "demo, plot, info, warmup: did you mean demo?",
        ),
        (
            ["xyz"],
            "npstn: no command 'xyz', expected one of check, identify, audit, goldens, ",
        ),
        (["--colour"], "npstn: unrecognized arguments: --colour (see npstn --help)"),
        (["info", "--jsn"], "npstn info: unrecognized arguments: --jsn (see npstn info --help)"),
        (["demo", "--size", "x"], "npstn demo: argument --size: invalid int value: 'x'"),
        (
            ["demo", "--out", "no/a.png"],
            "argument --out: no/a.png is no file in an existing folder",
        ),
    ],
)
def test_bad_arguments_get_one_line(arguments, message, capsys):
    assert cli.main(arguments) == 2
    out, err = capsys.readouterr()
    assert not out
    assert message in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("number", ["-1e-3", "-.5", "-1E5", "-2"])
def test_negative_numbers_are_no_options(number):
    assert cli.parse(["plot", "--theta", number, "1"])[1].theta == [number, "1"]


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ValueError("x is 1,\nexpected 2"), "x is 1, expected 2"),
        (TypeError("t"), "t"),
        (ValueError("\033[2J é"), r"\x1b[2J é"),
        (ValueError(), "ValueError"),
        (FileNotFoundError(2, "No such file", "a.png"), "a.png: No such file"),
    ],
)
def test_errors_of_the_user(error, line, monkeypatch, capsys):
    monkeypatch.setattr("npstn.cli.info.run", fail(error))
    assert cli.main(["info"]) == 2
    assert capsys.readouterr() == ("", f"npstn info: {line}\n")
    assert cli.main(["info", "--traceback"]) == 2
    err = capsys.readouterr().err
    assert err.startswith("Traceback")
    assert type(error).__name__ in err


def test_errors_of_ours_are_not_hidden(monkeypatch):
    monkeypatch.setattr("npstn.cli.info.run", fail(ZeroDivisionError()))
    with pytest.raises(ZeroDivisionError):
        cli.main(["info"])


def test_exit_statuses(monkeypatch):
    for error, status in (KeyboardInterrupt(), 130), (BrokenPipeError(), 141):
        monkeypatch.setattr("npstn.cli.info.run", fail(error))
        assert cli.main(["info"]) == status
    monkeypatch.setattr("npstn.cli.info.run", lambda options: 1)
    assert cli.main(["info"]) == 1


def test_the_script_is_installed_as_npstn():
    setup = ConfigParser()
    setup.read(ROOT / "setup.cfg")
    scripts = setup["options.entry_points"]["console_scripts"]
    assert EntryPoint("", scripts.strip().partition(" = ")[2], "").load() is cli.main
    assert scripts.split()[0] == "npstn"


@pytest.mark.parametrize("arguments", [["--help"], *([name, "--help"] for name in cli.COMMANDS)])
def test_help_imports_nothing_heavy(arguments):
    heavy = "'numba', 'llvmlite', 'scipy', 'matplotlib', 'numpy.random'"
    code = f"import sys; from npstn.cli import main; main({arguments}); "
    code += f"print(*{{{heavy}}} & set(sys.modules), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stderr.strip() == ""
    assert done.returncode == 0
    assert "usage: npstn" in done.stdout


@pytest.mark.skipif("os.name == 'nt'")
@pytest.mark.parametrize(
    ("arguments", "unbuffered"), [(["info"], ""), (["info"], "1"), (["--help"], "")]
)
def test_a_reader_that_goes_away(arguments, unbuffered):
    reader, writer = os.pipe()
    os.close(reader)
    command, env = [sys.executable, "-m", "npstn"], {**PLAIN, "PYTHONUNBUFFERED": unbuffered}
    pipes = {"stdout": writer, "stderr": subprocess.PIPE, "text": True}
    done = subprocess.run([*command, *arguments], env=env, **pipes)
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.skipif("os.name == 'nt'")
@pytest.mark.parametrize(
    ("arguments", "status"), [(["info"], 0), (["--help"], 0), (["spec", "R1"], 0), (["no"], 2)]
)
def test_streams_that_are_closed_before_the_start(arguments, status):
    line = shlex.join([sys.executable, "-W", "error", "-m", "npstn", *arguments])
    for closed in ">&-", "2>&-", "<&- >&- 2>&-":
        done = subprocess.run(f"{line} {closed}", shell=True, env=PLAIN, capture_output=True)
        assert done.returncode == status
        assert done.stderr.count(b"\n") == (status == 2 and closed == ">&-")
        assert bool(done.stdout) == (status == 0 and closed == "2>&-")


@pytest.mark.parametrize("left", ["None", "closed"])
def test_a_stream_that_an_audited_program_has_taken_away(left, monkeypatch):
    def run(options):
        sys.stdout = None if left == "None" else io.StringIO()
        if sys.stdout:
            sys.stdout.close()
        return 0

    monkeypatch.setattr("npstn.cli.info.run", run)
    assert cli.main(["info"]) == 0


@pytest.mark.skipif("not os.path.exists('/dev/full')")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_disk_is_said_in_one_line(unbuffered):
    env = {**PLAIN, "PYTHONUNBUFFERED": unbuffered}
    with open("/dev/full", "w") as full:
        pipes = {"stdout": full, "stderr": subprocess.PIPE, "text": True}
        done = subprocess.run([sys.executable, "-m", "npstn", "info"], env=env, **pipes)
    assert done.returncode == 2
    who = "npstn info" if unbuffered else "npstn"
    assert done.stderr == f"{who}: No space left on device\n"


@pytest.mark.skipif("not os.path.exists('/dev/full')")
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("arguments", [["info"], ["nonsense"], ["--help"], ["info", "--nonsense"]])
def test_where_all_is_full_the_status_says_it(arguments, unbuffered):
    env = {**PLAIN, "PYTHONUNBUFFERED": unbuffered}
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "npstn", *arguments]
        done = subprocess.run(command, env=env, stdout=full, stderr=full)
    assert done.returncode == 2


def test_a_program_that_exits_with_words(monkeypatch, capsys):
    monkeypatch.setattr(cli, "_module", fail(SystemExit("no\nsuch\x1b thing")))
    assert cli.main(["demo"]) == 2
    assert capsys.readouterr().err == "npstn: no such\\x1b thing\n"


@pytest.mark.parametrize("shown", [(), ("--traceback",)])
def test_a_command_that_cannot_be_loaded(monkeypatch, capsys, shown):
    monkeypatch.setattr(cli, "_module", fail(ValueError("NPSTN_JIT is 'maybe'")))
    assert cli.main(["demo", *shown]) == 2
    err = capsys.readouterr().err
    assert err.startswith("Traceback") if shown else err == "npstn demo: NPSTN_JIT is 'maybe'\n"


INTERRUPTED = """
from signal import SIGINT, default_int_handler, signal as handle
handle(SIGINT, default_int_handler)  # a shell may have had it ignored
import os, signal, sys
from matplotlib.figure import Figure
from npstn.cli import main

def savefig(self, file, **options):
    file.write(b"half")
    os.kill(os.getpid(), signal.SIGINT)

Figure.savefig = savefig
sys.exit(main(["plot", "--size", "16"]))
"""


@pytest.mark.skipif("os.name == 'nt'")
def test_ctrl_c_leaves_no_file(tmp_path):
    command = [sys.executable, "-W", "error", "-c", INTERRUPTED]
    done = subprocess.run(command, cwd=tmp_path, env=PLAIN, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")
    assert not list(tmp_path.iterdir())


def test_who_waits_for_the_compiler_is_told_for_which_command(monkeypatch, capsys):
    def run(options):
        with notice.compiling("a function of npstn"):
            notice.missing(None)
            notice._here.wait.timer.join()
        return 0

    monkeypatch.setattr(notice, "AFTER", 0.0)
    monkeypatch.setenv("NPSTN_QUIET", "0")
    monkeypatch.setattr("npstn.cli.info.run", run)
    assert cli.main(["info"]) == 0
    assert "npstn: compiling the functions of npstn info for" in capsys.readouterr().err
