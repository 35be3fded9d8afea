"""The one place that sets TensorFlow's and Keras's environment, before they are imported."""

from __future__ import annotations

import faulthandler
import io
import os
import sys
import warnings


def prepare(debug: bool) -> None:
    """Choose the Keras backend and quieten Python's side of TensorFlow.

    Costs nothing when TensorFlow is never imported.

    Args:
        debug: leave every message on.
    """
    os.environ["KERAS_BACKEND"] = "tensorflow"
    if debug:
        return
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    os.environ["GRPC_VERBOSITY"] = "ERROR"
    if not sys.warnoptions:
        warnings.simplefilter("ignore")


def silence_native_libraries() -> None:
    """Keep what C++ libraries write to file descriptor 2 from the terminal.

    TensorFlow 2.21 and its CUDA libraries log before they read
    TF_CPP_MIN_LOG_LEVEL, so that no variable stops them. `sys.stderr` goes on
    writing where it did; a crash is still reported there.
    """
    terminal = os.dup(2)
    sys.stderr = io.TextIOWrapper(
        os.fdopen(terminal, "wb", buffering=0),
        encoding=sys.stderr.encoding,
        errors="backslashreplace",
        write_through=True,
    )
    faulthandler.enable(sys.stderr)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
