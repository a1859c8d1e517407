"""The row of Pillow against Pillow."""

import numpy as np
import pytest
from support.dialects import compare, function_of

from npstn import dialects

Image = pytest.importorskip("PIL.Image", reason="needs Pillow")

KINDS = ("random", "lattice", "kinks", "ties", "outside", "single")
METHODS = {"transform_affine": 0, "transform_perspective": 2}


def run(method):
    def real(image, size, data, resample, fillcolor):
        picture = Image.fromarray(image).transform(
            size, method, tuple(map(float, np.ravel(data))), resample, fillcolor=fillcolor
        )
        return np.asarray(picture)

    return real


@pytest.mark.parametrize("name", METHODS)
def test_forward(name):
    print(name, compare("pillow", name, run(METHODS[name]), kinds=KINDS, fillcolor=2.5))


def test_a_map_is_rounded_there(capsys):
    (difference,) = function_of("pillow", "transform_affine").differences
    exec(difference.shown_by, {})
    assert capsys.readouterr().out == "2.0\n"
    x = np.arange(8, dtype=np.float32).reshape(2, 4)
    m = np.array([1, 1e-9, 0.499999, 0, 1, 0])
    assert dialects.pillow.transform_affine(x, (4, 1), m)[0, 1] == 1.0
