"""Golden vectors: inputs of npstn's functions and the exact answers, for any language.

The answers are those of rational arithmetic (`npstn.oracle.exact`), never of compiled code. All is
in the convention of npstn; `npstn.SPEC` has the clauses, R1 and so on, that a case is about.

The files
---------
manifest.json  all cases: options, arrays, answers, tolerances
manifest.txt   (with bin) a line for each array: its kind, file, dtype, [log2_denominator,] shape
bin/           a folder for each case, in it a file for each array
npz/           a NumPy file for each tier, in it the arrays CASE/NAME
json/          a file for each case: its part of the manifest, and "numbers", in C order: floats as
               C99 prints them with %a, or "nan", "inf", "-inf"; "exact" has the answers as "3/8"
goldens.bin    (packed) all files of bin one after another, in the order of the manifest

A file of bin has the numbers of its array, little endian, in C order (the last axis moves fastest),
and nothing else. A SHA-256 is of these bytes, also where the array is stored in another format.

The manifest
------------
format, truth_version  of these files, and of npstn's numbers
formats                which there are
left_out               cases that need more memory than there was: "id", "bytes" needed and "free"
cases                  an object for each:
  id, tier, op, description, clauses
  options  keywords of npstn's function: mode, padding_mode, align_corners, fill_value, ...
  sizes    sizes of the output, where the arrays do not tell
  arrays   the inputs: name, file, dtype ("<f4" or "<f8"), shape and sha256; or instead of a file a
           "formula": element k in C order is (low + z[k] % (high - low + 1)) / over, where z[0],
           z[1], ... are the outputs of splitmix64 from "seed"
  results  the answers, described alike, with "result", the dtype of npstn's result, and
    call   "fn": out = grid_sample(x, grid), grid = affine_grid(theta, out_dims) or
             out = spatial_transformer_network(x, theta, out_dims)
           "vjp": d_x and d_grid, or d_theta, from d_out; of affine_grid d_theta from d_grid
           "jvp": t_out from t_x and t_grid, or t_theta
           "vjp_vjp": dd_out, dd_x and dd_grid, or dd_theta: cotangents of the arguments d_out, x
             and grid of the vjp, where those of its results are t_x and t_grid
    kind   "lattice": numerators ("<i8") over 2**log2_denominator. The tolerance is 0 in any
             precision of "bits" or more digits: that holds each partial sum
           "rational": float64 in rows of the shape of the result: value, rounded once; M, the sum
             of absolute terms; n, the number of terms; and where derivatives jump low and high,
             between which each value is right. In precision v (2**-53, 2**-24, ...) a result may
             be off by v ((n + constant) M + slack), and float32 by half a unit in the last place
             more. n = 0: it may not be off. What a rounded coordinate does is not in it
    at     of a large result the elements that are given, by index in C order

The tiers
---------
lattice  small integers, at points of few bits: exact in any precision
hard     beside edges and folds, kinks, ties, sizes of one and none, NaN, Inf, huge, cancellation
random   any numbers, with the terms of a bound, on images that are 8, 64 and 512 texels wide
large    2048 x 2048 and more than 2**31 texels, by formula
"""

import json
import os
import zipfile
from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

from .._arithmetic import ieee
from .._hints import shown
from ._formula import Formula
from ._goldens import files, manifest, store
from ._goldens.golden import Expected, Golden

__all__ = ["FORMATS", "TIERS", "Expected", "Formula", "Golden", "Written"]
__all__ += ["read", "shipped", "write"]

TIERS = tuple(store.SOURCES)
FORMATS = ("npz", "json", "bin")


class Written(NamedTuple):
    """Number of cases by tier and operation, bytes of all files, and what was left out.

    ``memory`` is what was free for the tier large, or None if nobody says.
    """

    cases: dict[tuple[str, str], int]
    nbytes: int
    left_out: list[dict[str, Any]]
    memory: int | None


def write(
    folder: str | os.PathLike[str],
    *,
    tiers: Iterable[str] = TIERS,
    formats: Iterable[str] = FORMATS,
    small: bool = False,
    large: bool = False,
    force: bool = False,
    progress: store.Progress | None = None,
) -> Written:
    """Write golden vectors to a folder, which is whole or not there.

    Parameters
    ----------
    folder : path
        A new or empty one; with ``force`` one that has goldens already.
    tiers, formats : some of TIERS, and of FORMATS or "packed"
    small : bool
        Whether only those that come with npstn.
    large : bool
        Whether also the tier large, as far as memory is free for it.
    force : bool
        Whether goldens that are there are replaced. Other files stay.
    progress : callable, optional
        Called before each case with how many are done, how many there are, and its id.

    Returns
    -------
    Written
        What was written.

    Raises
    ------
    ValueError
        For an unknown tier or format.
    FileExistsError
        If the folder is not empty.
    FileNotFoundError
        If it is in no existing folder.
    """
    chosen = _some("tiers", tiers, TIERS)
    stored = _some("formats", formats, (*FORMATS, "packed"))
    target = Path(folder).resolve()
    if target.exists() and not force and (not target.is_dir() or any(target.iterdir())):
        raise FileExistsError(17, "exists, and is not an empty folder", str(folder))
    if not target.parent.is_dir():
        raise FileNotFoundError(2, "is in no existing folder", str(folder))
    todo = store.plan(chosen, small, large)
    with store.replacing(target) as partial:
        counts = store.fill(partial, todo, stored, __doc__ or "", progress)
        nbytes = sum(p.stat().st_size for p in partial.rglob("*") if p.is_file())
    return Written(dict(counts), nbytes, todo.left_out, todo.memory)


def read(folder: str | os.PathLike[str]) -> list[Golden]:
    """Read golden vectors from a folder.

    Parameters
    ----------
    folder : path
        One that was written, or some of its formats.

    Returns
    -------
    list of Golden
        In the order of the manifest.

    Raises
    ------
    FileNotFoundError
        If there is no manifest, or an array of it is missing.
    ValueError
        If the manifest is of another format, or an array has another SHA-256.
    """
    return _read(Path(folder))


def shipped() -> list[Golden]:
    """Read the golden vectors that come with npstn.

    Returns
    -------
    list of Golden
        A small set of all tiers but large.

    Raises
    ------
    ValueError
        If an array has another SHA-256.
    """
    there = resources.files(__package__) / "data" / "goldens.zip"
    with resources.as_file(there) as path, zipfile.ZipFile(path) as file:
        return _read(zipfile.Path(file))


@ieee
def _read(path: files.Folder) -> list[Golden]:
    found = json.loads((path / "manifest.json").read_text("utf-8"))
    if found["format"] != store.FORMAT:
        raise ValueError(f"{path} has format {shown(found['format'])}, expected {store.FORMAT}")
    there = [form for form in found["formats"] if (path / store.PLACES[form]).exists()]
    cases = found["cases"]
    if cases and not there:
        raise FileNotFoundError(2, f"has none of {', '.join(found['formats'])}", str(path))
    contents = files.read(path, there[0], cases) if cases else iter(())
    return [manifest.golden_of(*pair) for pair in zip(cases, contents, strict=True)]


def _some(name: str, given: Iterable[str], known: tuple[str, ...]) -> list[str]:
    """Those that are given, in the order of all that are known."""
    names = (given,) if isinstance(given, str) else tuple(given)
    for word in names:
        if word not in known:
            raise ValueError(f"{name} has {shown(word)}, expected some of {', '.join(known)}")
    return [word for word in known if word in names]
