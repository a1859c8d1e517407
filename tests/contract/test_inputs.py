"""No public function writes to its arguments, and none minds if it could not.

Functions are found by the names of their arguments, families by their rows: new ones come by
themselves.
"""

import inspect

import numpy as np
import pytest
from support import Numbers
from support.options import LAST, RANKS

import npstn
from npstn.transforms import FAMILIES

SIZE, DIMS, B, C = {2: (4, 5), 3: (3, 4, 5)}, {2: (3, 2), 3: (2, 3, 2)}, 2, 3
NOT_ARRAYS = {"out_dims", "in_size"}
CASES = [(name, rank) for name, row in FAMILIES.items() for rank in row.ranks]
every_family = pytest.mark.parametrize(("family", "rank"), CASES)


def problem(rank, family="affine"):
    """Every argument by name: t_foo, d_foo and dd_foo are like foo."""
    numbers, dims = Numbers(110), DIMS[rank]
    theta = FAMILIES[family].identity(rank)
    primals = {
        "x": numbers.uniform((B, *SIZE[rank], C)),
        "grid": numbers.uniform((B, *dims, rank), -1.3, 1.3),
        "out": numbers.uniform((B, *dims, C)),
        "theta": theta + numbers.uniform((B, len(theta)), -0.2, 0.2),
    }
    found = {"out_dims": dims, "in_size": SIZE[rank], **primals}
    for mark in ("d", "t", "dd"):
        found |= {f"{mark}_{name}": numbers.uniform(a.shape) for name, a in primals.items()}
    return found


def arguments(function):
    parameters = inspect.signature(function).parameters.values()
    return [p.name for p in parameters if p.kind is not p.KEYWORD_ONLY]


def known(function):
    """Whether all of its arguments have a row in the problem, and one of them is an array."""
    names = set(arguments(function))
    return names <= set(problem(2)) and bool(names - NOT_ARRAYS)


def functions():
    found = {name: getattr(npstn, name) for name in npstn.__all__}
    return {n: f for n, f in found.items() if inspect.isfunction(f) and known(f)}


def arrays_of(found):
    return [a for a in found if isinstance(a, np.ndarray)]


def check(function, given, freeze, **options):
    """Call with arrays that could be written to and with some that could not."""
    before = [a.tobytes() for a in arrays_of(given)]
    want = function(*given, **options)
    assert [a.tobytes() for a in arrays_of(given)] == before, "an argument was written to"
    given = [freeze(a)[0] if isinstance(a, np.ndarray) else a for a in given]
    got = function(*given, **options)
    pairs = (arrays_of(f if isinstance(f, tuple) else (f,)) for f in (got, want))
    for a, b in zip(*pairs, strict=True):
        assert a.tobytes() == b.tobytes()
        assert a.flags.writeable
        assert not any(np.shares_memory(a, other) for other in arrays_of(given))


def options_of(function, rank):
    return {"layout": LAST[rank]} if "layout" in inspect.signature(function).parameters else {}


@pytest.mark.parametrize("rank", RANKS)
@pytest.mark.parametrize("name", functions())
def test_functions(name, rank, readonly, engine):
    function, found = getattr(npstn, name), problem(rank)
    given = [found[a] for a in arguments(function)]
    check(function, given, readonly, **options_of(function, rank))


@every_family
@pytest.mark.parametrize("end", ["", "_vjp", "_jvp"])
def test_the_module_with_every_family(family, rank, end, readonly):
    function = getattr(npstn, f"spatial_transformer_network{end}")
    found, options = problem(rank, family), {"transform": family, "layout": LAST[rank]}
    check(function, [found[a] for a in arguments(function)], readonly, **options)


@every_family
def test_families(family, rank, readonly):
    row, found = FAMILIES[family], problem(rank, family)
    params, dims, d_grid = found["theta"], found["out_dims"], found["d_grid"]
    check(row.grid, [params, dims], readonly)
    check(row.jvp, [params, found["t_theta"], dims], readonly)
    check(row.vjp, [d_grid, params], readonly)
    if row.theta:
        theta, theta_jvp, theta_vjp = row.theta
        check(theta, [params], readonly)
        check(theta_jvp, [params, found["t_theta"]], readonly)
        check(theta_vjp, [Numbers(111).uniform((B, rank, rank + 1)), params], readonly)


def test_functions_are_found():
    expected = {"grid_sample", "grid_sample_vjp_vjp", "affine_grid_jvp", "coverage"}
    assert expected <= set(functions())


def test_a_planted_write_is_found(readonly):
    def writes(x):
        x.flags.writeable = True
        x[0] = 7
        return x + 0

    def returns_its_argument(x):
        return x

    for wrong in (writes, returns_its_argument):
        with pytest.raises(AssertionError):
            check(wrong, [np.zeros(3)], readonly)
