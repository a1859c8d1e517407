"""Dialects: every system's convention as one row of data, and its functions made from that row.

``npstn.dialects.torch.grid_sample(...)`` is PyTorch's function, its name, arguments and defaults,
on NumPy arrays; ``grid_sample_vjp(d_out, ...)`` gives the cotangents of its arrays.
:data:`ROWS` has all rows, :func:`get` one of them by version, and :mod:`.convert` takes parameters,
points and names from one system to another.
"""

from functools import lru_cache

from ._names import SYSTEMS, newest
from .convert import convert_theta, convert_theta_jvp, convert_theta_vjp
from .convert_padding import convert_padding
from .convert_points import convert_points, convert_points_jvp, convert_points_vjp
from .row import Convention, Row
from .rows import ROWS
from .system import System

__all__ = [
    "ROWS",
    "Convention",
    "Row",
    "System",
    "convert_padding",
    "convert_points",
    "convert_points_jvp",
    "convert_points_vjp",
    "convert_theta",
    "convert_theta_jvp",
    "convert_theta_vjp",
    "get",
]


_system = lru_cache(System)


def get(system: str, *, version: str | None = None) -> System:
    """Find a system by its name and version.

    Parameters
    ----------
    system : str
        Name, as in ``ROWS``: "torch", "opencv", ...
    version : str, optional
        A version such as "4.14": the newest row that is not newer. The newest of all by default.

    Returns
    -------
    System
        Its functions.

    Raises
    ------
    ValueError
        If there is no such system, or no row that old.
    """
    return _system(newest(system, version))


def __getattr__(name: str) -> System:
    """Look a system up: ``npstn.dialects.torch``."""
    if name in SYSTEMS:
        return get(name)
    raise AttributeError(f"module 'npstn.dialects' has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the public names, and the systems."""
    return [*__all__, *SYSTEMS]
