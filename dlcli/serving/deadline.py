"""Until when somebody waits for the answer to a request."""

from __future__ import annotations

import time


class Deadline:
    """The end of a request's time; it comes at once when nobody waits any more.

    Threads cannot be ended, so they ask from time to time.

    Args:
        seconds: from now on.
    """

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def give_up(self) -> None:
        """Say that nobody waits any more."""
        self._end = 0.0

    def remaining(self) -> float:
        """Seconds that are left, or 0."""
        return max(0.0, self._end - time.monotonic())

    def check(self) -> None:
        """See that somebody still waits."""
        if not self.remaining():
            raise TimeoutError
