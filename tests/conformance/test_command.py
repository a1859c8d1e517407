"""Programs that read and write folders of arrays."""

import json
import os
import shutil
import subprocess
import sys
import time

import numpy as np
import pytest
from support import ROOT, frozen

import npstn
from npstn.conformance.command import Command

PROGRAM = f"'{sys.executable}' '{ROOT}/tests/shared/support/program.py' {{in}} {{out}}"
X = frozen(np.arange(12.0).reshape(1, 3, 4, 1))
GRID = frozen(np.zeros((1, 2, 5, 2), np.float32))
D_OUT = frozen(np.ones((1, 2, 5, 1)))


def test_a_result():
    with Command(PROGRAM, op="grid_sample") as backend:
        found = backend.call("fn", (X, GRID + 1), {"mode": "bilinear"})
    assert found.failure is None
    assert found.types == ("numpy.ndarray",)
    (out,) = found.results
    assert out.dtype == X.dtype
    np.testing.assert_array_equal(out, np.full((1, 2, 5, 1), X.sum() + 20))
    assert backend.backend.op == "grid_sample"


def test_cotangents():
    with Command(PROGRAM, op="grid_sample", vjp=True) as backend:
        found = backend.call("vjp", (X, GRID), {}, D_OUT)
    d_x, d_grid = found.results
    assert (d_x.shape, d_x.dtype) == (X.shape, X.dtype)
    assert (d_grid.shape, d_grid.dtype) == (GRID.shape, GRID.dtype)
    assert d_x[0, 0, 0, 0] == X.sum() + D_OUT.sum()
    with Command(PROGRAM) as backend, pytest.raises(ValueError, match="has no vjp"):
        backend.call("vjp", (X, GRID), {}, D_OUT)


def told(command, *call):
    """The manifest that a program got."""
    found = command.call(*call)
    assert found.failure.kind == "exited"
    return json.loads(found.failure.text.removeprefix("exit code 9: "))


def test_the_manifest():
    command = Command(f"{PROGRAM} tell", op="grid_sample", dialect="torch", vjp=True)
    x, grid = X.reshape(1, 1, 3, 4), GRID.astype(np.float64)[:, ::2]
    options = {"mode": "nearest", "align_corners": np.True_}
    assert told(command, "vjp", (x, grid), options, D_OUT[:, :1].reshape(1, 1, 1, 5)) == {
        "format": 1,
        "call": "vjp",
        "dialect": "torch",
        "op": "grid_sample",
        "arrays": [
            {"name": "d_out", "file": "d_out.bin", "dtype": "<f8", "shape": [1, 1, 1, 5]},
            {"name": "input", "file": "input.bin", "dtype": "<f8", "shape": [1, 1, 3, 4]},
            {"name": "grid", "file": "grid.bin", "dtype": "<f8", "shape": [1, 1, 5, 2]},
        ],
        "sizes": {},
        "options": {"mode": "nearest", "align_corners": True},
        "results": [
            {"name": "d_input", "file": "d_input.bin", "dtype": "<f8", "shape": [1, 1, 3, 4]},
            {"name": "d_grid", "file": "d_grid.bin", "dtype": "<f8", "shape": [1, 1, 5, 2]},
        ],
    }


def test_sizes_and_numbers_that_are_not_finite():
    command = Command(f"{PROGRAM} tell", op="warp_affine", dialect="scipy", fixed={"order": 1})
    call = (np.eye(3), np.eye(2), np.zeros(2), (2, 5)), {"cval": -1.5}
    found = told(command, "fn", *call)
    assert found["sizes"] == {"output_shape": [2, 5]}
    assert found["options"] == {"order": 1, "cval": -1.5}
    assert [a["name"] for a in found["arrays"]] == ["input", "matrix", "offset"]
    assert found["results"][0]["shape"] == [2, 5]
    assert told(command, "fn", call[0], {"cval": -np.inf})["options"]["cval"] == "-inf"
    theta = np.zeros((1, 2, 3), np.float32)
    command = Command(f"{PROGRAM} tell", op="affine_grid")
    found = told(command, "fn", (theta, (4, 5)), {})
    assert found["results"] == [
        {"name": "grid", "file": "grid.bin", "dtype": "<f8", "shape": [1, 4, 5, 2]}
    ]


