"""The first Ctrl-C or SIGTERM asks for an orderly stop, the second one stops at once."""

from __future__ import annotations

import signal
from typing import Any


class Interrupts:
    """Signals caught between `catch` and `release`.

    Attributes:
        signal_number: the signal that came, or 0.
    """

    _SIGNALS = (signal.SIGINT, signal.SIGTERM)

    def __init__(self) -> None:
        self.signal_number = 0
        self._before: dict[int, Any] = {}

    def catch(self) -> None:
        """Note the first signal in place of dying of it."""
        for number in self._SIGNALS:
            self._before[number] = signal.signal(number, self._note)

    def raise_at_once(self) -> None:
        """From now on, raise KeyboardInterrupt at a signal, and at one that came already."""
        for number in self._before:
            signal.signal(number, self._raise)
        if self.signal_number:
            raise KeyboardInterrupt

    def release(self) -> None:
        """Put back what was before `catch`."""
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before.clear()

    def _raise(self, number: int, frame: object) -> None:
        self.signal_number = number
        raise KeyboardInterrupt

    def _note(self, number: int, frame: object) -> None:
        self.signal_number = number
        # The kernel's own action, so that a second signal ends even a call into C++.
        for each in self._SIGNALS:
            signal.signal(each, signal.SIG_DFL)
