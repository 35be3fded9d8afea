"""A mask of lengths."""

import numpy as np

from dlcli.layers.present_steps import PresentSteps


def test_steps_before_the_end_are_present():
    mask = PresentSteps()(np.zeros((3, 4, 2), np.float32), np.array([1, 3, 4], np.int32))
    assert mask.numpy().astype(int).tolist() == [[[1, 0, 0, 0]], [[1, 1, 1, 0]], [[1, 1, 1, 1]]]
