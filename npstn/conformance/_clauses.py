"""Which clause of the specification a number of a result is about."""

from ..dialects._signature import argument
from ._choices import WILD
from .case import Case

KINDS = {"nan": "R21", "inf": "R22", "huge": "R23", "single": "R24", "empty": "R25", "leak": "R20"}
_MODES = {"bilinear": "R9", "nearest": "R10", "bicubic": "R12"}
_SLOPES = {"zeros": "R31", "border": "R30", "reflection": "R29"}
_ROLES = {"x": "d_x", "theta": "d_theta", "offset": "d_theta"}


def role(case: Case, result: str) -> str:
    """The general name of a result: out, d_x, d_grid or d_theta."""
    if result == "out":
        return result
    return _ROLES.get(argument(case.function.arguments[result[2:]]).role, "d_grid")


def clause(case: Case, result: str, padding: str, inside: bool, wild: bool = False) -> str:
    """The number of a clause: of a result by its general name, at points of a sort."""
    aligned = case.align is None or bool(case.align)
    if case.kind in KINDS and (wild or case.kind not in WILD):
        return KINDS[case.kind]
    if result == "d_theta":
        return "R35"
    if case.function.op == "grid":
        return "R5" if aligned else "R6"
    if result == "d_x":
        return "R33" if case.mode == "nearest" else "R26"
    if result == "d_grid":
        if case.mode != "bilinear":
            return {"nearest": "R33", "bicubic": "R34"}[case.mode]
        return "R27" if inside else _SLOPES.get(padding, "R27")
    if case.kind == "ties":
        return "R11"
    if case.kind == "fill" and (not inside or case.mode == "bicubic"):
        return "R19"
    if inside:
        return _MODES[case.mode]
    if case.mode == "bicubic" and padding != "zeros":
        return "R18"
    mirrored = "R15" if aligned else "R16"
    return {"zeros": "R13", "border": "R14", "reflection": mirrored, "wrap": "R17"}[padding]


def padding_of(case: Case) -> str:
    """Our name of a case's padding."""
    paddings = case.function.convention.paddings
    chosen = next(iter(paddings)) if case.padding is None else case.padding
    return str(paddings[chosen].mode)
