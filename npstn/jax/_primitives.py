"""An operation as primitives of JAX: itself, its vjp, its jvp and the vjp of its vjp.

The derivatives of each are others of them: see :mod:`npstn._operation`. Each is computed by NumPy
in a callback. Under vmap the batch is that of all calls.
"""

from functools import partial
from typing import Any

import jax
import numpy as np
from jax.extend.core import Primitive
from jax.interpreters import ad, batching, mlir

from .._operation import Operation
from .._rounding import narrowed, widened

Wanted = tuple[bool, ...]


def _primitive(name: str, compute: Any, outline: Any) -> Primitive:
    """A primitive of several results, which NumPy computes from arrays as they are stored."""
    made = Primitive(f"npstn_{name}")
    made.multiple_results = True

    def call(*given: jax.Array, **params: Any) -> Any:
        shapes = outline(*given, **params)

        def numpy(*arrays: Any) -> list[Any]:
            found = compute(*(widened(np.asarray(a)) for a in arrays), **params)
            return [narrowed(a, s.dtype) for a, s in zip(found, shapes, strict=True)]

        return jax.pure_callback(numpy, list(shapes), *given)

    def batch(given: Any, axes: Any, *, operation: Operation, **params: Any) -> Any:
        size = next(a.shape[k] for a, k in zip(given, axes, strict=True) if k is not None)
        folded = []
        for a, axis in zip(given, axes, strict=True):
            moved = (
                jax.numpy.broadcast_to(a, (size, *a.shape))
                if axis is None
                else jax.numpy.moveaxis(a, axis, 0)
            )
            folded.append(moved.reshape(size * moved.shape[1], *moved.shape[2:]))
        found = made.bind(*folded, operation=operation.times(size), **params)
        return [a.reshape(size, a.shape[0] // size, *a.shape[1:]) for a in found], [0] * len(found)

    made.def_impl(partial(jax.jit(call, static_argnames=("operation", "wanted", "count"))))
    made.def_abstract_eval(lambda *a, **k: [jax.core.ShapedArray(s.shape, s.dtype) for s in outline(*a, **k)])
    mlir.register_lowering(made, mlir.lower_fun(call, multiple_results=True))
    batching.primitive_batchers[made] = batch
    return made


def _like(a: Any) -> jax.ShapeDtypeStruct:
    return jax.ShapeDtypeStruct(a.shape, a.dtype)


def _some(wanted: Wanted, found: Any) -> list[Any]:
    return [a for a, want in zip(found, wanted, strict=True) if want]


def _spread(wanted: Wanted, found: Any) -> list[Any]:
    rest = iter(found)
    return [next(rest) if want else None for want in wanted]


def _out(*primals: Any, operation: Operation) -> list[Any]:
    thin = [np.broadcast_to(np.zeros((), wide(a.dtype)), a.shape) for a in primals]
    return [jax.ShapeDtypeStruct(operation.shape(*thin), primals[0].dtype)]


def wide(dtype: Any) -> Any:
    return np.float32 if dtype == np.float32 else np.float64


forward_p = _primitive(
    "forward", lambda *primals, operation: [operation.forward(*primals)], _out
)
# Operands: d, primals; results: cotangents of the wanted primals.
vjp_p = _primitive(
    "vjp",
    lambda d, *primals, operation, wanted: operation.vjp(wanted, d, *primals),
    lambda d, *primals, operation, wanted: [_like(a) for a in _some(wanted, primals)],
)
# Operands: primals, tangents of the wanted ones.
jvp_p = _primitive(
    "jvp",
    lambda *given, operation, wanted: [
        operation.jvp(given[: len(wanted)], _spread(wanted, given[len(wanted) :]))
    ],
    lambda *given, operation, wanted: _out(*given[: len(wanted)], operation=operation),
)
# Operands: d, primals, cotangents dd of the wanted results of the vjp; results: those of primals.
second_p = _primitive(
    "vjp_vjp",
    lambda d, *given, operation, wanted, count: operation.vjp_vjp(
        _spread(wanted, given[len(wanted) :]), d, *given[: len(wanted)]
    )[1:],
    lambda d, *given, operation, wanted, count: [_like(a) for a in given[: len(wanted)]],
)


def _given(tangents: Any) -> tuple[Wanted, list[Any]]:
    """Which tangents are not zero, and these."""
    wanted = tuple(type(t) is not ad.Zero for t in tangents)
    return wanted, _some(wanted, tangents)


def _forward_jvp(primals: Any, tangents: Any, *, operation: Operation) -> Any:
    wanted, given = _given(tangents)
    out = forward_p.bind(*primals, operation=operation)
    return out, jvp_p.bind(*primals, *given, operation=operation, wanted=wanted)


def _vjp_jvp(given: Any, tangents: Any, *, operation: Operation, wanted: Wanted) -> Any:
    (d, *primals), (t_d, *rest) = given, tangents
    out = vjp_p.bind(d, *primals, operation=operation, wanted=wanted)
    parts = []
    if type(t_d) is not ad.Zero:
        parts.append(vjp_p.bind(t_d, *primals, operation=operation, wanted=wanted))
    some, chosen = _given(rest)
    if any(some):
        more = second_p.bind(d, *primals, *chosen, operation=operation, wanted=some, count=0)
        parts.append(_some(wanted, more))
    return out, [sum(part[1:], part[0]) for part in zip(*parts, strict=True)]


def _vjp_transpose(cts: Any, d: Any, *primals: Any, operation: Operation, wanted: Wanted) -> Any:
    chosen, given = _given(cts)
    where = _spread(wanted, chosen)
    some = tuple(bool(w) for w in where)
    found = jvp_p.bind(*primals, *given, operation=operation, wanted=some)
    return [*found, *(None for _ in primals)]


def _jvp_jvp(given: Any, tangents: Any, *, operation: Operation, wanted: Wanted) -> Any:
    primals, values = given[: len(wanted)], given[len(wanted) :]
    of_primals, of_values = tangents[: len(wanted)], tangents[len(wanted) :]
    if any(type(t) is not ad.Zero for t in of_primals):
        raise NotImplementedError(_TWICE)
    out = jvp_p.bind(*given, operation=operation, wanted=wanted)
    some, chosen = _given(of_values)
    where = tuple(bool(w) for w in _spread(wanted, some))
    return out, jvp_p.bind(*primals, *chosen, operation=operation, wanted=where)


def _jvp_transpose(cts: Any, *given: Any, operation: Operation, wanted: Wanted) -> Any:
    (ct,), primals = cts, given[: len(wanted)]
    found = vjp_p.bind(ct, *primals, operation=operation, wanted=wanted)
    return [*(None for _ in primals), *found]


def _second_jvp(given: Any, tangents: Any, *, operation: Operation, wanted: Wanted, count: int) -> Any:
    (d, *rest), size = given, len(wanted)
    primals = rest[:size]
    if any(type(t) is not ad.Zero for t in tangents[: size + 1]):
        raise NotImplementedError("npstn has no third derivatives")
    out = second_p.bind(*given, operation=operation, wanted=wanted, count=count)
    some, chosen = _given(tangents[size + 1 :])
    where = tuple(bool(w) for w in _spread(wanted, some))
    return out, second_p.bind(d, *primals, *chosen, operation=operation, wanted=where, count=count)


def _second_transpose(cts: Any, d: Any, *given: Any, operation: Operation, wanted: Wanted, count: int) -> Any:
    primals = given[: len(wanted)]
    some, chosen = _given(cts)
    found = second_p.bind(d, *primals, *chosen, operation=operation, wanted=some, count=count)
    return [None, *(None for _ in primals), *_some(wanted, found)]


_TWICE = "npstn has no second derivative forward over forward; use jacfwd of jacrev, or jacrev twice"
ad.primitive_jvps |= {
    forward_p: _forward_jvp,
    vjp_p: _vjp_jvp,
    jvp_p: _jvp_jvp,
    second_p: _second_jvp,
}
ad.primitive_transposes |= {
    vjp_p: _vjp_transpose,
    jvp_p: _jvp_transpose,
    second_p: _second_transpose,
}


def apply(operation: Operation, *primals: Any) -> jax.Array:
    """The operation of arrays."""
    (found,) = forward_p.bind(*map(jax.numpy.asarray, primals), operation=operation)
    return found
