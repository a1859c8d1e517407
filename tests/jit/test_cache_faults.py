"""Faults of the cache, replayed in sub-processes: none may give a wrong bit, a crash or an error.

A run calls a kernel and compares with plain Python. It fails on a wrong bit, an exception or a
signal, and tells how many functions it loaded and how often it warned.
"""

import os
import re
import shutil
import struct
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from support import ROOT

from npstn.kernels import compiler, store

pytestmark = pytest.mark.skipif(not compiler.JIT, reason="NPSTN_JIT=0: nothing is compiled")

FACTOR = 1.1
SCRIPT = f"""
import os, signal, sys
import numpy as np
from npstn.kernels import cache, compiler, known
from npstn.kernels.eft import two_product

def first(task, x, out):
    p, e = two_product(np.float64(x[task]), {FACTOR})
    out[task] = p + e * 2.0**60

def second(task, x, out):
    out[task] = -np.float64(x[task])

def run(kernel=first, dtype="float64"):
    x = np.sin(np.arange(1.0, 6.0)).astype(dtype)
    out, expected = np.zeros((2, 5))
    known.plain(kernel, 5, (x, expected))
    compiler.call(kernel, 5, x, out, work=0)
    if out.tobytes() != expected.tobytes():
        sys.exit(f"found {{out}}, expected {{expected}}")

def problems():
    x = np.sin(np.arange(1.0, 4.0))
    for kernel in first, second:
        compiler.call(kernel, 3, x, np.zeros(3), work=0)

def report():
    functions = [compiler.compiled(first), compiler.compiled(second), *compiler._loops.values()]
    print("loaded", sum(sum(f._cache_hits.values()) for f in functions))

known.problems = (problems,)
"""
PARALLEL = "compiler.SMALL = 0\n"
RUN = "run(), report()\n"


class Outcome(NamedTuple):
    loaded: int
    warnings: int


def start(base, script=RUN, root=ROOT, **environment):
    command = [sys.executable, "-c", SCRIPT + script]
    env = {**os.environ, "NPSTN_CACHE": str(base), "PYTHONPATH": str(root), **environment}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, cwd=root, env=env, text=True, **pipes)


def finish(process, code=0):
    out, err = process.communicate(timeout=300)
    assert process.returncode == code, err
    loaded = re.search("loaded ([0-9]+)", out)
    return Outcome(int(loaded[1]) if loaded else 0, err.count("RuntimeWarning:"))


def run(*args, code=0, **options):
    return finish(start(*args, **options), code)


def compiled(base):
    """The files of the cache, which have no business with those of dead writers."""
    return sorted(p for p in Path(base).rglob("*-*") if p.is_file())


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    base = tmp_path_factory.mktemp("made") / "cache"
    script = "run(), run(second), run(first, 'float32')\n" + PARALLEL + "run(), report()"
    assert run(base, script) == (0, 0)
    assert len(compiled(base)) == 4
    assert run(base, script) == (4, 0)
    return base


@pytest.fixture
def base(made, tmp_path):
    return Path(shutil.copytree(made, tmp_path / "cache"))


def file_of(base, pattern="first"):
    """The file of a function; of first, that for float64."""
    files = [p for p in compiled(base) if p.name.startswith(pattern)]
    return next(p for p in files if b"float32" not in p.read_bytes())


def put(path, payload):
    """Give a file another payload, as somebody would who knows about the checksum."""
    path.write_bytes(store.sealed(path, payload))


def flip(content, at):
    at %= len(content)
    return content[:at] + bytes([content[at] ^ 16]) + content[at + 1 :]


