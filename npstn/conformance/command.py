"""A program in any language as a backend: it reads a folder of arrays and writes another.

The format
----------
A call is a folder with ``manifest.json`` and a file for each array. An array is its numbers, little
endian, in C order (the last axis moves fastest), and nothing else: no header, no padding. An empty
array is an empty file. The manifest is an object of these members:

format : 1
    Version of this format.
call : "fn" or "vjp"
    The function, or its vector-Jacobian product.
dialect, op : str
    A system and the name of its function: "torch" and "grid_sample". ``npstn.dialects`` has them.
arrays : list of {name, file, dtype, shape}
    The arrays in the order of the function's arguments, under its own names; for a vjp the
    cotangent comes first. ``dtype`` is "<f4" or "<f8", ``file`` is a name in the folder.
sizes : object
    Sizes of the output by name, each a number, a list of numbers or null.
options : object
    Values by name: a string, number, boolean, null, or a list of numbers. A number that is not
    finite is "nan", "inf" or "-inf".
results : list of {name, file, dtype, shape}
    What the program writes, each to this file in the other folder: the result, called out, grid or
    theta; for a vjp the cotangents d_x, d_grid, ... of the arrays. ``shape`` is null where the
    dialect says that the call is an error: a program is right to fail.

The program gets both folders in its command line, ends with exit code 0, or with another one and a
line on standard error that says why.
"""

import json
import math
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._hints import kind, shown
from . import _ops
from ._backend import Backend, Which, elsewhere
from ._channel import Failure, ended, kill
from .isolation import Caller, Outcome

FORMAT = 1
MANIFEST = "manifest.json"


class Command(Caller):
    """A program called with folders of arrays.

    Parameters
    ----------
    template : str
        Its command line, "./my_kernel {in} {out}", split into words as by a shell, but run by none.
    op, dialect, version : str, optional
        As in :func:`.adapters.load`.
    vjp : bool
        Whether it has a vjp.
    fixed : mapping
        Options that it has and does not take.
    timeout : float
        Seconds that a call may take.
    """

    def __init__(
        self,
        template: str,
        *,
        op: str | None = None,
        dialect: str = "npstn",
        version: str | None = None,
        vjp: bool = False,
        fixed: Mapping[str, Any] | None = None,
        timeout: float = 60.0,
    ) -> None:
        self.words, self.timeout = _words(template), timeout
        self._function = _ops.function_of(_ops.row_of(dialect, version), op)
        self.backend = Backend(
            template,
            dialect,
            self._function.name,
            elsewhere,
            elsewhere if vjp else None,
            version,
            fixed=dict(fixed or {}),
        )

    def call(
        self,
        which: Which,
        positional: Sequence[Any],
        options: Mapping[str, Any],
        d_out: NDArray[Any] | None = None,
    ) -> Outcome:
        """Run the program on a call of the function, or of its vjp with a cotangent."""
        self.backend.called(which)
        with tempfile.TemporaryDirectory(prefix="npstn-") as folder:
            given, found = Path(folder, "in"), Path(folder, "out")
            given.mkdir()
            found.mkdir()
            manifest = self._write(given, positional, {**self.backend.fixed, **options}, d_out)
            failure = self._run(given, found)
            if failure is not None:
                return Outcome(failure=failure)
            try:
                arrays = tuple(read_array(found, entry) for entry in manifest["results"])
            except (OSError, ValueError) as error:
                return Outcome(failure=Failure("raised", str(error)))
            return Outcome(arrays, types=tuple(map(kind, arrays)))

    def _write(
        self,
        folder: Path,
        positional: Sequence[Any],
        options: Mapping[str, Any],
        d_out: NDArray[Any] | None,
    ) -> dict[str, Any]:
        function = self._function
        result, names = _ops.result(function), _ops.arrays(function)
        given = dict(zip(_ops.positional(function), positional, strict=False))
        arrays = {name: np.asarray(given[name]) for name in names if name in given}
        results: dict[str, tuple[np.dtype[Any], tuple[int, ...] | None]]
        if d_out is None:
            results = {result: self._result(positional, options, arrays[names[0]].dtype)}
        else:
            results = {f"d_{name}": (a.dtype, a.shape) for name, a in arrays.items()}
            arrays = {f"d_{result}": d_out, **arrays}
        manifest = {
            "format": FORMAT,
            "call": "fn" if d_out is None else "vjp",
            "dialect": self.backend.dialect,
            "op": function.name,
            "arrays": [write_array(folder, name, a) for name, a in arrays.items()],
            "sizes": {k: plain(v) for k, v in given.items() if k not in names},
            "options": {k: plain(v) for k, v in options.items()},
            "results": [entry(name, *kind) for name, kind in results.items()],
        }
        text = json.dumps(manifest, indent=1, allow_nan=False)
        (folder / MANIFEST).write_text(text, "utf-8")
        return manifest

    def _result(
        self, positional: Sequence[Any], options: Mapping[str, Any], dtype: np.dtype[Any]
    ) -> tuple[np.dtype[Any], tuple[int, ...] | None]:
        """The dtype and shape of the result, None where the call is an error."""
        try:
            return _ops.outline(self._function, positional, options)
        except (TypeError, ValueError):
            return dtype, None

    def _run(self, given: Path, found: Path) -> Failure | None:
        words = [w.replace("{in}", str(given)).replace("{out}", str(found)) for w in self.words]
        pipes: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
        try:
            process = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, start_new_session=True, **pipes
            )
        except OSError as error:
            return Failure("raised", f"{words[0]} does not start: {error.strerror}")
        try:
            printed = process.communicate(timeout=self.timeout)[1]
        except subprocess.TimeoutExpired:
            return Failure("hung", f"no answer in {self.timeout:g} s")
        finally:
            kill(process)
            process.communicate()
        return ended(process.returncode, printed) if process.returncode else None


