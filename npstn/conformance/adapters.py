"""Backends: what is judged, found by a name, a file or a function, and all called alike.

``fn(*positional, **options)``: arrays and sizes in the order of the dialect's function, options
under its names. ``vjp(d_out, *positional, **options)`` gives the cotangents of the arrays, in their
order.
"""

import sys
from dataclasses import replace
from importlib import import_module, metadata
from typing import Any, cast

import numpy as np

from .. import dialects
from .._hints import shown
from ..dialects._signature import argument
from . import _ops
from ._adapters import model_files
from ._adapters._types import Chosen, Fn, imported
from ._adapters.table import ADAPTERS, listed
from ._backend import Backend, options, place

__all__ = ["Backend", "load", "operations", "options", "place"]

_DIALECTS = "npstn.dialects."
_OPSETS = ("onnx", "onnxruntime")  # dialects whose versions are opsets, with the names of ONNX
_NAMES = {"linear": "bilinear", "cubic": "bicubic"}  # those of all others
_GENERIC = {"GridSample": "grid_sample", "AffineGrid": "affine_grid"}


def load(
    target: str | Fn,
    *,
    op: str | None = None,
    dialect: str | None = None,
    vjp: str | Fn | None = None,
    runtime: str = "onnxruntime",
    device: str | None = None,
    version: str | None = None,
    bfloat16: bool = False,
) -> Backend:
    """Find a backend.

    Parameters
    ----------
    target : str or function
        The name of an adapter ("torch"), of a dialect of npstn ("npstn.dialects.torch"), of a
        function ("package.module:function"), the path of a model ("grid_sample.onnx") with one
        GridSample or AffineGrid node; or a function.
    op : str, optional
        Operation, a generic name ("grid_sample") or the dialect's own ("remap"). By default that
        of the file, or the first one of the dialect that samples.
    dialect : str, optional
        Dialect of its arguments. By default that of the system, and npstn's for a function.
    vjp : str or function, optional
        Its vjp: "package.module:function_vjp". By default that of the adapter.
    runtime : {"onnxruntime", "openvino", "onnx"}
        What runs a model.
    device : str, optional
        Where an adapter puts its arrays: "cuda".
    version : str, optional
        Version of the dialect, an opset for ONNX. By default the installed one.
    bfloat16 : bool
        Whether arrays of float32 stand for bfloat16, which NumPy has not: an adapter converts them.

    Returns
    -------
    Backend
        The functions, and what they are.

    Raises
    ------
    ImportError, ValueError, TypeError, FileNotFoundError
        If there is none, or it has no such operation.
    """
    where = target if isinstance(target, str) else ""
    if device is not None and not (where in ADAPTERS and ADAPTERS[where].devices):
        known = ", ".join(name for name, adapter in ADAPTERS.items() if adapter.devices)
        raise ValueError(f"device is {shown(device)}, which {shown(target)} has not: only {known}")
    if bfloat16 and where in ADAPTERS and not ADAPTERS[where].bfloat16:
        known = ", ".join(name for name, adapter in ADAPTERS.items() if adapter.bfloat16)
        raise ValueError(f"dtype is bfloat16, which {where} has not: only {known}")
    if where.startswith(_DIALECTS):
        found = _of_dialect(where, op, dialect, version)
    elif where.endswith(".onnx"):
        found = _of_file(where, op, dialect, runtime, version)
    elif not isinstance(target, str) or ":" in target:
        found = _of_function(target, op, dialect or "npstn", version)
    else:
        found = _of_adapter(where, op, dialect, Chosen(version, device, bfloat16))
    return found if vjp is None else replace(found, vjp=_function("vjp", vjp))


def operations(target: str) -> tuple[str, ...]:
    """The operations of an adapter, or of a dialect of npstn, by their names in its row."""
    if target in ADAPTERS:
        return tuple(ADAPTERS[target].functions)
    name = target.removeprefix(_DIALECTS)
    return tuple(function.name for function in _ops.row_of(name).functions)


def _of_function(target: str | Fn, op: str | None, dialect: str, version: str | None) -> Backend:
    fn = _function("target", target)
    name = target if isinstance(target, str) else getattr(fn, "__qualname__", shown(fn))
    function = _ops.function_of(_ops.row_of(dialect, version), op)
    module = (getattr(fn, "__module__", None) or "").partition(".")[0]
    found = _versions(module) if module in sys.modules else _versions()
    return Backend(name, dialect, function.name, fn, None, version, found, options(fn))


