"""The rows of Keras against Keras, on the backend that KERAS_BACKEND names."""

import importlib.util
import os

import numpy as np
import pytest
from support.dialects import GRADIENT_KINDS, compare, every

from npstn import dialects

# Without a choice: the first that is there.
KNOWN = [name for name in ("tensorflow", "torch", "jax") if importlib.util.find_spec(name)]
os.environ.setdefault("KERAS_BACKEND", (*KNOWN, "numpy")[0])
pytest.importorskip("keras", reason="the real thing is not installed")
try:
    import keras
except ImportError as e:
    pytest.skip(f"KERAS_BACKEND has no backend here: {e}", allow_module_level=True)
if not hasattr(keras, "ops"):
    pytest.skip(f"Keras {keras.__version__} has no ops", allow_module_level=True)

BACKEND = keras.backend.backend()
if BACKEND == "jax":
    import jax

    jax.config.update("jax_enable_x64", True)


def run(name):
    """A function of Keras on NumPy arrays, which it may write into; NaN where it raises."""
    function, ours = getattr(keras.ops.image, name), getattr(dialects.keras, name)

    def real(**given):
        copies = {k: v.copy() if hasattr(v, "dtype") else v for k, v in given.items()}
        try:
            return keras.ops.convert_to_numpy(function(**copies))
        except Exception:  # each backend has its own kinds of errors
            return np.full(ours(**given).shape, np.nan)

    return real


def common(case):
    if case.padding == "mirror" and 1 in case.size and BACKEND == "torch":
        return "one texel"
    drawn = case.kind == "random" or (case.kind == "single" and case.points is not None)
    if drawn and case.dtype == "float64" and BACKEND == "numpy":
        return "float32 inside"
    return None


def sampled(case):
    if case.kind in ("nan", "inf", "huge"):
        return "integers of 32 bits"
    if case.mode == "nearest" and case.kind in ("ties", "lattice") and BACKEND in ("jax", "numpy"):
        return "ties"
    if case.padding in ("mirror", "reflect") and BACKEND == "tensorflow":
        return "broken"
    return common(case)


def warped(case):
    if case.padding in ("mirror", "reflect", "wrap") and BACKEND == "tensorflow":
        return "other folds"
    if case.dtype == "float64" and BACKEND == "tensorflow":
        return "float32 inside"
    if (case.given["transform"][:, 6:] != 0).any() and BACKEND != "tensorflow":
        return "the last two numbers"
    if case.mode == "nearest" and case.kind != "random" and BACKEND in ("torch", "numpy"):
        return "ties"
    return common(case)


def test_map_coordinates():
    real = run("map_coordinates")
    print(BACKEND, compare("keras", "map_coordinates", real, named=sampled))


def test_affine_transform():
    real, kinds = run("affine_transform"), (*GRADIENT_KINDS, "ties")
    print(BACKEND, compare("keras", "affine_transform", real, named=warped, kinds=kinds))


def test_affine_transform_without_a_last_row():
    theta = np.array([[0.9, 0.2, -1.33, -0.1, 1.1, 0.73], [-1.04, 0.3, 4.27, 0.4, 1.2, -1.11]])
    theta = np.concatenate([theta, np.zeros((2, 2))], 1)

    def known(case):
        return common(case) if BACKEND != "tensorflow" else warped(case)

    real, kinds = run("affine_transform"), ("random",)
    fixed = {"named": known, "kinds": kinds, "transform": theta}
    print(BACKEND, compare("keras", "affine_transform", real, **fixed))


# By backend: what the lines of the row print, in their order, or the error that they raise.
# Each name above has its line: where the values are not ours, the backend is excluded by it.
ADDED, DIVIDED = "[2.5 0.5 3.  1. ]", "[5.         2.33333325 1.         2.00000024]"
SHOWN = {
    "tensorflow": {2: "[5. 5.]", 3: "[1.]", 4: "[5.]", 5: DIVIDED, 6: "[0. 1. 6. 2.]"}
    | {7: "-9.5", 8: "[3.  3.5 4.  5. ]"},
    "torch": {1: Exception, 2: "[5., 5.]", 4: "[5.]", 5: ADDED, 6: "[5. 5. 6. 6.]"},
    "numpy": {0: "float32", 2: "[1. 5.]", 4: Exception, 5: ADDED, 6: "[5. 1. 6. 2.]"},
    "jax": {2: "[1. 0.]", 4: "[2.]", 5: ADDED, 6: "[0. 1. 6. 2.]"},
}


@pytest.mark.parametrize(("at", "value"), SHOWN[BACKEND].items())
def test_differences(at, value, capsys):
    line = every("keras")[at].shown_by
    if value is Exception:
        with pytest.raises(Exception, match=r"ZeroDivisionError|dimension|allocate"):
            exec(line, {})
    else:
        exec(line, {})
        assert value in capsys.readouterr().out


def test_each_line_is_shown():
    assert {at for shown in SHOWN.values() for at in shown} == set(range(len(every("keras"))))