DAMAGE = {
    "empty": lambda content: b"",
    "header": lambda content: content[:50],
    "half": lambda content: content[: len(content) // 2],
    "no end": lambda content: content[:-1],
    "too long": lambda content: content + b"\0",
    "zeros": lambda content: bytes(len(content)),
    "another format": lambda content: content.replace(b"format 1", b"format 0"),
    **{f"bit at {at}": lambda content, at=at: flip(content, at) for at in (0, 40, 99, 20000, -1)},
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_file(base, damage):
    path = file_of(base)
    content = path.read_bytes()
    path.write_bytes(damage(content))
    assert path.read_bytes() != content
    assert run(base) == (0, 1)
    assert run(base) == (1, 0)  # it was replaced


def test_a_directory_for_a_file(base):
    path = file_of(base)
    path.unlink()
    path.mkdir()
    assert run(base) == (0, 1)


def test_a_damaged_loop(base):
    path = file_of(base, "loop")
    path.write_bytes(flip(path.read_bytes(), 5000))
    assert run(base, PARALLEL + RUN) == (1, 1)
    assert run(base, PARALLEL + RUN) == (2, 0)


@pytest.mark.parametrize("payload", [b"", b"no pickle", b"(S'no function'\n."])
def test_a_payload_that_is_no_function(base, payload):
    put(file_of(base), payload)
    assert run(base) == (0, 1)
    assert run(base) == (1, 0)


def test_a_changed_constant_in_the_machine_code(base):
    """The checksum is right, so only the known answers tell."""
    path = file_of(base)
    payload, constant = store.read(path), struct.pack("=d", FACTOR)
    assert constant in payload
    put(path, payload.replace(constant, struct.pack("=d", 1.25)))
    assert run(base) == (0, 1)
    assert run(base) == (1, 0)
    put(path, payload)
    assert run(base) == (1, 0)


def test_the_code_of_another_kernel(base):
    put(file_of(base), store.read(file_of(base, "second")))
    assert run(base) == (0, 1)
    assert run(base, "run(), run(second), report()") == (2, 0)


def test_the_code_for_other_arguments(base):
    double = file_of(base)
    single = next(p for p in compiled(base) if p.name.startswith("first") and p != double)
    put(double, store.read(single))
    assert run(base) == (0, 1)
    put(file_of(base, "loop"), store.read(single))
    assert run(base, PARALLEL + RUN) == (1, 1)


def test_a_file_in_the_wrong_place(base):
    shutil.copy(file_of(base, "second"), file_of(base))
    assert run(base) == (0, 1)


KILL = "os.kill(os.getpid(), signal.SIGKILL)"
KILLED = {
    "before the move": f"os.replace = lambda *_: {KILL}\n",
    "while it writes": f"""
class Half:
    def __init__(self, *args): self.file = fdopen(*args)
    def __enter__(self): return self
    def __exit__(self, *_): pass
    def write(self, content):
        self.file.write(content[: len(content) // 2]), self.file.flush(), {KILL}
fdopen, os.fdopen = os.fdopen, Half
""",
}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no SIGKILL here")
@pytest.mark.parametrize("killer", KILLED.values(), ids=KILLED)
def test_a_killed_writer(tmp_path, killer):
    run(tmp_path / "cache", killer + RUN, code=-9)
    assert len(list(tmp_path.rglob("tmp*"))) == 1
    assert compiled(tmp_path) == []
    assert run(tmp_path / "cache") == (0, 0)
    assert run(tmp_path / "cache") == (1, 0)


def test_two_writers_with_two_signatures(tmp_path):
    """One writes while the other is between writing and moving."""
    other = f"""
import subprocess
def between(*args):
    inner = {SCRIPT!r} + "run(first, 'float32')"
    subprocess.run([sys.executable, "-c", inner], check=True)
    replace(*args)
replace, os.replace = os.replace, between
run()
"""
    assert run(tmp_path / "cache", other) == (0, 0)
    assert len(compiled(tmp_path)) == 2
    assert run(tmp_path / "cache", "run(), run(first, 'float32'), report()") == (2, 0)


@pytest.mark.slow
def test_many_writers(tmp_path):
    processes = [start(tmp_path / "cache") for _ in range(8)]
    assert {finish(process).warnings for process in processes} == {0}
    assert len([p for p in tmp_path.rglob("*") if p.is_file()]) == 1
    assert run(tmp_path / "cache") == (1, 0)


EDIT = """
from pathlib import Path
source = Path(known.__file__).with_name("eft.py")
source.write_text(source.read_text().replace("134217729.0", "0.25"))
"""


def test_an_edited_helper(base, tmp_path):
    """It is in another file than the kernel. A process that began before has the old one."""
    shutil.copytree(ROOT / "npstn", tmp_path / "npstn")
    assert run(base, root=tmp_path) == (1, 0)
    assert run(base, EDIT + RUN, root=tmp_path) == (0, 0)
    assert "134217729.0" not in (tmp_path / "npstn" / "kernels" / "eft.py").read_text()
    assert run(base, root=tmp_path) == (0, 0)
    assert run(base, root=tmp_path) == (1, 0)


@pytest.mark.parametrize(
    "setting",
    [{"NUMBA_BOUNDSCHECK": "1"}, {"NUMBA_OPT": "1"}, {"NUMBA_CPU_NAME": "generic"}],
    ids=str,
)
def test_other_settings(base, setting):
    assert run(base, **setting) == (0, 0)
    assert run(base, **setting) == (1, 0)
    assert run(base) == (1, 0)


def test_a_setting_of_a_running_process(base):
    late = """
run(second)
os.environ["NUMBA_BOUNDSCHECK"] = "1"
run()
try: compiler.call(first, 2, np.ones(1), np.ones(1), work=0)
except IndexError: report()
"""
    assert run(base, late) == (1, 0)
    assert run(base) == (1, 0)


def test_settings_that_change_no_code(base):
    harmless = {"NUMBA_NUM_THREADS": "1", "NUMBA_THREADING_LAYER": "workqueue"}
    assert run(base, PARALLEL + RUN, **harmless) == (2, 0)


posix = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="there are no such rights here")


@posix
@pytest.mark.parametrize("mode", [0o777, 0o720])
@pytest.mark.parametrize("inner", [False, True])
def test_a_directory_that_others_can_write_to(base, mode, inner):
    place = file_of(base).parent if inner else base
    place.chmod(mode)
    before = compiled(base)
    assert run(base, "run(), run(second, 'float32'), report()") == (0, 1)
    assert compiled(base) == before


@posix
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() != 0, reason="only root can give away")
def test_a_directory_of_somebody_else(base):
    os.chown(base, 12345, -1)
    assert run(base) == (0, 1)


