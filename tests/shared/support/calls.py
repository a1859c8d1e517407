"""A call of every public function that computes, on arrays of a given side."""

import inspect
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

import npstn
from npstn import transforms

NO_NUMBERS = {"check_environment", "warmup"}  # they compute nothing of arrays


def sines(dtype: type, *shape: int) -> np.ndarray:
    return np.sin(np.arange(1.0, 1.0 + np.prod(shape))).reshape(shape).astype(dtype)


def calls(dtype: type, side: int = 5) -> dict[str, Callable[[], list[np.ndarray]]]:
    """The calls by name; each gives all results as a list of arrays."""
    return {name: partial(_listed, call) for name, call in _calls(dtype, side)}


def _listed(call: Callable[[], Any]) -> list[np.ndarray]:
    found = call()
    if hasattr(found, "toarray"):
        found = found.data, found.indices, found.indptr
    return [np.asarray(a) for a in (found if isinstance(found, tuple) else [found])]


def _calls(dtype: type, side: int) -> Iterator[tuple[str, Callable[[], Any]]]:
    size, dims = (side + 1, side), (side, side + 2)
    s = partial(sines, dtype)
    x, theta = s(2, *size, 2), s(2, 6) / 4 + np.eye(2, 3, dtype=dtype).reshape(6)
    grid, d_out = s(2, *dims, 2) * dtype(1.2), s(2, *dims, 2)
    stn, sample = "spatial_transformer_network", "grid_sample"
    yield from _three(npstn, stn, [x, theta], [dims], d_out)
    yield from _three(npstn, sample, [x, grid], [], d_out, mode="bicubic", padding_mode="border")
    for name, point in ((stn, theta), (sample, grid)):
        second = f"{name}_vjp_vjp"
        yield second, partial(getattr(npstn, second), x, point, d_out, x, point)
    for name in "sampling_matrix", "coverage":
        yield name, partial(getattr(npstn, name), grid, size)
    yield from _three(npstn, "affine_grid", [theta], [dims], d_out, linear=True)
    units: dict[str, Any] = {"units": "normalized", "indexing": "xy"}
    flow = grid / dtype(20 * side)
    yield from _three(transforms, "displacement_grid", [flow], [], d_out, linear=True, **units)
    yield from _three(transforms, "compose_displacements", [flow, flow[::-1]], [], d_out, **units)
    yield "invert_displacement", partial(transforms.invert_displacement, flow, **units)
    yield from _three(transforms, "compose_grids", [grid, grid[::-1]], [], d_out)
    yield "jacobian_determinant", partial(transforms.jacobian_determinant, grid)
    yield from _three(transforms, "compose", [theta, theta[::-1]], [], theta)
    yield from _three(transforms, "invert", [theta], [], theta)
    for name in "theta_from_pixel", "theta_to_pixel":
        yield from _three(transforms, name, [theta], [size, dims], theta, linear=True)
    for family in transforms.FAMILIES.values():
        yield from _family(family, s, dims, d_out)
    yield "projective_denominator", partial(transforms.projective_denominator, s(2, 8) / 9, dims)
    yield "tps_condition", transforms.tps_condition
    yield "piecewise_affine_triangles", transforms.piecewise_affine_triangles


def _family(family: Any, s: Any, dims: Any, d_out: Any) -> Iterator[tuple[str, Callable[[], Any]]]:
    identity = family.identity()
    params = (identity + s(2, len(identity)) / 9).astype(d_out.dtype)
    if family.name != "affine":
        name = f"{family.name}_grid"
        yield from _three(transforms, name, [params], [dims], d_out)
        yield f"{family.name}_identity", getattr(transforms, f"{family.name}_identity")
        if family.theta:
            yield from _three(transforms, f"{family.name}_theta", [params], [], s(2, 2, 3))


def _three(
    home: Any, name: str, primals: Any, sizes: Any, d: Any, *, linear: bool = False, **options: Any
) -> Iterator[tuple[str, Callable[[], Any]]]:
    """A function, its tangent and its adjoint."""
    yield name, partial(getattr(home, name), *primals, *sizes, **options)
    tangents = [a[::-1] for a in primals]
    yield (
        f"{name}_jvp",
        partial(getattr(home, f"{name}_jvp"), *primals, *tangents, *sizes, **options),
    )
    vjp = getattr(home, f"{name}_vjp")
    sizes = sizes if "in_size" in inspect.signature(vjp).parameters else []
    yield f"{name}_vjp", partial(vjp, d, *([] if linear else primals), *sizes, **options)


def names() -> set[str]:
    """The public functions that compute."""
    found = {n for n in npstn.__all__ if inspect.isfunction(getattr(npstn, n))}
    found |= {n for n in transforms.__all__ if inspect.isfunction(getattr(transforms, n))}
    return found - NO_NUMBERS - {"family"}
