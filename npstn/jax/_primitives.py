"""An operation as primitives of JAX: itself, its vjp, its jvp and the vjp of its vjp.

The derivatives and transposes of each are others of them: see :mod:`npstn._operation`. Each is
computed by NumPy, in a callback. Under vmap the batch is that of all calls.

``wanted`` says for each primal whether it has a cotangent, or a tangent that is not zero.
"""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import numpy as np
from jax import numpy as jnp
from jax.extend.core import Primitive
from jax.interpreters import ad, batching, mlir

from .._operation import LEFT_OUT, Operation
from .._rounding import narrowed, widened

Wanted = tuple[bool, ...]
DTYPES = "float64", "float32", "float16", "bfloat16"


def apply(operation: Operation, **primals: Any) -> Any:
    """Compute an operation of arrays by name."""
    given = {name: jnp.asarray(value) for name, value in primals.items()}
    for name, a in given.items():
        if a.dtype.name not in DTYPES:
            raise TypeError(f"{name} has dtype {a.dtype}, expected one of {', '.join(DTYPES)}")
    (found,) = FORWARD.bind(*given.values(), operation=operation)
    return found


def _primitive(
    name: str, compute: Callable[..., Sequence[Any]] | None, outline: Callable[..., list[Any]]
) -> Primitive:
    """Make a primitive of what NumPy computes, if it does, and of the shapes and dtypes of that."""
    made = Primitive(f"npstn_{name}")
    made.multiple_results = True

    def call(*given: Any, **params: Any) -> Any:
        shapes = outline(*given, **params)
        if compute is None:
            raise NotImplementedError(LEFT_OUT["twice"])

        def numpy(*arrays: Any) -> list[Any]:
            found = compute(*(widened(np.asarray(a)) for a in arrays), **params)
            return [narrowed(a, s.dtype) for a, s in zip(found, shapes, strict=True)]

        return jax.pure_callback(numpy, shapes, *given)

    def evaluated(*given: Any, **params: Any) -> list[Any]:
        return [jax.core.ShapedArray(s.shape, s.dtype) for s in outline(*given, **params)]

    def batched(given: Any, axes: Any, *, operation: Operation, **params: Any) -> Any:
        size = next(a.shape[k] for a, k in zip(given, axes, strict=True) if k is not None)
        folded = [_folded(size, *pair) for pair in zip(given, axes, strict=True)]
        found = made.bind(*folded, operation=operation, **params)
        return [a.reshape(size, a.shape[0] // size, *a.shape[1:]) for a in found], [0] * len(found)

    made.def_impl(jax.jit(call, static_argnames=("operation", "wanted", "other")))
    made.def_abstract_eval(evaluated)
    mlir.register_lowering(made, mlir.lower_fun(call, multiple_results=True))
    batching.primitive_batchers[made] = batched
    return made


def _folded(size: int, a: Any, axis: int | None) -> Any:
    """An array with the axis of vmap joined to that of the batch."""
    wide = jnp.broadcast_to(a, (size, *a.shape)) if axis is None else jnp.moveaxis(a, axis, 0)
    return wide.reshape(size * wide.shape[1], *wide.shape[2:])


def _like(a: Any) -> Any:
    return jax.ShapeDtypeStruct(a.shape, a.dtype)


def _out(*primals: Any, operation: Operation) -> list[Any]:
    """The outline of f, whose arguments are checked here."""
    kinds = [np.float32 if a.dtype == np.float32 else np.float64 for a in primals]
    pairs = zip(primals, kinds, strict=True)
    thin: list[Any] = [np.broadcast_to(np.zeros((), kind), a.shape) for a, kind in pairs]
    return [jax.ShapeDtypeStruct(operation.shape(*thin), primals[0].dtype)]


def _some(wanted: Wanted, found: Sequence[Any]) -> list[Any]:
    return [a for a, want in zip(found, wanted, strict=True) if want]


def _spread(wanted: Wanted, found: Sequence[Any]) -> list[Any]:
    """Values at the places of those that are wanted, None at others."""
    rest = iter(found)
    return [next(rest) if want else None for want in wanted]


def _given(tangents: Sequence[Any]) -> tuple[Wanted, list[Any]]:
    """Which tangents are not zero, and these."""
    wanted = tuple(t is not None and type(t) is not ad.Zero for t in tangents)
    return wanted, _some(wanted, tangents)


FORWARD = _primitive(
    "forward",  # of the primals
    lambda *primals, operation: [operation.forward(*primals)],
    _out,
)
VJP = _primitive(
    "vjp",  # of d and the primals: the cotangents of those that are wanted
    lambda d, *primals, operation, wanted: operation.vjp(wanted, d, *primals),
    lambda d, *primals, operation, wanted: [_like(a) for a in _some(wanted, primals)],
)
JVP = _primitive(
    "jvp",  # of the primals, and of the tangents of those that are wanted
    lambda *given, operation, wanted: [operation.jvp(*_parted(wanted, given))],
    lambda *given, operation, wanted: _out(*given[: len(wanted)], operation=operation),
)
SECOND = _primitive(
    "vjp_vjp",  # of d, the primals, and cotangents of the cotangents of those that are wanted
    lambda d, *given, operation, wanted: _second(operation, d, *_parted(wanted, given)),
    lambda d, *given, operation, wanted: [_like(a) for a in given[: len(wanted)]],
)
# Of the primals, and of two tangents of them: the second derivative of f, which has a transpose in
# either tangent, and is known by that alone.
TWICE = _primitive(
    "jvp_jvp",
    None,
    lambda *given, operation, wanted, other: _out(*given[: len(wanted)], operation=operation),
)


def _parted(wanted: Wanted, given: Sequence[Any]) -> tuple[Sequence[Any], list[Any]]:
    """The primals, and what there is for each of them."""
    return given[: len(wanted)], _spread(wanted, given[len(wanted) :])


def _second(operation: Operation, d: Any, primals: Any, dd: Any) -> tuple[Any, ...]:
    return operation.vjp_vjp(dd, d, *primals)[1:]


def _forward_jvp(primals: Any, tangents: Any, *, operation: Operation) -> Any:
    wanted, given = _given(tangents)
    out = FORWARD.bind(*primals, operation=operation)
    return out, JVP.bind(*primals, *given, operation=operation, wanted=wanted)


def _vjp_jvp(given: Any, tangents: Any, *, operation: Operation, wanted: Wanted) -> Any:
    (d, *primals), (t_d, *rest), parts = given, tangents, []
    if type(t_d) is not ad.Zero:
        parts.append(VJP.bind(t_d, *primals, operation=operation, wanted=wanted))
    some, chosen = _given(rest)
    if chosen:
        found = SECOND.bind(d, *primals, *chosen, operation=operation, wanted=some)
        parts.append(_some(wanted, found))
    out = VJP.bind(d, *primals, operation=operation, wanted=wanted)
    return out, [sum(part[1:], part[0]) for part in zip(*parts, strict=True)]


def _vjp_transpose(cts: Any, _: Any, *primals: Any, operation: Operation, wanted: Wanted) -> Any:
    some, chosen = _given(_spread(wanted, cts))
    found = JVP.bind(*primals, *chosen, operation=operation, wanted=some)
    return [*found, *(None for _ in primals)]


def _jvp_jvp(given: Any, tangents: Any, *, operation: Operation, wanted: Wanted) -> Any:
    count, parts = len(wanted), []
    other, moved = _given(tangents[:count])
    if moved:
        both = {"operation": operation, "wanted": wanted, "other": other}
        parts.append(TWICE.bind(*given, *moved, **both))
    some, chosen = _given(_spread(wanted, tangents[count:]))
    if chosen:
        parts.append(JVP.bind(*given[:count], *chosen, operation=operation, wanted=some))
    out = JVP.bind(*given, operation=operation, wanted=wanted)
    return out, [sum(part[1:], part[0]) for part in zip(*parts, strict=True)]


def _twice_transpose(
    cts: Any, *given: Any, operation: Operation, wanted: Wanted, other: Wanted
) -> Any:
    count = len(wanted)
    primals, first = given[:count], given[count : count + sum(wanted)]
    found = SECOND.bind(*cts, *primals, *first, operation=operation, wanted=wanted)
    return [*(None for _ in (*primals, *first)), *_some(other, found)]


def _jvp_transpose(cts: Any, *given: Any, operation: Operation, wanted: Wanted) -> Any:
    primals = given[: len(wanted)]
    found = VJP.bind(*cts, *primals, operation=operation, wanted=wanted)
    return [*(None for _ in primals), *found]


def _second_jvp(given: Any, tangents: Any, *, operation: Operation, wanted: Wanted) -> Any:
    count = 1 + len(wanted)
    if _given(tangents[:count])[1]:
        raise NotImplementedError(LEFT_OUT["third"])
    some, chosen = _given(_spread(wanted, tangents[count:]))
    out = SECOND.bind(*given, operation=operation, wanted=wanted)
    return out, SECOND.bind(*given[:count], *chosen, operation=operation, wanted=some)


def _second_transpose(cts: Any, *given: Any, operation: Operation, wanted: Wanted) -> Any:
    known, (some, chosen) = given[: 1 + len(wanted)], _given(cts)
    found = SECOND.bind(*known, *chosen, operation=operation, wanted=some)
    return [*(None for _ in known), *_some(wanted, found)]


_JVPS: dict[Primitive, Callable[..., Any]] = {
    FORWARD: _forward_jvp,
    VJP: _vjp_jvp,
    JVP: _jvp_jvp,
    SECOND: _second_jvp,
}
_TRANSPOSES: dict[Primitive, Callable[..., Any]] = {
    VJP: _vjp_transpose,
    JVP: _jvp_transpose,
    SECOND: _second_transpose,
    TWICE: _twice_transpose,
}
ad.primitive_jvps.update(_JVPS)
ad.primitive_transposes.update(_TRANSPOSES)
