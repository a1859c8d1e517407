"""Which clause of the specification a number of a result is about."""

from .answers import Answers
from ._draw import Case

_KINDS = {
    "ties": "R11",
    "nan": "R21",
    "inf": "R22",
    "huge": "R23",
    "single": "R24",
    "empty": "R25",
    "leak": "R20",
}
_MODES = {"bilinear": "R9", "nearest": "R10", "bicubic": "R12"}
_SLOPES = {"zeros": "R31", "border": "R30", "reflection": "R29"}


def clause(case: Case, result: str, padding: str, inside: bool) -> str:
    """The number of a clause: of a result, at points inside of the image or outside of it."""
    if case.kind in ("nan", "inf", "huge", "single", "empty", "leak"):
        return _KINDS[case.kind]
    if case.function.op == "grid":
        if result != "out":
            return "R35"
        return "R5" if case.align or case.align is None else "R6"
    if result == "d_x":
        return "R33" if case.mode == "nearest" else "R26"
    if result == "d_theta":
        return "R35"
    if result == "d_grid":
        if case.mode != "bilinear":
            return {"nearest": "R33", "bicubic": "R34"}[case.mode]
        return "R27" if inside or padding not in _SLOPES else _SLOPES[padding]
    if case.kind == "ties":
        return "R11"
    if inside:
        return _MODES[case.mode]
    if case.mode == "bicubic" and padding != "zeros":
        return "R18"
    mirrored = "R15" if case.align or case.align is None else "R16"
    return {"zeros": "R13", "border": "R14", "reflection": mirrored, "wrap": "R17"}[padding]


def padding_of(case: Case) -> str:
    """Our name of a case's padding."""
    paddings = case.function.convention.paddings
    chosen = next(iter(paddings)) if case.padding is None else case.padding
    return str(paddings[chosen].mode)
