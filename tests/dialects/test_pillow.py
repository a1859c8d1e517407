"""The row of Pillow against Pillow."""

import numpy as np
import pytest
from support.dialects import compare

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
