"""The row of JAX against jax.scipy.ndimage."""

import pytest
from support.dialects import compare, every
from support.jax_arrays import on_arrays

pytest.importorskip("jax", reason="the real thing is not installed")


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

    real, real_vjp = on_arrays(jax.scipy.ndimage.map_coordinates)
    print(compare("jax", "map_coordinates", real, real_vjp, named=named, kinds=kinds))


@pytest.mark.parametrize(("at", "value"), [(0, "[2.]")])
def test_differences(at, value, capsys):
    exec(every("jax")[at].shown_by, {})
    assert capsys.readouterr().out.strip() == value
