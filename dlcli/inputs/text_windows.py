"""Windows over a text as strings, and what they are called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

import numpy as np


class TextWindows:
    """Pieces of a text, of equal length, cut when they are asked for; like an array of strings.

    Args:
        ids: uint16 (num_characters,), of each character of it.
        starts: (num_windows,) int64, where each begins.
        length: characters a window.
        slack: see `dlcli.inputs.windows.Windows`.
    """

    dtype = np.dtype(object)

    def __init__(
        self, text: str, ids: np.ndarray, starts: np.ndarray, length: int, slack: int = 0
    ) -> None:
        self.text, self.ids, self.starts, self.length, self.slack = text, ids, starts, length, slack
        self.shape = (len(starts),)

    def __len__(self) -> int:
        return len(self.starts)

    def __getitem__(self, index: np.ndarray | slice) -> np.ndarray:
        """Some of the windows, str objects (num_chosen,)."""
        chosen = self.starts[index]
        cut = np.empty(len(chosen), object)
        cut[:] = [self.text[start : start + self.length] for start in chosen.tolist()]
        return cut

    def followed_by(self, others: TextWindows) -> TextWindows:
        """See `dlcli.inputs.windows.Windows`."""
        count = len(others) - (self.slack > 0)
        starts = np.concatenate([self.starts, others.starts[:count]])
        return TextWindows(self.text, self.ids, starts, self.length, self.slack)


class WindowNames(Sequence[str]):
    """What to call each window: where it stands in the text.

    Args:
        starts: (num_windows,) where each begins.
        length: characters a window.
    """

    def __init__(self, shown: str, starts: np.ndarray, length: int) -> None:
        self._shown, self._starts, self._length = shown, starts, length

    def __len__(self) -> int:
        return len(self._starts)

    def followed_by(self, others: WindowNames) -> WindowNames:
        """The names of these windows, then of others of the same text."""
        starts = np.concatenate([self._starts, others._starts])
        return WindowNames(self._shown, starts, self._length)

    @overload
    def __getitem__(self, position: int) -> str: ...
    @overload
    def __getitem__(self, position: slice) -> list[str]: ...
    def __getitem__(self, position: int | slice) -> str | list[str]:
        """The name of one window, or of some."""
        if isinstance(position, slice):
            return [self[place] for place in range(*position.indices(len(self)))]
        first = int(self._starts[position]) + 1
        return f"{self._shown} characters {first:,} to {first + self._length - 1:,}"
