"""Faults of the cache, replayed: none may give a wrong bit, a crash or an error.

A run calls a kernel in a sub-process and compares with plain Python. It fails on a wrong bit, an
exception or a signal, and tells how many functions it loaded and how often it warned. To ask for a
function in this process takes no time, and tells the same; but nothing is compiled then.
"""

import os
import re
import shutil
import struct
import subprocess
import sys
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from support import ROOT

from npstn.jit import answers, cache, compiler, files

pytestmark = pytest.mark.skipif(not compiler.JIT, reason="NPSTN_JIT=0: nothing is compiled")

FACTOR = 1.1
SCRIPT = f"""
import os, signal, sys
import numpy as np
import npstn._warmup
from npstn.jit import answers, cache, compiler
from npstn.kernels.eft import two_product

def first(task, scratch, index, x, out):
    p, e = two_product(np.float64(x[task]), {FACTOR})
    out[task] = p + e * 2.0**60

def second(task, scratch, index, x, out):
    out[task] = -np.float64(x[task])

def run(kernel=first, dtype="float64", **constants):
    x = np.sin(np.arange(1.0, 6.0)).astype(dtype)
    out, expected = np.zeros((2, 5))
    answers.plain(kernel, (), 5, (1, 1), (x, expected))
    compiler.call(kernel, 5, x, out, work=0, **constants)
    if out.tobytes() != expected.tobytes():
        sys.exit(f"found {{out}}, expected {{expected}}")

def problems():
    x = np.sin(np.arange(1.0, 4.0))
    for kernel in first, second:
        compiler.call(kernel, 3, x, np.zeros(3), work=0)

def report():
    functions = {{*compiler._entries.values(), *compiler._loops.values()}}
    print("loaded", sum(sum(f._cache_hits.values()) for f in functions))

answers.problems = (problems,)
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
    found = [p for p in compiled(base) if p.name.startswith(pattern)]
    return next(p for p in found if b"float32" not in p.read_bytes())


def put(path, payload):
    """Give a file another payload, as somebody would who knows about the checksum."""
    path.write_bytes(files.sealed(path, payload))


@pytest.fixture
def load(base, monkeypatch):
    """Ask for the code of a kernel as a run would, in this process."""
    from numba import config, from_dtype, types

    scope = {"__name__": "__main__"}
    monkeypatch.setattr(answers, "problems", ())
    exec(SCRIPT, scope)

    def loaded(place=base, kernel="first", dtype="float64"):
        monkeypatch.setenv("NPSTN_CACHE", str(place))
        monkeypatch.setattr(cache, "_said", set())
        monkeypatch.setattr(config, "SLP_VECTORIZE", 1)  # as when a kernel is compiled
        twin = compiler.compiled.__wrapped__(scope[kernel])
        dtypes = np.float64, np.int32, np.dtype(dtype), np.float64
        signature = types.int64, *(types.Array(from_dtype(np.dtype(d)), 1, "C") for d in dtypes)
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            found = twin._cache.load_overload(signature, twin.targetctx)
        return Outcome(int(found is not None), len(said))

    assert loaded() == loaded(dtype="float32") == loaded(kernel="second") == (1, 0)
    assert loaded("0") == (0, 0)
    return loaded


def flip(content, at):
    at %= len(content)
    return content[:at] + bytes([content[at] ^ 16]) + content[at + 1 :]


def test_damaged_files(base, load):
    path = file_of(base)
    content = path.read_bytes()
    damaged = [content[:n] for n in (0, 50, len(content) // 2, len(content) - 1)]
    damaged += [content + b"\0", bytes(len(content)), content.replace(b"format 1", b"format 0")]
    damaged += [flip(content, at) for at in (0, 40, 99, 20000, -1)]
    for other in damaged:
        path.write_bytes(other)
        assert load() == (0, 1)
    path.write_bytes(content)
    assert load() == (1, 0)


def test_little_memory_is_no_fault_of_the_cache(load, monkeypatch):
    """To compile takes more of it than to load."""

    def fails(path):
        raise MemoryError

    monkeypatch.setattr(cache, "read", fails)
    with pytest.raises(MemoryError):
        load()


def test_a_damaged_file_is_replaced(base):
    path = file_of(base)
    path.write_bytes(path.read_bytes()[:-1])
    assert run(base) == (0, 1)
    assert run(base) == (1, 0)


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


def test_a_payload_that_is_no_function(base, load):
    for payload in b"", b"no pickle", b"(S'no function'\n.", b"(t.":
        put(file_of(base), payload)
        assert load() == (0, 1)
    assert run(base) == (0, 1)
    assert load() == (1, 0)


def test_a_changed_constant_in_the_machine_code(base, load):
    """The checksum is right, so only the known answers tell."""
    path = file_of(base)
    payload, constant = files.read(path), struct.pack("=d", FACTOR)
    assert constant in payload
    put(path, payload.replace(constant, struct.pack("=d", 1.25)))
    assert load() == (0, 1)
    assert run(base) == (0, 1)
    assert load() == (1, 0)
    put(path, payload)
    assert load() == (1, 0)


def test_the_code_of_another_kernel(base, load):
    put(file_of(base), files.read(file_of(base, "second")))
    assert load() == (0, 1)
    assert load(kernel="second") == (1, 0)


def test_the_code_for_other_arguments(base, load):
    double = file_of(base)
    single = next(p for p in compiled(base) if p.name.startswith("first") and p != double)
    put(double, files.read(single))
    assert load() == (0, 1)
    put(file_of(base, "loop"), files.read(single))
    assert run(base, PARALLEL + RUN) == (0, 1)


def test_a_file_in_the_wrong_place(base, load):
    shutil.copy(file_of(base, "second"), file_of(base))
    assert load() == (0, 1)


KILL = "os.kill(os.getpid(), signal.SIGKILL)"
KILLED = {
    "before the move": f"os.replace = lambda *_, **__: {KILL}\n",
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
def test_a_killed_writer(tmp_path, load, killer):
    run(tmp_path / "new", killer + RUN, code=-9)
    assert len(list((tmp_path / "new").rglob("tmp*"))) == 1
    assert load(tmp_path / "new") == (0, 0)
    assert run(tmp_path / "new") == (0, 0)
    assert load(tmp_path / "new") == (1, 0)


def test_two_writers_with_two_signatures(tmp_path, load):
    """One writes while the other is between writing and moving."""
    other = f"""
