"""Noise is normal, and the same for a seed."""

import numpy as np
import pytest

from dlcli.inputs import noise


def test_a_seed_says_it_all_and_more_rows_begin_with_the_same():
    drawn = noise.normal(3, 4, seed=5)
    assert drawn.dtype == np.float32
    assert np.array_equal(drawn, noise.normal(10, 4, seed=5)[:3])
    assert not np.array_equal(drawn, noise.normal(3, 4, seed=6))


def test_it_stays_what_it_is():
    assert noise.normal(1, 3, seed=0)[0] == pytest.approx(
        [0.301227, -0.614648, -0.585604], abs=1e-5
    )


def test_it_is_normal_and_its_draws_independent():
    drawn = noise.normal(20_000, 5, seed=0).astype(np.float64)
    assert np.abs(drawn.mean(axis=0)).max() < 0.03
    assert np.abs(np.cov(drawn.T) - np.eye(5)).max() < 0.05
    assert (np.abs(drawn) < 1).mean() == pytest.approx(0.6827, abs=0.01)
    assert (np.abs(drawn) > 3).mean() == pytest.approx(0.0027, abs=0.001)
