"""Pooling over the steps that are there."""

import numpy as np
import pytest

from dlcli.layers.pooled_steps import PooledSteps

X = np.arange(12, dtype=np.float32).reshape(2, 3, 2)
LENGTHS = np.array([2, 3], np.int32)


def test_the_mean_and_the_maximum_are_of_the_steps_that_are_there():
    assert np.array_equal(PooledSteps("mean")(X, LENGTHS), [[1, 2], [8, 9]])
    assert np.array_equal(PooledSteps("max")(X, LENGTHS), [[2, 3], [10, 11]])
    assert np.array_equal(PooledSteps("max")(-X, LENGTHS), [[0, -1], [-6, -7]])


@pytest.mark.parametrize("pooling", ["mean", "max"])
def test_without_lengths_all_steps_count(pooling):
    assert np.array_equal(PooledSteps(pooling)(X), getattr(X, pooling)(axis=1))


@pytest.mark.parametrize("pooling", ["mean", "max"])
def test_what_follows_the_end_may_be_anything(pooling):
    changed = X.copy()
    changed[0, 2] = np.inf
    assert np.array_equal(PooledSteps(pooling)(changed, LENGTHS), PooledSteps(pooling)(X, LENGTHS))
