"""A worker that `dlcli launch --local` started: the command line, tied to the launcher's life.

python -m dlcli.launch.worker PIPE train ...
"""

from __future__ import annotations

import os
import signal
import sys
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


if __name__ == "__main__":
    end_with_launcher(int(sys.argv.pop(1)))
    from dlcli.__main__ import run

    sys.argv[0] = "dlcli"
    run()
