"""Windows over a series or a text: many overlapping examples of one array in memory."""

from __future__ import annotations

import numpy as np


class Windows:
    """Windows of equal length, cut when they are asked for; in all else like an array.

    Args:
        values: (num_steps, ...), in memory or memory-mapped.
        starts: (num_windows,) int64, where each begins.
        length: steps a window.
    """

    def __init__(self, values: np.ndarray, starts: np.ndarray, length: int) -> None:
        if len(starts) and (starts.min() < 0 or starts.max() + length > len(values)):
            raise ValueError(f"a window of {length} steps leaves an array of {len(values)}.")
        self.values, self.starts, self._offsets = values, starts, np.arange(length)
        self.shape = (len(starts), length, *values.shape[1:])
        self.dtype = values.dtype

    def __len__(self) -> int:
        return len(self.starts)

    def __getitem__(self, index: np.ndarray | slice) -> np.ndarray:
        """Some of the windows, (num_chosen, length, ...)."""
        cut: np.ndarray = self.values[self.starts[index][:, None] + self._offsets]
        return cut
