"""Names of paddings, from one system to another."""

from collections.abc import Hashable
from dataclasses import replace
from typing import Any

from .._hints import shown
from . import _names
from .convert import Dialect
from .row import Padding

_FAR = 2.0**31  # from there on a gate is about numbers that are too large


def convert_padding(
    padding: Hashable,
    source: Dialect,
    target: Dialect,
    *,
    source_align: bool | None = None,
    target_align: bool | None = None,
) -> Any:
    """Find the name under which a system has the padding of another.

    Parameters
    ----------
    padding : str or int
        The source's name of a padding.
    source, target : str or System
        As in :func:`.convert_theta`; without a function it is the system's first that samples.
    source_align, target_align : bool, or 0 or 1, optional
        The option align_corners of either, where it has one: it says where reflection mirrors.

    Returns
    -------
    str or int
        The target's name of the same padding.

    Raises
    ------
    ValueError
        If the source has no such name; or if the target has no such padding, and why: it mirrors
        elsewhere, or lacks (or has) a gate, outside of which points do not count at all.
    """
    old = _names.function("source", source, _names.SAMPLERS)
    new = _names.function("target", target, _names.SAMPLERS)
    known = old.convention.paddings
    if not isinstance(padding, Hashable) or padding not in list(known):  # it may hold a list
        raise ValueError(
            f"padding is {shown(padding)}, expected one of {', '.join(map(repr, known))}"
        )
    wanted = _meaning(known[padding], _names.align("source_align", source_align, old))
    align = _names.align("target_align", target_align, new)
    offered = {name: _meaning(p, align) for name, p in new.convention.paddings.items()}
    for name, meaning in offered.items():
        if meaning == wanted:
            return name
    near = [meaning for meaning in offered.values() if meaning.mode == wanted.mode]
    what = f"padding {padding!r} of {old.name} is none of {new.name}'s"
    raise ValueError(f"{what}: {_why(wanted, near)}")


def _meaning(padding: Padding, align: bool) -> Padding:
    """A padding without its ties, and its reading of numbers that are not finite."""
    mirror = None
    if padding.mode == "reflection":
        mirror = align if padding.align is None else padding.align
    gate = padding.gate
    if gate is not None and gate.low < -_FAR:
        gate = None
    return replace(padding, align=mirror, gate=gate, late=False, nan="nan", inf="inf")


def _why(wanted: Padding, near: list[Padding]) -> str:
    if not near:
        return f"it has no padding {wanted.mode}"
    if wanted.gate not in [p.gate for p in near]:
        if wanted.gate is None:
            return "its points do not count beyond a gate"
        low, low_closed, high, high_closed = wanted.gate
        ends = "(["[low_closed], ")]"[high_closed]
        interval = f"{ends[0]}{low:g}, S{high:+g}{ends[1]}"
        return f"points do not count outside {interval}, and it has no such gate"
    if wanted.mode == "reflection" and wanted.align not in [p.align for p in near]:
        where = "the centres" if wanted.align else "the outer edges"
        return f"it does not mirror in {where} of the border texels (see align_corners)"
    return "it repeats or mirrors otherwise"
