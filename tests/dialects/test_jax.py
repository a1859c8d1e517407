"""The row of JAX against jax.scipy.ndimage."""

import numpy as np
import pytest
from support.dialects import compare, every

jax = pytest.importorskip("jax", reason="the real thing is not installed")
jax.config.update("jax_enable_x64", True)


def run(function):
    """A function of JAX on NumPy arrays, and its vjp."""

    def split(given):
        arrays = {k: jax.numpy.asarray(v) for k, v in given.items() if hasattr(v, "dtype")}
        return arrays, {k: v for k, v in given.items() if k not in arrays}

    def real(**given):
        arrays, options = split(given)
        with jax.disable_jit():
            return np.asarray(function(**arrays, **options))

    def real_vjp(d_out, **given):
        arrays, options = split(given)
        with jax.disable_jit():
            _, pull = jax.vjp(lambda a: function(**a, **options), arrays)
            found = pull(jax.numpy.asarray(d_out))[0]
        return tuple(np.asarray(found[k]) for k in arrays)

    return real, real_vjp


def named(case):
    if case.kind in ("huge", "inf"):
        return "integers of 32 bits"
    return None


# In parts, for it compiles each operation of each shape.
@pytest.mark.parametrize(
    "kinds",
    [("random",), ("lattice", "kinks"), ("ties", "outside", "single"), ("nan",), ("inf", "huge")],
)
def test_map_coordinates(kinds):
    import jax.scipy.ndimage

    real, real_vjp = run(jax.scipy.ndimage.map_coordinates)
    print(compare("jax", "map_coordinates", real, real_vjp, named=named, kinds=kinds))


@pytest.mark.parametrize(("at", "value"), [(0, "[2.]")])
def test_differences(at, value, capsys):
    exec(every("jax")[at].shown_by, {})
    assert capsys.readouterr().out.strip() == value
