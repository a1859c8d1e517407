"""An operation as a function of PyTorch: itself, its vjp, its jvp and the vjp of its vjp.

Each is a torch.autograd.Function, and the derivatives of each are others of them: see
:mod:`npstn._operation`. Under vmap the batch is that of all calls.
"""

from typing import Any

from torch import Tensor
from torch.autograd import Function

from .._operation import LEFT_OUT, Operation
from ._tensors import array, arrays, tensor

Maybe = Any  # a tensor, or None for zero


class Forward(Function):
    """f(*primals)."""

    @staticmethod
    def forward(operation: Operation, *primals: Tensor) -> Tensor:
        """Compute the output."""
        return tensor(operation.forward(*map(array, primals)), primals[0])

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        """Keep the primals."""
        ctx.operation, *primals = inputs
        _keep(ctx, primals)

    @staticmethod
    def backward(ctx: Any, d: Maybe) -> tuple[Any, ...]:
        """Compute the vjp of f."""
        if d is None:
            return (None,) * len(ctx.needs_input_grad)
        wanted = tuple(ctx.needs_input_grad[1:])
        return None, *_spread(wanted, Vjp.apply(ctx.operation, wanted, d, *ctx.saved_tensors))

    @staticmethod
    def jvp(ctx: Any, _: None, *tangents: Maybe) -> Tensor:
        """Compute the jvp of f."""
        return Jvp.apply(ctx.operation, *ctx.saved_tensors, *tangents)

    @staticmethod
    def vmap(info: Any, dims: tuple[Any, ...], operation: Operation, *primals: Tensor) -> Any:
        """Compute all calls of vmap at once."""
        size = info.batch_size
        folded = _folded(size, dims[1:], primals)
        return _unfolded(size, Forward.apply(operation, *folded))


class Vjp(Function):
    """The cotangents of some primals, from that of f."""

    @staticmethod
    def forward(
        operation: Operation, wanted: tuple[bool, ...], d: Tensor, *primals: Tensor
    ) -> tuple[Tensor, ...]:
        """Compute the cotangents."""
        found = operation.vjp(wanted, *map(array, (d, *primals)))
        chosen = [p for p, want in zip(primals, wanted, strict=True) if want]
        return tuple(map(tensor, found, chosen))

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        """Keep the cotangent and the primals."""
        ctx.operation, ctx.wanted, *rest = inputs
        _keep(ctx, rest)

    @staticmethod
    def backward(ctx: Any, *dd: Maybe) -> tuple[Any, ...]:
        """Compute the vjp of the vjp."""
        wanted = tuple(ctx.needs_input_grad[2:])
        given = _spread(ctx.wanted, dd)
        found = VjpVjp.apply(ctx.operation, wanted, *given, *ctx.saved_tensors)
        return None, None, *_spread(wanted, found)

    @staticmethod
    def jvp(ctx: Any, _: None, __: None, t_d: Maybe, *tangents: Maybe) -> tuple[Tensor, ...]:
        """The vjp of t_d, and the vjp of the vjp of the other tangents."""
        d, *primals = ctx.saved_tensors
        parts = []
        if t_d is not None:
            parts.append(Vjp.apply(ctx.operation, ctx.wanted, t_d, *primals))
        if any(t is not None for t in tangents):
            wanted = False, *ctx.wanted
            parts.append(VjpVjp.apply(ctx.operation, wanted, *tangents, d, *primals))
        return tuple(sum(part[1:], part[0]) for part in zip(*parts, strict=True))

    @staticmethod
    def vmap(
        info: Any, dims: tuple[Any, ...], operation: Operation, wanted: Any, *rest: Tensor
    ) -> Any:
        """Compute all calls of vmap at once."""
        size = info.batch_size
        folded = _folded(size, dims[2:], rest)
        return _unfolded(size, Vjp.apply(operation, wanted, *folded))


