"""A function of ours in a process of its own: a crash there is an error here.

What the process's libraries print is kept from the terminal; the end of it is a note of the
error, which a traceback shows.
"""

from __future__ import annotations

import faulthandler
import importlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from dlcli import errors
from dlcli.errors import ArtifactError, DlcliError

_FOLDER = "dlcli-child-"  # beginning of its name
_LINES_KEPT = 40


def run(module: str, job: dict[str, Any], what: str) -> Generator[dict[str, Any]]:
    """Run the function `run(job, tell)` of a module in a fresh process.

    It ends when this process does, however that happens, and when the iterator is closed.

    Args:
        module: its dotted name.
        job: what JSON can hold.
        what: for messages: what the process does, such as "writing the TFLite file". A
            message with "doing" replaces it.

    Yields:
        What the function told.

    Raises:
        DlcliError: the one that the function raised.
        ArtifactError: the process crashed, was killed, or stumbled over an error of another
            kind.
    """
    with (
        tempfile.TemporaryFile() as log,
        # A process that is killed leaves its temporary files: they go with this folder.
        tempfile.TemporaryDirectory(prefix=_FOLDER) as folder,
        started(module, job, stdout=subprocess.PIPE, stderr=log, folder=folder) as process,
    ):
        for line in process.stdout or ():
            message = json.loads(line)
            if "error" in message:
                process.wait()
                raise _raised(message["error"], what, _end_of(log))
            what = message.get("doing", what)
            yield message
        if process.wait() != 0:
            raise _ended(process.returncode, what, _end_of(log))


@contextmanager
def started(
    module: str, job: dict[str, Any], *, stdout: Any, stderr: Any, folder: str | Path
) -> Iterator[subprocess.Popen[bytes]]:
    """Start the function `run(job, tell)` of a module in a fresh process.

    It ends when this process does, however that happens, and nothing of it is alive afterwards.

    Args:
        module, job: see `run`.
        stdout: gets a line of JSON for each document that the function tells; the last one has
            an `error` where it raised one.
        stderr: gets what the process prints.
        folder: for its temporary files.
    """
    # The same modules as here, whatever the current folder holds.
    start = (
        f"import sys; sys.path[:] = {sys.path!r}; from dlcli import child; child.main({module!r})"
    )
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", start],
        stdin=subprocess.PIPE,
        stdout=stdout,
        stderr=stderr,
        env={**os.environ, "TMPDIR": str(folder)},
        start_new_session=True,  # a Ctrl-C in the terminal is for us alone
    )
    try:
        # Left open: its end tells the process that we are gone.
        process.stdin.write(json.dumps(job).encode() + b"\n")  # type: ignore[union-attr]
        process.stdin.flush()  # type: ignore[union-attr]
        yield process
    finally:
        if process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                with suppress(BrokenPipeError):
                    pipe.close()


def main(module: str) -> None:
    """What the process does."""
    messages = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)
    faulthandler.enable()
    job = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()

    def tell(message: dict[str, Any]) -> None:
        messages.write(json.dumps(message) + "\n")

    try:
        importlib.import_module(module).run(job, tell)
    except DlcliError as error:
        tell({"error": {"type": type(error).__name__, "text": error.message, "hint": error.hint}})
        sys.exit(error.exit_code)
    except BaseException as error:
        traceback.print_exc()
        lines = str(error).strip().splitlines()
        text = f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
        tell({"error": {"type": "", "text": text, "hint": ""}})
        raise


def _end_with_parent() -> None:
    # Unbuffered: a thread that held the buffer's lock would upset the end of the interpreter.
    while os.read(0, 1):
        pass
    folder = Path(os.environ.get("TMPDIR", ""))
    if folder.name.startswith(_FOLDER):  # of this process alone
        shutil.rmtree(folder, ignore_errors=True)
    os._exit(1)


def _end_of(log: Any) -> str:
    log.seek(0)
    lines = log.read().decode("utf-8", "replace").splitlines()
    return "\n".join(lines[-_LINES_KEPT:])


def _raised(error: dict[str, str], what: str, said: str) -> DlcliError:
    kind = getattr(errors, error["type"], None)
    if kind is None:
        return _noted(ArtifactError(f"{what} failed: {error['text']}", _HINT), said)
    return _noted(kind(error["text"], error["hint"]), said)


_HINT = "Run the command again with --debug to see what was printed before."


def _ended(code: int, what: str, said: str) -> DlcliError:
    if code == -signal.SIGKILL:
        return _noted(
            ArtifactError(
                f"{what} failed: the process was killed, as the system does when memory is short.",
                "Close other programs, or use a machine with more memory.",
            ),
            said,
        )
    ended = f"crashed with {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
    return _noted(ArtifactError(f"{what} failed: the process {ended}.", _HINT), said)


def _noted(error: DlcliError, said: str) -> DlcliError:
    if said:
        error.add_note(f"The process printed at its end:\n{said}")
    return error
