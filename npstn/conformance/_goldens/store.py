"""Folders of goldens: which cases they have, and how they come to be whole or not at all."""

import os
import shutil
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from ..._arithmetic import ieee
from ..._memory import free_memory
from ...contract import TRUTH_VERSION
from . import files, hard, hard_maps, lattice, manifest, many, random
from . import large as big
from .golden import Golden
from .recipe import Recipe

FORMAT = 1
SOURCES = {"lattice": (lattice, many), "hard": (hard, hard_maps), "random": (random,)}
MANIFEST = "manifest.json"
PLACES = {"npz": "npz", "json": "json", "bin": "bin", "packed": "goldens.bin"}
NAMES = (MANIFEST, "manifest.txt", "README.txt", *PLACES.values())

Progress = Callable[[int, int, str], None]


class Plan(NamedTuple):
    """Cases to be written, those left out, and the memory that is free, if somebody says."""

    recipes: list[Recipe]
    left_out: list[dict[str, Any]]
    memory: int | None


def plan(tiers: list[str], small: bool, large: bool) -> Plan:
    """Choose the cases; of the tier large, those that memory is free for."""
    chosen = [r for tier in tiers for source in SOURCES[tier] for r in source.recipes(small)]
    if not large:
        return Plan(chosen, [], None)
    free, left_out = free_memory(), []
    for recipe in big.recipes():
        if free is not None and recipe.nbytes > free:
            left_out.append({"id": recipe.id, "bytes": recipe.nbytes, "free": free})
        else:
            chosen.append(recipe)
    return Plan(chosen, left_out, free)


def fill(
    folder: Path, todo: Plan, formats: list[str], readme: str, progress: Progress | None
) -> Counter[tuple[str, str]]:
    """Write all cases to an empty folder, and count them by tier and operation."""
    counts: Counter[tuple[str, str]] = Counter()
    lines = []
    with ExitStack() as stack:
        writers = [stack.enter_context(files.WRITERS[form](folder)) for form in formats]
        for done, recipe in enumerate(todo.recipes):
            if progress is not None:
                progress(done, len(todo.recipes), recipe.id)
            golden, line = _written(recipe, writers)
            lines.append(line)
            counts[golden.tier, golden.op] += 1
    head = {"format": FORMAT, "truth_version": TRUTH_VERSION, "dialect": "npstn"}
    head |= {"formats": formats, "left_out": todo.left_out}
    text = f'{files.dumped(head)[:-1]},"cases":[\n' + ",\n".join(lines) + "\n]}\n"
    (folder / MANIFEST).write_text(text, "utf-8", newline="\n")
    (folder / "README.txt").write_text(readme, "utf-8", newline="\n")
    return counts


@ieee
def _written(recipe: Recipe, writers: Iterable[files.Writer]) -> tuple[Golden, str]:
    """Make a case, and write it; returns its line of the manifest as well."""
    golden = recipe.make()
    case, arrays = manifest.described(golden)
    exact = {k: e.exact for k, e in golden.results.items() if e.exact is not None}
    for writer in writers:
        writer.write(case, arrays, exact)
    return golden, files.dumped(case)


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """Give a folder that takes the place of another when it is whole."""
    partial = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        partial.mkdir()
        yield partial
        target.mkdir(exist_ok=True)
        for name in NAMES:  # the manifest goes first, and comes last
            _remove(target / name)
        for name in reversed(NAMES):
            if (partial / name).exists():
                os.replace(partial / name, target / name)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def zipped(folder: Path, path: Path) -> None:
    """Put the files of a folder into a zip file, unless it has them."""
    there = contents(folder)
    if path.exists() and unzipped(path) == there:
        return  # another compressor would make other bytes of them
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as file:
        for name, content in there.items():
            file.writestr(files.member(name), content, zipfile.ZIP_DEFLATED)


def contents(folder: Path) -> dict[str, bytes]:
    """The files in a folder."""
    return {p.name: p.read_bytes() for p in sorted(folder.iterdir())}


def unzipped(path: Path) -> dict[str, bytes]:
    """The files in a zip file."""
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
