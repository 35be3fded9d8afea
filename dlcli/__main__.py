"""`python -m dlcli` and the `dlcli` command."""

import gc
import os
import sys

# What a start makes is kept: to look for garbage in it takes a tenth of the time of `--help`.
gc.set_threshold(100_000, 50, 100)

from dlcli import tensorflow_setup  # noqa: E402
from dlcli.cli import interrupts  # noqa: E402
from dlcli.cli.app import main  # noqa: E402
from dlcli.errors import WorkerLostError  # noqa: E402


def run() -> None:
    """Run the command line and exit with its code."""
    # Also because the first process of a container ignores signals that it does not handle itself.
    interrupts.clean_up_first()
    if "--debug" not in sys.argv:
        tensorflow_setup.silence_native_libraries()
    code = main(sys.argv[1:])
    if code == WorkerLostError.exit_code:
        # TensorFlow would look for the worker that is gone before it let the process end.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


if __name__ == "__main__":
    run()
