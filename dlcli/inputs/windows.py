"""Windows over a series or a text: many overlapping examples of one array in memory."""

from __future__ import annotations

from typing import Any

import numpy as np


class Windows:
    """Windows of equal length, cut when they are asked for; in all else like an array.

    Args:
        values: (num_steps, ...), in memory or memory-mapped.
        starts: (num_windows,) int64, where each begins.
        length: steps a window; None for the one step at its start, without an axis of steps.
        dtype: what the values are cut as; None for their own.
        slack: steps by which all windows may be moved on together; see `moved`.
    """

    def __init__(
        self,
        values: np.ndarray,
        starts: np.ndarray,
        length: int | None,
        dtype: Any = None,
        slack: int = 0,
    ) -> None:
        steps = 1 if length is None else length
        if len(starts) and (starts.min() < 0 or starts.max() + steps + slack > len(values)):
            raise ValueError(f"a window of {steps} steps leaves an array of {len(values)}.")
        self.values, self.starts, self.length, self.slack = values, starts, length, slack
        self.dtype = np.dtype(dtype or values.dtype)
        inner = () if length is None else (length,)
        self.shape = (len(starts), *inner, *values.shape[1:])
        self._offsets = np.arange(steps)

    def __len__(self) -> int:
        return len(self.starts)

    def __getitem__(self, index: np.ndarray | slice) -> np.ndarray:
        """Some of the windows, (num_chosen, length, ...)."""
        starts = self.starts[index]
        if self.length is not None:
            starts = starts[:, None] + self._offsets
        cut: np.ndarray = self.values[starts].astype(self.dtype, copy=False)
        return cut

    def followed_by(self, others: Windows) -> Windows:
        """These and windows of a later part of the same array, without one that could leave it."""
        count = len(others) - (self.slack > 0)
        starts = np.concatenate([self.starts, others.starts[:count]])
        return Windows(self.values, starts, self.length, self.dtype, self.slack)

    def moved(self, steps: int) -> Windows:
        """The same windows, each that many steps further on; 0 to `slack`."""
        return Windows(
            self.values, self.starts + steps, self.length, self.dtype, self.slack - steps
        )
