"""The guard of the machine code: one rounding for each operation."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from npstn.jit import compiler

SCRIPT = Path(__file__).parents[2] / "scripts" / "assembly.py"
CLEAN = """
  vmulsd %xmm1, %xmm0, %xmm0
  vaddsd %xmm2, %xmm0, %xmm0
  fmul d0, d0, d1
  fadd d0, d0, d2
  fmov d0, x1
  fcvt s0, d0
  fcmp d0, d1
  b .LBB0_1
  movabsq $.numba.fmadd.const, %rax
  callq .numba.unicode.format
"""


@pytest.fixture(scope="module")
def assembly() -> Iterator[ModuleType]:
    sys.path.insert(0, str(SCRIPT.parent))
    import assembly

    yield assembly
    sys.path.remove(str(SCRIPT.parent))


@pytest.mark.parametrize(
    "line",
    [
        "\tvfmadd213sd\t%xmm2, %xmm1, %xmm0",
        "\tvfnmsub231ps\t(%rax), %zmm1, %zmm0",
        "\tvfmaddsub132pd\t%ymm2, %ymm1, %ymm0",
        "\tfmadd\td0, d0, d1, d2",
        "\tfnmsub\ts0, s0, s1, s2",
        "\tfmla\tv0.2d, v1.2d, v2.2d",
        "\tbl\tfma",
        "\tcallq\tfmaf@PLT",
        "\tmovabsq\t$fma, %rax",
        "\tb\tfma",
        "\tfmad\tz0.d, p0/m, z1.d, z2.d",
        "\tfnmsb\tz0.d, p0/m, z1.d, z2.d",
        "\tfnmla\tz0.d, p0/m, z1.d, z2.d",
        "\tfcmla\tv0.2d, v1.2d, v2.2d, #90",
        "\tvfcmaddcph\t%zmm2, %zmm1, %zmm0",
    ],
)
def test_fused_instructions(assembly, line):
    assert list(assembly.faults("", CLEAN)) == []
    assert list(assembly.faults("", f"{CLEAN}{line}\n")) == [f"assembly: {line.strip()}"]


@pytest.mark.parametrize(
    "line",
    [
        "%3 = fmul contract double %1, %2",
        "%3 = fadd fast float %1, %2",
        "%3 = fdiv nnan arcp double %1, %2",
        "%3 = fcmp ninf olt double %1, %2",
        "%3 = tail call reassoc double @llvm.sqrt.f64(double %1)",
        "%3 = tail call double @llvm.fmuladd.f64(double %1, double %2, double %2)",
        "%3 = fptrunc fast double %1 to float",
        "%3 = invoke fast double @f(double %1) to label %4 unwind label %5",
        "%3 = call double @fma(double %1, double %2, double %2)",
        "%3 = call double @llvm.experimental.constrained.fmuladd.f64(double %1, double %2)",
        'attributes #0 = { nounwind "unsafe-fp-math"="true" }',
        'attributes #0 = { nounwind "no-signed-zeros-fp-math"="true" }',
    ],
)
def test_loose_llvm(assembly, line):
    clean = "%3 = fmul double %1, %2\n%4 = fcmp olt double %3, %1\n"
    assert list(assembly.faults(clean, "")) == []
    assert list(assembly.faults(f"{clean}  {line}\n", "")) == [f"LLVM: {line}"]


@pytest.mark.skipif(not compiler.JIT, reason="NPSTN_JIT=0: nothing is compiled")
@pytest.mark.parametrize("fastmath", [False, {"contract"}])
def test_what_the_compiler_makes(assembly, fastmath):
    import numba

    product = numba.njit("f8(f8, f8, f8)", fastmath=fastmath)(lambda a, b, c: a * b + c)
    guard = assembly.Guard()
    guard.judge("product", product.overloads[product.signatures[0]].library)
    assert guard.seen["functions"] == 1
    assert guard.seen["operations"] >= 2
    assert bool(guard.found) == bool(fastmath)


@pytest.mark.skipif(not compiler.JIT, reason="NPSTN_JIT=0: nothing is compiled")
def test_kernels_go_through_the_guard(assembly, tmp_path):
    """One kernel that permits what it must not: the script finds it, and says so."""
    loose = (
        "import runpy, sys; from npstn.jit import compiler; "
        "compiler._OPTIONS['fastmath'] = {'contract'}; "
        f"sys.argv[0] = {str(SCRIPT)!r}; runpy.run_path({str(SCRIPT)!r}, run_name='__main__')"
    )
    few = ["--ranks", "2", "--modes", "nearest", "--dtypes", "float32", "--part", "1/99"]
    for options, code in ([str(SCRIPT)], 0), (["-c", loose], 1):
        run = subprocess.run(
            [sys.executable, *options, *few],
            env={
                **os.environ,
                "NPSTN_CACHE": str(tmp_path / str(code)),
                "PYTHONPATH": str(SCRIPT.parent),
            },
            cwd=SCRIPT.parents[1],
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == code, run.stdout + run.stderr
        assert run.stdout.endswith(": 0 faults\n") == (code == 0)
        assert ("LLVM: " in run.stdout) == bool(code)
