"""An audit: what a running program feeds to its sampler, and what it gets.

While it runs, PyTorch's samplers do their work as ever; some of their calls are done again by
npstn, and judged against exact answers.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from .. import dialects
from .._hints import shown
from ._audit.auditor import Auditor
from ._audit.budget import Budget
from ._audit.doubts import Doubt, doubts
from ._audit.site import Site
from ._audit.warm import warm
from .report import Report

__all__ = ["Audit", "audit"]


class Audit:
    """What an audit has found so far; :func:`audit` makes it.

    Attributes
    ----------
    sites : list of Site
        Each line that calls a sampler, in the order of the first calls.
    doubts : list of Doubt
        What is suspicious, in words.
    report : Report
        What was judged, as a check reports it.
    """

    def __init__(self, auditor: Auditor, versions: dict[str, str]) -> None:
        self._auditor, self._versions, self._begun = auditor, versions, time.perf_counter()
        self._seconds: float | None = None

    @property
    def sites(self) -> list[Site]:
        """Each line that calls a sampler."""
        return list(self._auditor.sites.values())

    @property
    def doubts(self) -> list[Doubt]:
        """What is suspicious."""
        return doubts(self.sites)

    @property
    def passed(self) -> bool:
        """Whether something was judged, and nothing is wrong or suspicious."""
        return self.report.passed and not self.doubts

    @property
    def report(self) -> Report:
        """Lines and findings of all calls that were judged."""
        found = Report("audit of " + ", ".join(self._versions), versions=dict(self._versions))
        for site in self.sites:
            found.lines += site.ledger.lines.values()
            found.findings += site.ledger.findings.values()
            found.left_out += [f"{site}: {n} times {why}" for why, n in site.missed.items()]
        found.notes = [f"{doubt.place}: {doubt.message}" for doubt in self.doubts]
        found.seconds = self.seconds
        return found

    @property
    def seconds(self) -> float:
        """How long the program has run."""
        now = time.perf_counter() if self._seconds is None else self._seconds
        return now - self._begun

    def end(self) -> None:
        """Stop the clock."""
        self._seconds = time.perf_counter()

    def __str__(self) -> str:
        """Write what is suspicious or wrong, and a line for each place."""
        return "\n".join(self.text())

    def text(self) -> Iterator[str]:
        """Write it line by line."""
        sites, found = self.sites, self._auditor
        calls, looked = sum(s.calls for s in sites), sum(s.looked for s in sites)
        yield (
            f"audit: {calls} calls at {len(sites)} lines, {looked} of them judged, in "
            f"{self.seconds:.1f} s, of which the audit took {found.budget.spent:.1f} s"
        )
        for site in sites:
            yield ""
            yield f"{site}: {site.calls} calls, {site.looked} judged, {site.pulled} gradients"
            for name in ("shapes", "dtypes", "options", "devices"):
                kinds = getattr(site, name)
                more = f", and {len(kinds) - 3} more" if len(kinds) > 3 else ""
                rows = [f"{words} ({count})" for words, count in kinds.most_common(3)]
                yield f"  {name}: {'; '.join(rows)}{more}"
            if site.looks:
                yield f"  points: {_points(site)}"
            yield from (f"  worst: {words}" for _, (_, words) in sorted(site.ledger.worst.items()))
            for name in sorted({name for _, sizes in site.slopes for name in sizes}):
                sizes = [sizes[name] for _, sizes in site.slopes if name in sizes]
                yield f"  size of d_{name}: {sizes[0]:.3g} first, {sizes[-1]:.3g} last"
            yield from (f"  not judged: {why} ({count})" for why, count in site.missed.items())
        for title, lines in (
            ("What is wrong:", [str(f) for f in self.report.findings]),
            ("What is suspicious:", [str(doubt) for doubt in self.doubts]),
        ):
            if lines:
                yield ""
                yield title
                yield from (f"  {line}" for line in lines)

    def data(self) -> dict[str, Any]:
        """Put it into plain dictionaries and lists, for JSON."""
        return {
            "seconds": self.seconds,
            "spent": self._auditor.budget.spent,
            "doubts": [str(doubt) for doubt in self.doubts],
            "sites": [_data(site) for site in self.sites],
            "report": self.report.data(),
        }

    def json(self) -> str:
        """Write it as JSON."""
        from ._audit.saved import written

        return written(self.data())

    def save(self, folder: str | Path) -> list[Path]:
        """Write text, JSON, the page of a check and pictures into a folder.

        Parameters
        ----------
        folder : str or Path
            It is made if it is not there.

        Returns
        -------
        list of Path
            The files.
        """
        from ._audit.saved import save  # Matplotlib

        return save(self, Path(folder))


@contextmanager
def audit(*, every: int | None = None, budget: float = 0.1) -> Iterator[Audit]:
    """Audit the samplers of PyTorch in a block.

    They do their work unchanged; some of their calls, in all threads, are done again by npstn,
    forward and, with the cotangent that comes, backward. Where the two differ most is judged
    against exact answers, as :func:`check` does. Compiled and traced calls are not seen.

    Parameters
    ----------
    every : int, optional
        Look at each so many calls of a line, whatever that takes.
    budget : float
        Otherwise: the share of the time that may be spent.

    Yields
    ------
    Audit
        What was found, so far; complete at the end of the block.

    Raises
    ------
    ValueError
        If ``every`` is less than 1, or ``budget`` is not between 0 and 1.
    ImportError
        If PyTorch is not there.

    Examples
    --------
    >>> with npstn.conformance.audit() as found:  # doctest: +SKIP
    ...     train()
    >>> print(found)  # doctest: +SKIP
    """
    if every is not None and every < 1:
        raise ValueError(f"every is {shown(every)}, expected at least 1")
    if not 0.0 < budget <= 1.0:
        raise ValueError(f"budget is {shown(budget)}, expected a share between 0 and 1")
    torch = import_module("torch")
    calls = import_module("npstn.torch._calls")
    version = str(torch.__version__)
    dialect = dialects.get("torch", version=version.partition("+")[0])
    warm(dialect)
    auditor = Auditor(Budget(budget, every), dialect)
    found = Audit(auditor, {"torch": version})
    try:
        with calls.told(auditor.hear):
            yield found
    finally:
        found.end()


def _points(site: Site) -> str:
    """Say where the points of a line are, at first and at last."""
    (_, first), (_, last) = site.looks.values[0], site.looks.values[-1]
    words = {"outside": "outside", "kinks": "within an ulp of a kink"}
    words["unread"] = "of the texels unread"
    rows = [f"{getattr(first, n):.0%} to {getattr(last, n):.0%} {w}" for n, w in words.items()]
    for name, word in ("strange", "not finite"), ("huge", "huge"):
        rows.append(f"{max(getattr(look, name) for _, look in site.looks):.2g} {word}")
    return ", ".join(rows)


def _data(site: Site) -> dict[str, Any]:
    counts = {n: dict(getattr(site, n)) for n in ("shapes", "dtypes", "options", "devices")}
    return {
        "op": site.op,
        "place": str(site.place),
        "calls": site.calls,
        "judged": site.looked,
        "gradients": site.pulled,
        **counts,
        "worst": {k: {"ratio": r, "message": w} for k, (r, w) in site.ledger.worst.items()},
        "points": [{"call": call, **look._asdict()} for call, look in site.looks],
        "slopes": [{"call": call, **sizes} for call, sizes in site.slopes],
        "theta": [{"call": call, "theta": theta.tolist()} for call, theta in site.maps],
        "not judged": dict(site.missed),
    }