import subprocess
def between(*args, **folders):
    inner = {SCRIPT!r} + "run(first, 'float32')"
    subprocess.run([sys.executable, "-c", inner], check=True)
    replace(*args, **folders)
replace, os.replace = os.replace, between
run()
"""
    assert run(tmp_path / "new", other) == (0, 0)
    assert len(compiled(tmp_path / "new")) == 2
    assert load(tmp_path / "new") == load(tmp_path / "new", dtype="float32") == (1, 0)


@pytest.mark.slow
def test_many_writers(tmp_path, load):
    processes = [start(tmp_path / "new") for _ in range(5)]
    assert {finish(process).warnings for process in processes} == {0}
    assert len([p for p in (tmp_path / "new").rglob("*") if p.is_file()]) == 1
    assert load(tmp_path / "new") == (1, 0)


EDIT = """
from pathlib import Path
source = Path(answers.__file__).parents[1] / "kernels" / "eft.py"
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
def test_other_settings(base, load, setting):
    assert run(base, **setting) == (0, 0)
    assert run(base, **setting) == (1, 0)
    assert load() == (1, 0)


def test_a_setting_of_a_running_process(base, load):
    late = """
run(second)
os.environ["NUMBA_BOUNDSCHECK"] = "1"
run()
try: compiler.call(first, 2, np.ones(1), np.ones(1), work=0)
except IndexError: report()
"""
    assert run(base, late) == (1, 0)
    assert load() == (1, 0)


