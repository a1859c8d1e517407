"""Arrays in files of each format; whatever the format, their bytes are the same."""

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np

from .golden import Array

Entry = Mapping[str, Any]
Folder = Path | zipfile.Path
EPOCH = (1980, 1, 1, 0, 0, 0)  # the first time that a zip file can tell
LITTLE = {"float32": "<f4", "float64": "<f8", "int64": "<i8"}


class Writer:
    """Write the arrays of a case, one case after another."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.open = folder, ExitStack()

    def __enter__(self) -> "Writer":
        return self

    def __exit__(self, *error: object) -> None:
        self.open.close()

    def write(self, case: Entry, arrays: Mapping[str, Array], exact: Mapping[str, Array]) -> None:
        """Write one case."""
        raise NotImplementedError


class Bin(Writer):
    """A file for each array, and a list of them in plain text."""

    def write(self, case: Entry, arrays: Mapping[str, Array], exact: Mapping[str, Array]) -> None:
        """Write one case."""
        where = self.folder / "bin" / case["id"]
        where.mkdir(parents=True)
        with (self.folder / "manifest.txt").open("a", encoding="ascii", newline="\n") as text:
            for entry in entries(case):
                (where / entry["file"]).write_bytes(arrays[entry["name"]].tobytes())
                kind = entry.get("kind", "array")
                words = [kind, f"bin/{case['id']}/{entry['file']}", entry["dtype"]]
                words += [str(entry["log2_denominator"])] if kind == "lattice" else []
                text.write(" ".join([*words, *map(str, entry["shape"])]) + "\n")


class Npz(Writer):
    """A zip file for each tier, that is the same whenever it is written."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.tiers: dict[str, zipfile.ZipFile] = {}

    def write(self, case: Entry, arrays: Mapping[str, Array], exact: Mapping[str, Array]) -> None:
        """Write one case."""
        tier = case["tier"]
        if tier not in self.tiers:
            (self.folder / "npz").mkdir(exist_ok=True)
            path = self.folder / "npz" / f"{tier}.npz"
            self.tiers[tier] = self.open.enter_context(zipfile.ZipFile(path, "w"))
        for name, a in arrays.items():
            content = io.BytesIO()
            np.lib.format.write_array(content, a, version=(1, 0), allow_pickle=False)
            self.tiers[tier].writestr(member(f"{case['id']}/{name}.npy"), content.getvalue())


class Json(Writer):
    """A file for each case: its part of the manifest, and all numbers."""

    def write(self, case: Entry, arrays: Mapping[str, Array], exact: Mapping[str, Array]) -> None:
        """Write one case."""
        (self.folder / "json").mkdir(exist_ok=True)
        numbers = {name: _texts(a) for name, a in arrays.items()}
        fractions = {name: [str(v) for v in a.flat] for name, a in exact.items()}
        text = dumped({**case, "numbers": numbers, "exact": fractions})
        path = self.folder / "json" / f"{case['id']}.json"
        path.write_text(text + "\n", "utf-8", newline="\n")


class Packed(Writer):
    """All arrays in one file, in the order of the manifest."""

    def write(self, case: Entry, arrays: Mapping[str, Array], exact: Mapping[str, Array]) -> None:
        """Write one case."""
        with (self.folder / "goldens.bin").open("ab") as file:
            for entry in entries(case):
                file.write(arrays[entry["name"]].tobytes())


WRITERS: dict[str, type[Writer]] = {"npz": Npz, "json": Json, "bin": Bin, "packed": Packed}


def read(folder: Folder, form: str, cases: list[dict[str, Any]]) -> Iterator[dict[str, bytes]]:
    """Read the bytes of all stored arrays of each case, by name."""
    with ExitStack() as stack:
        yield from READERS[form](folder, cases, stack)


def _read_bin(folder: Folder, cases: list[dict[str, Any]], _: object) -> Iterator[dict[str, bytes]]:
    for case in cases:
        where = folder / "bin" / case["id"]
        yield {e["name"]: (where / e["file"]).read_bytes() for e in entries(case)}


def _read_json(
    folder: Folder, cases: list[dict[str, Any]], _: object
) -> Iterator[dict[str, bytes]]:
    for case in cases:
        found = json.loads((folder / "json" / f"{case['id']}.json").read_text("utf-8"))["numbers"]
        numbers = {e["name"]: list(map(_number, found[e["name"]])) for e in entries(case)}
        dtypes = {e["name"]: e["dtype"] for e in entries(case)}
        yield {name: np.array(a, dtypes[name]).tobytes() for name, a in numbers.items()}


def _read_npz(
    folder: Folder, cases: list[dict[str, Any]], stack: ExitStack
) -> Iterator[dict[str, bytes]]:
    tiers: dict[str, Any] = {}
    for case in cases:
        tier, names = case["tier"], [e["name"] for e in entries(case)]
        if tier not in tiers:
            file = stack.enter_context((folder / "npz" / f"{tier}.npz").open("rb"))
            tiers[tier] = stack.enter_context(np.load(file, allow_pickle=False))
        yield {name: tiers[tier][f"{case['id']}/{name}"].tobytes() for name in names}


def _read_packed(
    folder: Folder, cases: list[dict[str, Any]], stack: ExitStack
) -> Iterator[dict[str, bytes]]:
    file = stack.enter_context((folder / "goldens.bin").open("rb"))
    for case in cases:
        yield {e["name"]: file.read(_size(e)) for e in entries(case)}


READERS = {"npz": _read_npz, "json": _read_json, "bin": _read_bin, "packed": _read_packed}


def entries(case: Entry) -> list[dict[str, Any]]:
    """All arrays of a case that are stored, inputs first."""
    return [e for e in (*case["arrays"], *case["results"]) if "formula" not in e]


def _size(entry: Entry) -> int:
    """Bytes of an array."""
    return int(np.prod(entry["shape"], dtype=object)) * np.dtype(entry["dtype"]).itemsize


def dumped(value: object) -> str:
    """A value as short JSON."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False, ensure_ascii=False)


def member(name: str) -> zipfile.ZipInfo:
    """A file in a zip file, without the time and the system it was made at."""
    found = zipfile.ZipInfo(name, EPOCH)
    found.create_system, found.external_attr = 3, 0o644 << 16
    return found


def _texts(a: Array) -> list[Any]:
    """Whole numbers as they are, and floats in hexadecimal, or as "nan", "inf" or "-inf"."""
    return [v if isinstance(v, int) else v.hex() for v in a.reshape(-1).tolist()]


def _number(text: int | str) -> float | int:
    return float.fromhex(text) if isinstance(text, str) else text
