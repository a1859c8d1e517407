"""What hears the calls of a running program, and judges some of them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np

from ...dialects import System
from .. import _ops
from .budget import Budget
from .judged import Array, Call, judge_out, judge_pulled
from .looks import FRAMES, frame, look
from .places import Place, caller
from .site import Site

MAKERS = 64  # grids whose maps are remembered
MAPS = 4  # thetas of a call that are kept
NUMBERS = 2**20  # of the images of a call that are looked at, in turns


class Auditor:
    """A listener to calls.

    Parameters
    ----------
    budget : Budget
        Which calls it looks at.
    dialect : System
        That of the calls.
    """

    def __init__(self, budget: Budget, dialect: System) -> None:
        self.budget, self.dialect = budget, dialect
        self.sites: dict[tuple[str, Place], Site] = {}
        self.makers: list[tuple[Any, Place, Any]] = []  # memory of grids, and what made them
        self.lock = threading.RLock()

    def hear(self, heard: Any) -> None:
        """Note a call, and judge it if there is time; nothing is raised into the program."""
        begun, place = self.budget.clock(), caller()
        with self.lock:
            site = self.sites.setdefault((heard.op, place), Site(heard.op, place))
            site.calls += 1
            with _noting(site):
                site.shapes[heard.shapes] += 1
                site.dtypes[heard.dtypes] += 1
                site.devices[heard.device] += 1
                site.options[", ".join(f"{k}={v}" for k, v in heard.options.items())] += 1
                self._trace(heard, site)
            self.budget.spent += self.budget.clock() - begun
            what, numbers = (heard.op, place), min(heard.numbers, NUMBERS)
            if not heard.out.numel() or not self.budget.allows(what, site.calls - 1, numbers):
                return
            with self.budget.spending(what), _noting(site):
                self._look(heard, site)

    def _trace(self, heard: Any, site: Site) -> None:
        """Find the map that made a grid."""
        if heard.op == "affine_grid":
            self.makers.append((heard.memory("out"), site.place, heard.given["align_corners"]))
            del self.makers[:-MAKERS]
            return
        site.sizes[tuple(heard.given["input"].shape)] += 1
        memory = heard.memory("grid")
        for other, place, align in reversed(self.makers):
            if other == memory and not other.expired():
                site.makers[place, align, heard.given["align_corners"]] += 1
                return

    def _look(self, heard: Any, site: Site) -> None:
        number, images = site.calls, _some(heard, site.looked)
        call, out = self._call(heard, images), heard.result(images)
        site.looked += 1
        if heard.op == "affine_grid":
            thetas = self._call(heard, slice(0, MAPS)).given["theta"]
            site.maps.add(number, thetas.astype(np.float64))
        else:
            site.looks.add(number, look(call))
            picture = frame(self._call(heard, slice(0, FRAMES)))
            if picture is not None:
                site.film.add(number, picture)
        right = getattr(self.dialect, heard.op)(**call.given)
        site.missed.update(judge_out(site.ledger, call, out, right))
        heard.after_backward(images, partial(self._pulled, site, number, images))

    def _pulled(
        self,
        site: Site,
        number: int,
        images: slice,
        heard: Any,
        d_out: Array,
        got: dict[str, Array],
    ) -> None:
        """Judge the gradients of a call."""
        what = site.op, site.place
        with self.lock, self.budget.spending(what, more=True), _noting(site):
            if not got:
                return
            call = self._call(heard, images)
            site.pulled += 1
            site.slopes.add(number, {k: float(abs(d).max(initial=0.0)) for k, d in got.items()})
            right = getattr(self.dialect, f"{heard.op}_vjp")(d_out, **call.given)
            right = right if isinstance(right, tuple) else (right,)
            names = _ops.arrays(call.function)
            pairs = dict(zip(names, right, strict=True))
            site.missed.update(judge_pulled(site.ledger, call, d_out, got, pairs))

    def _call(self, heard: Any, images: slice) -> Call:
        function = _ops.function_of(self.dialect.row, heard.op)
        return Call(function, heard.arguments(images), heard.dtype, images.start)


def _some(heard: Any, turn: int) -> slice:
    """Images of a call, others in each turn."""
    batch = len(heard.out)
    count = max(1, min(batch, NUMBERS * batch // heard.numbers))
    start = turn % -(-batch // count) * count
    return slice(start, min(start + count, batch))


@contextmanager
def _noting(site: Site) -> Iterator[None]:
    """Note what goes wrong in the audit, which must not stop the program."""
    try:
        yield
    except Exception as error:
        site.missed[" ".join(f"{type(error).__name__}: {error}".split())[:200]] += 1
