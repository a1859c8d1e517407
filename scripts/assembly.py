"""Compile every kernel into the cache, and look in its machine code for fused arithmetic.

A fused multiply-add, or LLVM's permission to contract or to reorder, would change a bit from one
processor to the next. What was in the cache before is compiled again, and replaced. ``--part 1/2``
and ``--part 2/2`` are the whole warm-up, for two processes that begin together; ``--ranks``,
``--modes`` and ``--dtypes`` are those of ``npstn warmup``. Exits with 1 if anything is found.
"""

import argparse
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from _parts import part_of

from npstn import _options, _warmup
from npstn.jit import cache

# Names of FMA3, FMA4 and AVX-512 on x86, of scalars, vectors and SVE on ARM, and of the C library.
FUSED = re.compile(
    r"^\s*(?:vf(?:n?m(?:add|sub)|maddsub|msubadd|cmadd)\w*|fn?m(?:add|sub|ad|sb)\b"
    r"|f[cn]?ml[as]\w*\b|(?:callq?|bl?|jmp)\s+fmaf?\b|movabsq?\s+\$fmaf?\b).*",
    re.MULTILINE,
)
ARITHMETIC = (
    "fadd|fsub|fmul|fdiv|frem|fneg|fcmp|fpext|fptrunc|select|phi|invoke"
    "|(?:tail |musttail |notail )?call"
)
LOOSE = re.compile(
    rf"^.*(?:\b(?:{ARITHMETIC})\s+(?:fast|contract|reassoc|nnan|ninf|nsz|arcp|afn)\b"
    r'|@llvm\.[\w.]*fmul?a|@fmaf?\(|"(?:[\w-]+-fp-math|less-precise-fpmad)"="true").*',
    re.MULTILINE,
)
MEASURED = re.compile(r"\b(fmul|fadd|fsub)\b")


def faults(llvm: str, assembly: str) -> Iterator[str]:
    """Yield the lines that allow, or are, other arithmetic than one rounding an operation."""
    for kind, pattern, text in ("LLVM", LOOSE, llvm), ("assembly", FUSED, assembly):
        for line in pattern.findall(text):
            yield f"{kind}: {line.strip()}"


class Guard:
    """What was compiled, and what is wrong with it."""

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()
        self.found: list[str] = []

    def judge(self, name: str, library: Any) -> None:
        """Judge what Numba has compiled."""
        llvm, assembly = library.get_llvm_str(), library.get_asm_str()
        self.seen += Counter(functions=1, operations=len(MEASURED.findall(llvm)))
        self.seen["lines of assembly"] += assembly.count("\n")
        self.found += [f"{name}: {fault}" for fault in faults(llvm, assembly)]


def guarded(guard: Guard) -> None:
    """Have ``guard`` judge each function on its way into the cache, where nothing is found."""
    load, save, begun = cache.Cache.load_overload, cache.Cache.save_overload, time.time()

    def load_the_judged(self: cache.Cache, signature: Any, target: Any) -> Any:
        path = self._path(signature, target)
        with suppress(OSError):
            if path and path.stat().st_mtime >= begun:
                return load(self, signature, target)
        return None

    def judge_and_save(self: cache.Cache, signature: Any, result: Any) -> None:
        guard.judge(f"{self.function.__name__} of {self.kernel.__name__}", result.library)
        save(self, signature, result)

    cache.Cache.save_overload = judge_and_save  # type: ignore[method-assign]
    cache.Cache.load_overload = load_the_judged  # type: ignore[method-assign]


def main() -> None:
    """Run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--part", type=part_of, default="1/1", help="which problems: 1/2 and 2/2 are all"
    )
    parser.add_argument("--ranks", nargs="+", type=int, default=_warmup.RANKS)
    parser.add_argument("--modes", nargs="+", default=tuple(_options.MODES))
    parser.add_argument("--dtypes", nargs="+", default=_warmup.DTYPES)
    options = parser.parse_args()
    part, parts = options.part
    guard = Guard()
    guarded(guard)
    todo = _warmup.problems(options.ranks, options.modes, options.dtypes)
    todo = [one for i, one in enumerate(todo) if i // 2 % parts == part - 1]  # in pairs of sizes
    for number, (about, calls) in enumerate(todo, 1):
        if sys.stderr.isatty():
            print(f"\r\033[K{number}/{len(todo)} {about}", end="", file=sys.stderr, flush=True)
        for _ in calls:
            pass
    if sys.stderr.isatty():
        print(file=sys.stderr)
    for fault in guard.found:
        print(fault)
    seen = ", ".join(f"{number:,} {name}" for name, number in guard.seen.items())
    print(f"{seen}: {len(guard.found)} faults")
    if guard.found or not guard.seen["operations"]:
        sys.exit(1)


if __name__ == "__main__":
    main()