def _of_dialect(target: str, op: str | None, dialect: str | None, version: str | None) -> Backend:
    name = target.removeprefix(_DIALECTS)
    if dialect not in (None, name):
        raise ValueError(
            f"dialect is {shown(dialect)}, expected {shown(name)}, which {shown(target)} has"
        )
    system = dialects.get(name, version=version)
    function = _ops.function_of(system.row, op)
    fn = _ops.as_backend(getattr(system, function.name), function)
    vjp = _ops.as_backend(getattr(system, f"{function.name}_vjp"), function, 1)
    taken = frozenset(_ops.options(function))
    return Backend(target, name, function.name, fn, vjp, version, _versions("npstn"), taken)


def _of_adapter(target: str, op: str | None, dialect: str | None, chosen: Chosen) -> Backend:
    if target not in ADAPTERS:
        others = "package.module:function, model.onnx, or npstn.dialects.NAME"
        raise ValueError(f"target is {shown(target)}, expected one of {listed()}; {others}")
    adapter = ADAPTERS[target]
    try:
        versions = _versions(*adapter.modules)
    except ImportError as error:
        needed = " and ".join(adapter.modules)
        raise ImportError(f"{target} needs {needed}: {error}") from error
    dialect = dialect or adapter.dialect or target
    version = chosen.version or adapter.version or versions[adapter.modules[0]]
    function = _ops.function_of(_ops.row_of(dialect, version), op, tuple(adapter.functions))
    chosen = chosen._replace(version=version)
    fn, vjp = adapter.make(adapter.functions[function.name], function, chosen)
    return Backend(
        target,
        dialect,
        function.name,
        _ops.as_backend(fn, function),
        None if vjp is None else _ops.as_backend(vjp, function, 1),
        version,
        versions,
        frozenset(_ops.options(function)),
    )


def _of_file(
    path: str, op: str | None, dialect: str | None, runtime: str, version: str | None
) -> Backend:
    if runtime not in model_files.RUNTIMES:
        known = ", ".join(model_files.RUNTIMES)
        raise ValueError(f"runtime is {shown(runtime)}, expected one of {known}")
    found = model_files.read(path, runtime)
    if dialect is None:  # OpenVINO has no AffineGrid of its own
        own = runtime in _OPSETS or _GENERIC[found.op] in operations(runtime)
        dialect = runtime if own else "onnx"
    if version is None:
        version = str(found.opset) if dialect in _OPSETS else None
    original = _ops.function_of(_ops.row_of("onnx", str(found.opset)), found.op)
    row = _ops.row_of(dialect, version)
    function = _ops.function_of(row, _GENERIC[found.op])
    _ops.function_of(row, op, (function.name,))
    fixed = {k: argument(original.arguments[k]).default for k in _ops.options(original)}
    fixed |= found.attributes
    if dialect not in _OPSETS:  # the names of PyTorch
        fixed = {k: _NAMES.get(v, v) for k, v in fixed.items()}
        fixed["align_corners"] = bool(fixed["align_corners"])
    return Backend(
        path,
        dialect,
        function.name,
        found.fn,
        None,
        version,
        _versions("onnx", runtime),
        frozenset(),
        fixed,
        found.dtype,
        found.rank,
    )


def _function(name: str, value: str | Fn) -> Fn:
    if callable(value):
        return value
    if not isinstance(value, str) or not all(value.partition(":")):
        raise ValueError(f"{name} is {shown(value)}, expected package.module:function")
    try:
        found = imported(value)
    except (ImportError, AttributeError) as error:
        raise ImportError(f"{name} {value} is not there: {error}") from error
    if not callable(found):
        raise TypeError(f"{name} {value} is {shown(found)}, expected a function")
    return cast(Fn, found)


def _versions(*modules: str) -> dict[str, str]:
    """Import modules, and say which versions they, Python and NumPy have."""
    found = {name: _version(name, import_module(name)) for name in modules}
    found = {name: version for name, version in found.items() if version}
    return {**found, "numpy": np.__version__, "python": sys.version.partition(" ")[0]}


def _version(name: str, module: Any) -> str:
    own = getattr(module, "__version__", None)
    if own is not None:
        return str(own)
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""
