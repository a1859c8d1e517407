"""npstn: spatial transformers in NumPy and Numba, exact enough to check others against.

Read :mod:`npstn.stn` first: it is the paper on one page. Then :mod:`npstn.oracle.naive`, the
paper's equations as dense NumPy, and :mod:`npstn.kernels.axis`, where every convention lives.
"""

from importlib import import_module as _import
from typing import TYPE_CHECKING as _CHECKED
from typing import Any as _Any

from .jit.forks import lock as _lock

if _CHECKED:
    from ._public import *
    from .spec import SPEC

__version__ = "0.1.0"

__all__ = [
    "SPEC",
    "TRUTH_VERSION",
    "Coverage",
    "affine_grid",
    "affine_grid_jvp",
    "affine_grid_vjp",
    "check_environment",
    "coverage",
    "grid_sample",
    "grid_sample_jvp",
    "grid_sample_vjp",
    "grid_sample_vjp_vjp",
    "sampling_matrix",
    "spatial_transformer_network",
    "spatial_transformer_network_jvp",
    "spatial_transformer_network_vjp",
    "spatial_transformer_network_vjp_vjp",
    "warmup",
]

_MODULES = (
    "conformance",
    "contract",
    "dialects",
    "grid",
    "oracle",
    "plot",
    "stn",
    "testing",
    "transforms",
)


def __getattr__(name: str) -> _Any:
    """Load a function at its first use: the command says its help without NumPy."""
    with _lock:
        if name in __all__:
            home = _import(".spec" if name == "SPEC" else "._public", __name__)
            return globals().setdefault(name, getattr(home, name))
        if name in _MODULES:
            return _import(f".{name}", __name__)
    raise AttributeError(f"module 'npstn' has no attribute {name!r}")


def __dir__() -> list[str]:
    """List functions and modules, loaded or not."""
    return sorted({*globals(), *__all__, *_MODULES})
