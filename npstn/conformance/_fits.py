"""Which functions can have a bug: predicates of functions and of paddings."""

from collections.abc import Callable

from ..dialects.row import Convention, Function, Padding

Fits = Callable[[Function], bool]


def conventions(function: Function) -> list[Convention]:
    """The conventions of a function: for images of one kind, and of the other."""
    return [function.convention, *([function.otherwise] if function.otherwise else [])]


def samples(function: Function) -> bool:
    """Whether a function samples an image."""
    return function.op in ("sample", "warp")


def maps(function: Function) -> bool:
    """Whether a function has a map."""
    return function.op in ("warp", "grid") and "theta" in _roles(function)


def normalized(function: Function) -> bool:
    """Whether a function samples at normalized points."""
    return samples(function) and function.convention.unit == "normalized"


def role(name: str) -> Fits:
    """Whether a function has an argument of a role."""
    return lambda function: name in _roles(function)


def having(padding: Callable[[Padding], bool], *modes: str) -> Fits:
    """Whether a function samples with some padding, and in some mode of ours."""

    def fits(function: Function) -> bool:
        return samples(function) and any(
            any(map(padding, rule.paddings.values()))
            and (not modes or bool({*modes} & {*rule.modes.values()}))
            for rule in conventions(function)
        )

    return fits


def _roles(function: Function) -> set[str]:
    return {v if isinstance(v, str) else v.role for v in function.arguments.values()}


def every(*fits: Fits) -> Fits:
    """Whether a function fits all."""
    return lambda function: all(fit(function) for fit in fits)


def ruling(fits: Callable[[Convention], bool]) -> Fits:
    """Whether a convention of a function fits."""
    return lambda function: any(map(fits, conventions(function)))


def ungated(function: Function) -> bool:
    """Whether the padding alone says which points count."""
    return not role("gate")(function)


def anyhow(padding: Padding) -> bool:
    """Any padding."""
    return True


def zeros(padding: Padding) -> bool:
    """Whether texels outside count as zeros, or as the fill."""
    return padding.mode == "zeros"


def opened(padding: Padding) -> bool:
    """Whether points count that are outside by less than a texel."""
    return padding.gate is None or padding.gate.low < 0


def open_zeros(padding: Padding) -> bool:
    """Whether both hold."""
    return zeros(padding) and opened(padding)


def mirrors(padding: Padding) -> bool:
    """Whether a padding reflects."""
    return padding.mode == "reflection"


def mirrors_on(padding: Padding) -> bool:
    """Whether it reflects as often as it takes."""
    return mirrors(padding) and padding.folds is None
