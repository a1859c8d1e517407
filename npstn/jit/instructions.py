"""The instructions for LLVM behind :mod:`.lanes`: four float64 are one register."""

import inspect
from collections.abc import Callable
from functools import cache
from typing import Any

from . import lanes as plain


@cache
def primitives() -> dict[Callable[..., Any], Any]:
    """Numba's twin of each function above; operators between lanes are made known to it."""
    import operator

    from llvmlite import ir
    from numba import types
    from numba.core.imputils import lower_builtin
    from numba.core.typing.templates import ConcreteTemplate, infer_global, signature
    from numba.extending import intrinsic, models, register_model

    double, i32, i64 = ir.DoubleType(), ir.IntType(32), ir.IntType(64)
    wide, bits = ir.VectorType(double, 4), ir.VectorType(i64, 4)

    def kind_of(name: str, form: Any) -> Any:
        """A type of Numba's that is one register."""
        kind = type(name, (types.Type,), {})
        fields = {
            "__init__": lambda model, dmm, t: models.PrimitiveModel.__init__(model, dmm, t, form)
        }
        register_model(kind)(type(f"{name}Model", (models.PrimitiveModel,), fields))
        return kind(name)

    lanes, mask, number = kind_of("Lanes", wide), kind_of("Mask", bits), types.float64
    two, four = types.UniTuple(lanes, 2), types.UniTuple(lanes, 4)

    def order(*numbers: int) -> Any:
        return ir.Constant(ir.VectorType(i32, len(numbers)), numbers)

    def join(b: Any, v: Any, w: Any, *numbers: int) -> Any:
        return b.shuffle_vector(v, w, order(*numbers))

    def spread(b: Any, x: Any) -> Any:
        v = b.insert_element(ir.Constant(wide, ir.Undefined), x, ir.Constant(i32, 0))
        return join(b, v, ir.Constant(wide, ir.Undefined), 0, 0, 0, 0)

    def define(op: Any, result: Any, emit: Any, kinds: Any) -> None:
        cases = [signature(result, *arguments) for arguments in kinds]
        infer_global(op)(type("Operator", (ConcreteTemplate,), {"cases": cases}))

        def lower(context: Any, b: Any, sig: Any, args: Any) -> Any:
            pairs = zip(args, sig.args, strict=True)
            return emit(b, *(spread(b, v) if t == number else v for v, t in pairs))

        for arguments in kinds:
            lower_builtin(op, *arguments)(lower)

    def fabs(b: Any, v: Any) -> Any:
        return call(b, "fabs", v)

    def call(b: Any, name: str, v: Any) -> Any:
        function = ir.FunctionType(wide, [wide])
        return b.call(b.module.declare_intrinsic(f"llvm.{name}.v4f64", (), function), [v])

    binary = [(lanes, lanes), (lanes, number), (number, lanes)]
    for op, name in zip(
        ("add", "sub", "mul", "truediv"), ("fadd", "fsub", "fmul", "fdiv"), strict=True
    ):
        define(getattr(operator, op), lanes, lambda b, v, w, n=name: getattr(b, n)(v, w), binary)
    for op, sign in (("lt", "<"), ("le", "<="), ("gt", ">"), ("ge", ">="), ("eq", "==")):
        compare = lambda b, v, w, s=sign: b.sext(b.fcmp_ordered(s, v, w), bits)  # noqa: E731
        define(getattr(operator, op), mask, compare, binary)
    unequal = lambda b, v, w: b.sext(b.fcmp_unordered("!=", v, w), bits)  # noqa: E731
    define(operator.ne, mask, unequal, binary)
    define(operator.and_, mask, lambda b, v, w: b.and_(v, w), [(mask, mask)])
    define(operator.or_, mask, lambda b, v, w: b.or_(v, w), [(mask, mask)])
    define(operator.neg, lanes, lambda b, v: b.fneg(v), [(lanes,)])
    define(abs, lanes, fabs, [(lanes,)])

    def pointer(context: Any, b: Any, sig: Any, args: Any, at: Any, count: int) -> Any:
        """The address of a[at], and ``count`` numbers there as a type; a is the first argument."""
        data = context.make_array(sig.args[0])(context, b, args[0]).data
        form = ir.VectorType(context.get_data_type(sig.args[0].dtype), count)
        return b.bitcast(b.gep(data, [at]), form.as_pointer()), sig.args[0].dtype.bitwidth // 8

    def read(context: Any, b: Any, sig: Any, args: Any, at: Any, count: int = 4) -> Any:
        place, align = pointer(context, b, sig, args, at, count)
        v = b.load(place)
        v.align = align
        return b.fpext(v, ir.VectorType(double, count)) if align == 4 else v

    def write(context: Any, b: Any, sig: Any, args: Any, v: Any) -> Any:
        place, align = pointer(context, b, sig, args, args[1], 4)
        if align == 4 and v.type == wide:
            v = b.fptrunc(v, ir.VectorType(ir.FloatType(), 4))
        b.store(v, place).align = align
        return context.get_dummy_value()

    def element(context: Any, b: Any, sig: Any, args: Any, at: Any) -> Any:
        data = context.make_array(sig.args[0])(context, b, args[0]).data
        v = b.load(b.gep(data, [at]))
        return b.fpext(v, double) if v.type != double else v

    def joined(b: Any, numbers: Any) -> Any:
        v = ir.Constant(wide, ir.Undefined)
        for q, x in enumerate(numbers):
            v = b.insert_element(v, x, ir.Constant(i32, q))
        return v

    def steps(b: Any, at: Any, step: Any) -> Any:
        return [b.add(at, b.mul(step, ir.Constant(at.type, q))) for q in range(4)]

    def addresses(context: Any, b: Any, sig: Any, args: Any) -> Any:
        """index[j + q] + shift of (a, index, j, shift)."""
        data = context.make_array(sig.args[1])(context, b, args[1]).data
        found = [b.load(b.gep(data, [b.add(args[2], ir.Constant(i64, q))])) for q in range(4)]
        return [b.add(b.sext(k, i64), args[3]) for k in found]

    def turned(b: Any, v: Any) -> Any:
        """Transpose four values."""
        low = [join(b, v[k], v[k + 1], 0, 4, 2, 6) for k in (0, 2)]
        high = [join(b, v[k], v[k + 1], 1, 5, 3, 7) for k in (0, 2)]
        halves = (0, 1, 4, 5), (2, 3, 6, 7)
        return [join(b, *pair, *half) for half in halves for pair in (low, high)]

    def tuple_of(context: Any, b: Any, sig: Any, values: Any) -> Any:
        return context.make_tuple(b, sig.return_type, values)

    def emit_pairs(context: Any, b: Any, sig: Any, args: Any) -> Any:
        v = [read(context, b, sig, args, at, 2) for at in addresses(context, b, sig, args)]
        even, odd = join(b, v[0], v[2], 0, 1, 2, 3), join(b, v[1], v[3], 0, 1, 2, 3)
        found = join(b, even, odd, 0, 4, 2, 6), join(b, even, odd, 1, 5, 3, 7)
        return tuple_of(context, b, sig, found)

    def emit_quads(context: Any, b: Any, sig: Any, args: Any) -> Any:
        v = [read(context, b, sig, args, at) for at in addresses(context, b, sig, args)]
        return tuple_of(context, b, sig, turned(b, v))

    def emit_unzip(context: Any, b: Any, sig: Any, args: Any) -> Any:
        v = read(context, b, sig, args, args[1], 8)
        found = join(b, v, v, 0, 2, 4, 6), join(b, v, v, 1, 3, 5, 7)
        return tuple_of(context, b, sig, found)

    def negative(b: Any, m: Any) -> Any:
        return b.icmp_signed("<", m, ir.Constant(bits, [0] * 4))

    def emit_total(context: Any, b: Any, sig: Any, args: Any) -> Any:
        x = [b.extract_element(args[0], ir.Constant(i32, q)) for q in range(4)]
        return b.fadd(b.fadd(x[0], x[1]), b.fadd(x[2], x[3]))

    def emit_store(context: Any, b: Any, sig: Any, args: Any) -> Any:
        nan = ir.Constant(wide, [float("nan")] * 4)
        v = b.select(b.fcmp_ordered("==", args[2], args[2]), args[2], nan)
        return write(context, b, sig, args, v)

    def emit_fetch(context: Any, b: Any, sig: Any, args: Any) -> Any:
        data = context.make_array(sig.args[0])(context, b, args[0]).data
        byte = ir.IntType(8).as_pointer()
        kind = ir.FunctionType(ir.VoidType(), [byte, i32, i32, i32])
        function = b.module.declare_intrinsic("llvm.prefetch.p0", (), kind)
        hints = [ir.Constant(i32, hint) for hint in (0, 3, 1)]
        b.call(function, [b.bitcast(b.gep(data, [args[1]]), byte), *hints])
        return context.get_dummy_value()

    def emit_add(context: Any, b: Any, sig: Any, args: Any) -> Any:
        return write(context, b, sig, args, b.fadd(read(context, b, sig, args, args[1]), args[2]))

    def emit_index(context: Any, b: Any, sig: Any, args: Any) -> Any:
        return write(context, b, sig, args, b.fptosi(args[2], ir.VectorType(i32, 4)))

    def emit_strided(context: Any, b: Any, sig: Any, args: Any) -> Any:
        return joined(b, [element(context, b, sig, args, at) for at in steps(b, args[1], args[2])])

    def emit_put(context: Any, b: Any, sig: Any, args: Any) -> Any:
        data = context.make_array(sig.args[0])(context, b, args[0]).data
        for q, at in enumerate(steps(b, args[1], args[2])):
            b.store(b.extract_element(args[3], ir.Constant(i32, q)), b.gep(data, [at]))
        return context.get_dummy_value()

    def emit_singles(context: Any, b: Any, sig: Any, args: Any) -> Any:
        at = addresses(context, b, sig, args)
        return joined(b, [element(context, b, sig, args, k) for k in at])

    emitters: dict[Callable[..., Any], tuple[Any, Any]] = {
        plain.splat: (lanes, lambda c, b, sig, args: spread(b, args[0])),
        plain.pack: (lanes, lambda c, b, sig, args: joined(b, args)),
        plain.lane: (number, lambda c, b, sig, args: b.extract_element(args[0], args[1])),
        plain.total: (number, emit_total),
        plain.where: (lanes, lambda c, b, sig, args: b.select(negative(b, args[0]), *args[1:])),
        plain.keep: (types.void, lambda c, b, sig, args: write(c, b, sig, args, args[2])),
        plain.rint: (lanes, lambda c, b, sig, args: call(b, "rint", args[0])),
        plain.floor: (lanes, lambda c, b, sig, args: call(b, "floor", args[0])),
        plain.load: (lanes, lambda c, b, sig, args: read(c, b, sig, args, args[1])),
        plain.store: (types.void, emit_store),
        plain.add_to: (types.void, emit_add),
        plain.fetch: (types.void, emit_fetch),
        plain.store_index: (types.void, emit_index),
        plain.strided: (lanes, emit_strided),
        plain.store_strided: (types.void, emit_put),
        plain.unzip: (two, emit_unzip),
        plain.singles: (lanes, emit_singles),
        plain.pairs: (two, emit_pairs),
        plain.quads: (four, emit_quads),
        plain.transpose: (four, lambda c, b, sig, args: tuple_of(c, b, sig, turned(b, args))),
    }

    def twin(function: Callable[..., Any], result: Any, emit: Any) -> Any:
        def typing(context: Any, *arguments: Any) -> Any:
            wide = {types.Integer: types.int64, types.Float: types.float64}
            kinds = [wide.get(type(types.unliteral(a)), types.unliteral(a)) for a in arguments]
            return result(*kinds), emit

        named = inspect.signature(function).parameters.values()
        first = inspect.Parameter("context", inspect.Parameter.POSITIONAL_OR_KEYWORD)
        typing.__name__, typing.__signature__ = (  # type: ignore[attr-defined]
            function.__name__,
            inspect.Signature([first, *named]),
        )
        return intrinsic(typing)

    return {f: twin(f, *row) for f, row in emitters.items()}
