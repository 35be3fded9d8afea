"""The first Ctrl-C, SIGTERM or SIGUSR1 asks for an orderly stop, the second one stops at once."""

from __future__ import annotations

import os
import signal
import sys
import threading
from contextlib import suppress
from typing import Any

# Batch systems announce the end of a job with SIGUSR1 where they are told to.
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1)


def clean_up_first() -> None:
    """Let the first Ctrl-C, SIGTERM or SIGUSR1 unwind the stack: temporary files are removed.

    The second one ends the process at once, with the cursor that a progress bar hides.
    """

    def first(number: int, frame: object) -> None:
        for each in _SIGNALS:
            signal.signal(each, _end)
        if number == signal.SIGINT:
            raise KeyboardInterrupt
        sys.exit(128 + number)

    for number in _SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:  # as under nohup
            signal.signal(number, first)


def _end(number: int, frame: object = None) -> None:
    """End the process now, with the cursor shown."""
    if sys.stderr is not None and sys.stderr.isatty():
        with suppress(OSError):
            os.write(sys.stderr.fileno(), b"\x1b[?25h\n")
    os._exit(128 + number)


class Interrupts:
    """Signals caught between `catch` and `release`, or within a `with`.

    Python runs a handler only between two of its own instructions, and one TensorFlow call
    may take seconds. So a thread counts the signals as they come, and the second one ends
    the process whatever the main thread is doing.
    """

    def __init__(self) -> None:
        self.signal_number = 0  # of the signal that came
        self._before: dict[int, Any] = {}
        self._wakeup_before = -1
        self._pipe = (-1, -1)

    def __enter__(self) -> Interrupts:
        self.catch()
        return self

    def __exit__(self, *exception: object) -> None:
        self.release()

    def came(self) -> bool:
        """Whether a signal has come."""
        return bool(self.signal_number)

    def catch(self) -> None:
        """Note the first signal in place of dying of it; also after `raise_at_once`."""
        if self._before:
            for number in self._before:
                signal.signal(number, self._note)
            return
        self._pipe = os.pipe()
        os.set_blocking(self._pipe[1], False)
        self._wakeup_before = signal.set_wakeup_fd(self._pipe[1], warn_on_full_buffer=False)
        threading.Thread(target=self._watch, args=(self._pipe[0],), daemon=True).start()
        for number in _SIGNALS:
            self._before[number] = signal.signal(number, self._note)

    def raise_at_once(self) -> None:
        """From now on, raise KeyboardInterrupt at a signal, and at one that came already."""
        for number in self._before:
            signal.signal(number, self._raise)
        if self.signal_number:
            raise KeyboardInterrupt

    def release(self) -> None:
        """Put back what was before `catch`."""
        if not self._before:
            return
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before.clear()
        signal.set_wakeup_fd(self._wakeup_before)
        os.close(self._pipe[1])  # the thread reads its end, and ends

    def _note(self, number: int, frame: object) -> None:
        self.signal_number = number

    def _raise(self, number: int, frame: object) -> None:
        self.signal_number = number
        raise KeyboardInterrupt

    def _watch(self, pipe: int) -> None:
        """Read the number of each signal that comes; the second is the end."""
        came = 0
        while numbers := os.read(pipe, 1):
            came += numbers[0] in _SIGNALS
            if came == 2:
                _end(numbers[0])
        os.close(pipe)
