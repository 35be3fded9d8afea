"""Windows are cut when they are asked for."""

import numpy as np
import pytest

from dlcli.inputs.windows import Windows


def test_windows_are_what_slices_give():
    values = np.arange(20, dtype=np.float32).reshape(10, 2)
    windows = Windows(values, np.array([0, 3, 7]), 3)
    assert (len(windows), windows.shape, windows.dtype) == (3, (3, 3, 2), np.float32)
    assert np.array_equal(windows[np.array([2, 0])], np.stack([values[7:10], values[0:3]]))
    assert np.array_equal(windows[1:2], values[None, 3:6])
    assert windows[np.array([], int)].shape == (0, 3, 2)


def test_single_steps_another_dtype_and_windows_that_move():
    values = np.arange(10, dtype=np.uint16)
    single = Windows(values, np.array([0, 4]), None, np.int32, slack=3)
    assert (single.shape, single.dtype) == ((2,), np.int32)
    assert single[:].tolist() == [0, 4]
    assert single[:].dtype == np.int32
    moved = single.moved(2)
    assert (moved[:].tolist(), moved.slack, moved.dtype) == ([2, 6], 1, np.int32)
    with pytest.raises(ValueError, match="leaves an array of 10"):
        Windows(values, np.array([6]), 3, slack=2)


@pytest.mark.parametrize("start", [-1, 8])
def test_a_window_beyond_the_array_is_refused(start):
    with pytest.raises(ValueError, match="leaves an array of 10"):
        Windows(np.zeros(10), np.array([start]), 3)
