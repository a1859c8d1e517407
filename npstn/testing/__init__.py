"""Check derivatives, ours and anybody's: finite differences that see kinks, and the dot test."""

from ._report import Entry, InputReport, Report
from .adjoint import dot_test
from .derivatives import check_jvp, check_vjp, check_vjp_vjp

__all__ = [
    "Entry",
    "InputReport",
    "Report",
    "check_jvp",
    "check_vjp",
    "check_vjp_vjp",
    "dot_test",
]
