"""The end of a worker that `dlcli launch --local` started: no worker outlives its launcher."""

from __future__ import annotations

import os
import signal
import threading
import time

# What a checkpoint may take, before a worker that does not stop is ended.
STOP_SECONDS = 60.0


def end_with_launcher(pipe: int) -> None:
    """Stop this process, in order if it can, once nobody holds the other end of a pipe.

    A launcher that is killed closes its end like any other: no worker outlives it.

    Args:
        pipe: file descriptor to read from; nothing is ever written into it.
    """

    def watch() -> None:
        os.read(pipe, 1)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(STOP_SECONDS)
        os._exit(128 + signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()