def test_constants_that_change_no_code(tmp_path, load):
    """Neither a kernel nor its loop has to do with them."""
    assert run(tmp_path / "new", PARALLEL + "run(OTHER=1), report()") == (0, 0)
    names = sorted(path.name.split("-")[0] for path in compiled(tmp_path / "new"))
    assert names == ["first", "loop"]
    assert load(tmp_path / "new") == (1, 0)


def test_settings_that_change_no_code(base):
    harmless = {"NUMBA_NUM_THREADS": "1", "NUMBA_THREADING_LAYER": "workqueue"}
    assert run(base, PARALLEL + RUN, **harmless) == (2, 0)


posix = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="there are no such rights here")


@posix
@pytest.mark.parametrize("inner", [False, True])
def test_a_directory_that_others_can_write_to(base, load, inner):
    place = file_of(base).parent if inner else base
    for mode in 0o777, 0o720, 0o702:
        place.chmod(mode)
        assert load() == (0, 1)
    place.chmod(0o755)
    assert load() == (1, 0)
    place.chmod(0o720)
    if not inner:
        before = compiled(base)
        assert run(base, "run(), run(second, 'float32'), report()") == (0, 1)
        assert compiled(base) == before


@posix
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() != 0, reason="only root can give away")
def test_a_directory_of_somebody_else(base, load):
    os.chown(base, 12345, -1)
    assert load() == (0, 1)


def test_a_file_for_a_base(tmp_path, load):
    (tmp_path / "file").touch()
    assert load(tmp_path / "file" / "below") == (0, 1)
    assert run(tmp_path / "file") == (0, 1)


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
    assert run(tmp_path / "new", limit + "run(), run(second), report()") == (0, 1)
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


@pytest.mark.parametrize("inodes", [1, 2, 3])
def test_no_inodes(tmp_path, inodes):
    """Room for the folder itself, then for one of npstn's in it, then for one of two files."""
    base = tmp_path / "new"
    base.mkdir(mode=0o700)
    few = ["-o", f"nr_inodes={inodes},mode=700", "tmpfs", str(base)]
    if shutil.which("mount") is None:
        pytest.skip("no mount command")
    mounted = subprocess.run(["mount", "-t", "tmpfs", *few], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("only root may mount a file system")
    try:
        assert run(base, "run(), run(second), report()") == (0, 1)
        assert run(base) == ((1, 0) if inodes == 3 else (0, 1))
    finally:
        subprocess.run(["umount", str(base)], check=True)


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
    assert run(tmp_path / "new", "sys.stderr.close()\n" + RUN) == (0, 0)
    assert run(tmp_path / "new", "sys.stderr = None\n" + RUN) == (1, 0)


def test_an_interrupt_passes(base):
    interrupt = """
def interrupted(path): raise KeyboardInterrupt
read, cache.read = cache.read, interrupted
try: run()
except KeyboardInterrupt: cache.read = read
run(), report()
"""
    assert run(base, interrupt) == (1, 0)


def test_who_waits_is_told_but_only_of_what_is_compiled(base, tmp_path):
    wait = "from npstn.jit import notice\nnotice.AFTER = 0\nrun(), run(second)"
    for where, expected in ((tmp_path / "new", 1), (base, 0), ("0", 1)):
        env = {**os.environ, "NPSTN_CACHE": str(where), "NPSTN_QUIET": "0"}
        command = [sys.executable, "-c", SCRIPT + wait]
        done = subprocess.run(command, cwd=ROOT, env=env, stderr=subprocess.PIPE, check=True)
        shown = done.stderr.decode()
        assert shown.count("npstn: compiling call") == shown.count("\n") == expected
        assert (f"then kept in {where}\n" in shown) == (where == tmp_path / "new")


def test_a_wrong_result_would_be_seen(base):
    """Planted fault: known answers and the kernel change together, what is expected does not."""
    assert run(base, "answers.plain = lambda *_: None\nrun()", code=1) == (0, 0)
