"""The last step that is there."""

import numpy as np

from dlcli.layers.last_step import LastStep


def test_the_step_before_the_end_is_picked():
    x = np.arange(12, dtype=np.float32).reshape(2, 3, 2)
    assert np.array_equal(LastStep()(x, np.array([2, 3], np.int32)), [[2, 3], [10, 11]])
    assert np.array_equal(LastStep()(x, np.array([1, 1], np.int32)), x[:, 0])
