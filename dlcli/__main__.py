"""`python -m dlcli` and the `dlcli` command."""

import os
import signal
import sys

from dlcli import tensorflow_setup
from dlcli.cli.app import main


def run() -> None:
    """Run the command line and exit with its code."""
    if os.getpid() == 1:
        # The first process of a container ignores signals that it does not handle itself.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    if "--debug" not in sys.argv:
        tensorflow_setup.silence_native_libraries()
    sys.exit(main(sys.argv[1:]))


if __name__ == "__main__":
    run()
