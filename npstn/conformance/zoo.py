"""The bug zoo: bugs that spatial transformers really had, in any dialect, as callables.

``bug.functions("onnx", "GridSample")`` gives a function and its vjp, called as a backend is, with
this one thing wrong. A checker that passes one of them is no checker.
"""

from .._hints import shown
from . import _bugs_gradients, _bugs_maps, _bugs_paddings, _bugs_points, _bugs_values
from ._bug import Bug

__all__ = ["ZOO", "Bug", "breaking", "get"]

_FILES = _bugs_points, _bugs_maps, _bugs_values, _bugs_paddings, _bugs_gradients
ZOO: tuple[Bug, ...] = tuple(bug for file in _FILES for bug in file.BUGS)


def get(name: str) -> Bug:
    """Find a bug by its name.

    Parameters
    ----------
    name : str
        Name, such as "swapped-xy".

    Returns
    -------
    Bug
        The bug.

    Raises
    ------
    ValueError
        If there is none; the message lists all.
    """
    for bug in ZOO:
        if bug.name == name:
            return bug
    known = ", ".join(bug.name for bug in ZOO)
    raise ValueError(f"name is {shown(name)}, expected one of {known}")


def breaking(clause: str) -> tuple[Bug, ...]:
    """Find the bugs that break a clause of the specification.

    Parameters
    ----------
    clause : str
        Its number, such as "R13".

    Returns
    -------
    tuple of Bug
        The bugs whose first broken clause it is; none for some.
    """
    return tuple(bug for bug in ZOO if bug.clause == clause.upper())
