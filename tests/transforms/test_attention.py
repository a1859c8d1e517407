"""Attention: a window of the input."""

import numpy as np
import pytest

from npstn.transforms import attention_grid, attention_theta


def test_theta_and_the_window_it_shows():
    params = np.array([[0.5, 0.25, -0.5]])
    assert attention_theta(params).tolist() == [[[0.5, 0, 0.25], [0, 0.5, -0.5]]]
    grid = attention_grid(params, (3, 5))
    assert grid[0, 1, :, 0].tolist() == [-0.25, 0, 0.25, 0.5, 0.75]
    assert grid[0, :, 2, 1].tolist() == [-1, -0.5, 0]


def test_a_scale_more_is_refused():
    with pytest.raises(ValueError, match=r"\(1, 4\), expected \(B, 3\) or \(B, K, 3\)"):
        attention_theta(np.ones((1, 4)))
