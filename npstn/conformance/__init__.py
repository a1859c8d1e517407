"""Conformance: whether a backend is right, how far off it is, and what it really computes.

:func:`check` judges a backend against exact answers, ``npstn check`` does so in a child process.
:func:`identify` names the dialect that a function has, or what is wrong with it.
:func:`audit` watches the samplers of a program while it runs.
:func:`cases` and :func:`assert_conforms` are for test suites. :data:`npstn.SPEC` has the clauses
that their reports name, :mod:`.zoo` the bugs that others had.
"""

from .adapters import Backend, load
from .audit import Audit, audit
from .cases import Case, assert_conforms, cases
from .check import check
from .command import Command
from .identify import Identity, identify
from .report import Finding, Line, Report

__all__ = [
    "Audit",
    "Backend",
    "Case",
    "Command",
    "Finding",
    "Identity",
    "Line",
    "Report",
    "assert_conforms",
    "audit",
    "cases",
    "check",
    "identify",
    "load",
]