def test_a_file_for_a_base(tmp_path):
    (tmp_path / "cache").touch()
    assert run(tmp_path / "cache") == (0, 1)
    assert run(tmp_path / "cache" / "below") == (0, 1)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="there is no /proc here")
def test_a_place_where_nobody_can_write():
    assert run("/proc/npstn") == (0, 1)


@posix
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write there")
def test_a_read_only_directory(base):
    script = "run(), run(second, 'float32'), report()"
    for place in (file_of(base).parent, base):
        place.chmod(0o500)
    assert run(base, script) == (1, 1)


@posix
def test_a_full_disk(tmp_path):
    limit = """
import resource
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
"""
    assert run(tmp_path / "cache", limit + "run(), run(second), report()") == (0, 1)
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


@posix
def test_no_home(tmp_path):
    nobody = (
        "import pwd\ndef nobody(_): raise KeyError\npwd.getpwuid = nobody\ndel os.environ['HOME']\n"
    )
    assert run("", nobody + RUN, XDG_CACHE_HOME="") == (0, 1)


@posix
def test_the_default_place(tmp_path):
    home = {"HOME": str(tmp_path), "XDG_CACHE_HOME": ""}
    assert run("0", **home) == (0, 0)
    assert list(tmp_path.iterdir()) == []
    assert run("", **home) == (0, 0)
    (base,) = tmp_path.rglob("npstn")
    assert base.stat().st_mode & 0o777 == 0o700
    assert run("", **home) == (1, 0)


def test_no_stderr(tmp_path):
    assert run(tmp_path / "cache", "sys.stderr.close()\n" + RUN) == (0, 0)
    assert run(tmp_path / "cache", "sys.stderr = None\n" + RUN) == (1, 0)


def test_an_interrupt_passes(base):
    interrupt = """
def interrupted(path): raise KeyboardInterrupt
read, cache.read = cache.read, interrupted
try: run()
except KeyboardInterrupt: cache.read = read
run(), report()
"""
    assert run(base, interrupt) == (1, 0)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no pseudo-terminals here")
def test_a_terminal_is_told_what_it_waits_for(base, tmp_path):
    import pty

    for where, expected in ((tmp_path / "new", 1), (base, 0), ("0", 1)):
        master, slave = pty.openpty()
        env = {**os.environ, "NPSTN_CACHE": str(where)}
        command = [sys.executable, "-c", SCRIPT + "run(), run(second)"]
        subprocess.run(command, cwd=ROOT, env=env, stderr=slave, check=True)
        os.write(slave, b"end")
        shown = os.read(master, 10000).decode()
        assert shown.count("npstn: compiling") == shown.count("\n") == expected
        assert ("(then kept in" in shown) == (where == tmp_path / "new")


def test_a_wrong_result_would_be_seen(base):
    """Planted fault: known answers and the kernel change together, what is expected does not."""
    assert run(base, "known.plain = lambda *_: None\nrun()", code=1) == (0, 0)
