"""Conformance: whether a backend is right, how far off it is, and what it really computes.

:func:`check` judges a backend against exact answers, ``npstn check`` does so in a child process.
:func:`identify` names the dialect that a function has, or what is wrong with it.
:func:`cases` and :func:`assert_conforms` are for test suites. :data:`npstn.SPEC` has the clauses
that their reports name, :mod:`.zoo` the bugs that others had.
"""

from .adapters import Backend, load
from .cases import Case, assert_conforms, cases
from .check import check
from .command import Command
from .identify import Identity, identify
from .report import Finding, Line, Report

__all__ = [
    "Backend",
    "Case",
    "Command",
    "Finding",
    "Identity",
    "Line",
    "Report",
    "assert_conforms",
    "cases",
    "check",
    "identify",
    "load",
]
