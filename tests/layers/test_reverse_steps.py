"""Steps in reverse."""

import numpy as np

from dlcli.layers.reverse_steps import ReverseSteps

X = np.arange(12, dtype=np.float32).reshape(2, 3, 2)
LENGTHS = np.array([2, 3], np.int32)


def test_padding_stays_at_the_end():
    found = np.array(ReverseSteps()(X, LENGTHS))
    assert found[:, :, 0].tolist() == [[2, 0, 4], [10, 8, 6]]
    assert np.array_equal(ReverseSteps()(X), X[:, ::-1])


def test_twice_is_as_before():
    assert np.array_equal(ReverseSteps()(ReverseSteps()(X, LENGTHS), LENGTHS), X)
