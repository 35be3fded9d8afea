"""The command line as a process: its streams, its signals and its exit code."""

import gc
import os
import sys

# What a start makes is kept: to look for garbage in it takes a tenth of the time of `--help`.
gc.set_threshold(100_000, 50, 100)

from dlcli import tensorflow_setup  # noqa: E402
from dlcli.cli import interrupts  # noqa: E402
from dlcli.cli.app import main  # noqa: E402
from dlcli.cli.screens import output  # noqa: E402
from dlcli.errors import DlcliError, WorkerLostError  # noqa: E402


def _open_streams() -> None:
    """Have all three standard streams, also where a shell closed one (`2>&-`).

    Else a file that is opened would take the number of the stream, and get what is printed.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            # It takes the lowest number that is free.
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
    sys.stdin = sys.stdin or open(0, closefd=False)  # noqa: SIM115
    sys.stdout = sys.stdout or open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w", closefd=False)  # noqa: SIM115


def _flushed(code: int) -> int:
    """The exit code, once all that was printed is out; 1 where it cannot be."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        output.detach_stdout()
        return code or 1
    except OSError as error:
        output.detach_stdout()
        message = f"what was printed cannot be written: {error.strerror}."
        output.render_error(DlcliError(message), as_json=False)
        return code or 1
    return code


def run() -> None:
    """Run the command line and exit with its code."""
    # Also because the first process of a container ignores signals that it does not handle itself.
    interrupts.clean_up_first()
    _open_streams()
    if "--debug" not in sys.argv:
        tensorflow_setup.silence_native_libraries()
    code = _flushed(main(sys.argv[1:]))
    if code == WorkerLostError.exit_code:
        # TensorFlow would look for the worker that is gone before it let the process end.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)