def write_array(folder: Path, name: str, a: NDArray[Any]) -> dict[str, Any]:
    """Write an array to a file of its own, and describe it."""
    found = entry(name, a.dtype, a.shape)
    np.asarray(a, found["dtype"]).tofile(folder / found["file"])
    return found


def read_array(folder: Path, described: Mapping[str, Any]) -> NDArray[Any]:
    """Read an array that is described; of one axis where its shape is not known."""
    name, shape = described["file"], described["shape"]
    dtype = np.dtype(described["dtype"])
    if not (folder / name).is_file():
        raise ValueError(f"there is no file {name}")
    content = (folder / name).read_bytes()
    if shape is None:
        shape = [len(content) // dtype.itemsize]
    expected = math.prod(shape) * dtype.itemsize
    if len(content) != expected:
        whole = f"{expected} for {dtype.name} of shape {tuple(shape)}"
        raise ValueError(f"{name} has {len(content)} bytes, expected {whole}")
    return np.frombuffer(content, dtype).reshape(shape).astype(dtype.newbyteorder("="))


def entry(name: str, dtype: np.dtype[Any], shape: tuple[int, ...] | None) -> dict[str, Any]:
    """Describe an array, as the manifest does."""
    order = dtype.newbyteorder("<").str
    axes = None if shape is None else list(shape)
    return {"name": name, "file": f"{name}.bin", "dtype": order, "shape": axes}


def plain(value: object) -> Any:
    """A value as JSON has it."""
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, tuple | list):
        return [plain(v) for v in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _words(template: str) -> list[str]:
    try:
        words = shlex.split(template)
    except ValueError as error:
        raise ValueError(f"command is {shown(template)}: {error}") from error
    if not all(any(part in word for word in words) for part in ("{in}", "{out}")):
        raise ValueError(f"command is {shown(template)}, expected {{in}} and {{out}} in it")
    if shutil.which(words[0]) is None:
        raise ValueError(f"command is {shown(template)}, but there is no program {words[0]}")
    return words