def test_a_call_that_is_an_error_has_no_shape():
    empty = np.zeros((1, 0, 4, 1))
    assert told(Command(f"{PROGRAM} tell"), "fn", (empty, GRID), {})["results"][0]["shape"] is None
    assert Command(PROGRAM).call("fn", (empty, GRID), {}).results[0].shape == (3,)


@pytest.mark.parametrize(
    ("how", "kind", "text"),
    [
        ("hang", "hung", "no answer in 1 s"),
        ("refuse", "exited", "exit code 1: no mode nearest"),
        ("silent", "raised", "there is no file out.bin"),
        ("short", "raised", "out.bin has 72 bytes, expected 80 for float64 of shape (1, 2, 5, 1)"),
        ("abort", "died", "SIGABRT"),
    ],
)
def test_failures(how, kind, text):
    timeout = 1.0 if how == "hang" else 30.0
    start = time.monotonic()
    found = Command(f"{PROGRAM} {how}", timeout=timeout).call("fn", (X, GRID), {"mode": "nearest"})
    assert time.monotonic() - start < 30.0  # and not the minute that it hangs
    assert found.failure == (kind, text)
    assert found.results == ()


@pytest.mark.skipif(os.name != "posix", reason="it needs a file mode")
def test_a_file_that_is_no_program(tmp_path):
    program = tmp_path / "kernel"
    program.write_bytes(b"\0")
    program.chmod(0o755)
    found = Command(f"'{program}' {{in}} {{out}}").call("fn", (X, GRID), {})
    assert found.failure == ("raised", f"{program} does not start: Exec format error")


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("./no_such_kernel {in} {out}", "there is no program ./no_such_kernel"),
        ("python {in}", "expected {in} and {out} in it"),
        ("'python {in} {out}", "No closing quotation"),
    ],
)
def test_a_template_that_is_none(template, text):
    with pytest.raises(ValueError, match=text):
        Command(template)


KERNEL = r"""
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* affine_grid of one map, aligned: grid = theta (x, y, 1). */
int main(int argc, char **argv) {
    char path[4096], text[65536] = {0};
    double theta[6];
    long shape[4];
    snprintf(path, sizeof path, "%s/manifest.json", argv[1]);
    FILE *f = fopen(path, "rb");
    if (!f || !fread(text, 1, sizeof text - 1, f)) return 1;
    fclose(f);
    char *at = strchr(strstr(strstr(text, "\"results\""), "\"shape\""), '[') + 1;
    for (int k = 0; k < 4; k++) shape[k] = strtol(at, &at, 10), at++;
    snprintf(path, sizeof path, "%s/theta.bin", argv[1]);
    f = fopen(path, "rb");
    if (!f || fread(theta, sizeof(double), 6, f) != 6) return 2;
    fclose(f);
    snprintf(path, sizeof path, "%s/grid.bin", argv[2]);
    f = fopen(path, "wb");
    for (long i = 0; i < shape[1]; i++)
        for (long j = 0; j < shape[2]; j++)
            for (int k = 0; k < 2; k++) {
                double x = 2.0 * j / (shape[2] - 1) - 1, y = 2.0 * i / (shape[1] - 1) - 1;
                double p = theta[3 * k] * x + theta[3 * k + 1] * y + theta[3 * k + 2];
                fwrite(&p, sizeof p, 1, f);
            }
    return fclose(f);
}
"""


@pytest.mark.skipif(shutil.which("cc") is None, reason="it compiles a program")
@pytest.mark.skipif(sys.byteorder != "little", reason="the program reads its own byte order")
def test_a_program_in_c(tmp_path):
    (tmp_path / "kernel.c").write_text(KERNEL)
    args = ["cc", "-std=c99", "-Wall", "-Werror", "-o", tmp_path / "kernel", tmp_path / "kernel.c"]
    subprocess.run(args, check=True)
    theta = np.array([[[0.75, 0.25, -0.5], [-0.125, 1.5, 0.25]]])
    with Command(f"'{tmp_path / 'kernel'}' {{in}} {{out}}", op="affine_grid") as backend:
        found = backend.call("fn", (theta, (5, 9)), {"align_corners": True})
    np.testing.assert_array_equal(found.results[0], npstn.affine_grid(theta, (5, 9)))
