"""How often something may be shown that costs training time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Budget:
    """Lets something be done as often as it costs no more than a share of the training time.

    As with checkpoints, the interval follows from the cost: what is cheap is done every epoch,
    what is dear now and then.

    Args:
        share: of the training time.
        start: seconds that may be spent besides, so that a short training shows something too.
        guess: seconds that it is taken to cost before it was done once.
    """

    def __init__(self, share: float, start: float, guess: float) -> None:
        self._share = share
        self._left = start
        self._cost = guess
        self._seconds = 0.0

    def allows(self, seconds: float) -> bool:
        """Whether there is time for it now, after so many seconds of training."""
        self._left += self._share * (seconds - self._seconds)
        self._seconds = seconds
        return self._left >= self._cost

    @contextmanager
    def spent(self) -> Iterator[None]:
        """Count the time inside."""
        started = time.monotonic()
        try:
            yield
        finally:
            self._cost = time.monotonic() - started
            self._left -= self._cost
