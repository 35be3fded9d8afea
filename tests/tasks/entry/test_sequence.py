"""Whole series on their way into the network."""

import numpy as np

from dlcli.tasks.entry import sequence

NAN = np.nan


def test_a_series_ends_where_nothing_follows_in_any_channel():
    numbers = np.array(
        [[[1, 2], [3, 4], [5, 6]], [[1, NAN], [NAN, 4], [NAN, NAN]], [[NAN, NAN]] * 3], np.float32
    )
    entered = sequence.enter(numbers)
    assert np.array_equal(entered.features, np.nan_to_num(numbers))
    assert np.array(entered.context["lengths"]).tolist() == [3, 2, 1]  # an empty one is one step