class Jvp(Function):
    """The tangent of f."""

    @staticmethod
    def forward(operation: Operation, *given: Maybe) -> Tensor:
        """Compute it, of primals and tangents."""
        primals, tangents = _halves(given)
        found = operation.jvp(arrays(*primals), arrays(*tangents))
        return tensor(found, primals[0])

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        """Keep primals and tangents."""
        ctx.operation, *given = inputs
        _keep(ctx, given)

    @staticmethod
    def backward(ctx: Any, d: Maybe) -> tuple[Any, ...]:
        """The vjp of the vjp for the primals, the vjp for the tangents."""
        if d is None:
            return (None,) * len(ctx.needs_input_grad)
        primals, tangents = _halves(ctx.saved_tensors)
        some, others = (tuple(half) for half in _halves(ctx.needs_input_grad[1:]))
        first: Any = [None] * len(primals)
        if any(some):
            wanted = False, *some
            found = VjpVjp.apply(ctx.operation, wanted, *tangents, d, *primals)
            first = _spread(some, found)
        second: Any = [None] * len(primals)
        if any(others):
            second = _spread(others, Vjp.apply(ctx.operation, others, d, *primals))
        return None, *first, *second

    @staticmethod
    def jvp(ctx: Any, *_: Any) -> Any:
        """Refuse, in words."""
        raise NotImplementedError(LEFT_OUT["twice"])

    @staticmethod
    def vmap(info: Any, dims: tuple[Any, ...], operation: Operation, *given: Maybe) -> Any:
        """Compute all calls of vmap at once."""
        size = info.batch_size
        folded = _folded(size, dims[1:], given)
        return _unfolded(size, Jvp.apply(operation, *folded))


class VjpVjp(Function):
    """Cotangents of d and of the primals, from those of the vjp's results."""

    @staticmethod
    def forward(
        operation: Operation, wanted: tuple[bool, ...], *given: Maybe
    ) -> tuple[Tensor, ...]:
        """Compute those that are wanted, of dd, d and primals."""
        dd, rest = given[: len(wanted) - 1], given[len(wanted) - 1 :]
        found = operation.vjp_vjp(arrays(*dd), *map(array, rest))
        triples = zip(found, rest, wanted, strict=True)
        return tuple(tensor(a, like) for a, like, want in triples if want and like is not None)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        """Keep nothing."""

    @staticmethod
    def backward(ctx: Any, *_: Any) -> Any:
        """Refuse, in words."""
        raise NotImplementedError(LEFT_OUT["third"])

    jvp = backward

    @staticmethod
    def vmap(
        info: Any, dims: tuple[Any, ...], operation: Operation, wanted: Any, *given: Maybe
    ) -> Any:
        """Compute all calls of vmap at once."""
        size = info.batch_size
        folded = _folded(size, dims[2:], given)
        return _unfolded(size, VjpVjp.apply(operation, wanted, *folded))


def _keep(ctx: Any, tensors: Any) -> None:
    ctx.save_for_backward(*tensors)
    ctx.save_for_forward(*tensors)
    ctx.set_materialize_grads(False)


def _spread(wanted: tuple[bool, ...], found: Any) -> list[Any]:
    """Results at the places of those that are wanted, None at others."""
    rest = iter(found)
    return [next(rest) if want else None for want in wanted]


def _halves(given: Any) -> tuple[Any, Any]:
    half = len(given) // 2
    return given[:half], given[half:]


def _folded(size: int, dims: tuple[Any, ...], given: tuple[Maybe, ...]) -> list[Maybe]:
    """Tensors with the axis of vmap joined to that of the batch."""
    found: list[Maybe] = []
    for value, dim in zip(given, dims, strict=True):
        if value is None:
            found.append(None)
            continue
        moved = value.expand(size, *value.shape) if dim is None else value.movedim(dim, 0)
        found.append(moved.reshape(size * moved.shape[1], *moved.shape[2:]))
    return found


def _unfolded(size: int, found: Any) -> tuple[Any, Any]:
    """Results with the axis of vmap first, and the numbers of these axes."""
    if isinstance(found, tuple):
        return tuple(_parted(size, a) for a in found), (0,) * len(found)
    return _parted(size, found), 0


def _parted(size: int, a: Tensor) -> Tensor:
    return a.reshape(size, a.shape[0] // size, *a.shape[1:])
