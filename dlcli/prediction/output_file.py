"""An output that a kill at any moment does not spoil, and that is gone on with.

What is written goes to FILE.partial. Every few seconds that file is synced to the disk, and then
FILE.journal says how many inputs and bytes are in it, and of which job: model, inputs, options.
The same job, run again, cuts the partial file off at those bytes and goes on with the input that
follows. As batches are cut alike, the end is equal, byte by byte, to that of one undisturbed run.
Only a complete output gets its name.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from dlcli import files
from dlcli.errors import DataError, RunBusyError, UsageError

SCHEMA = "dlcli.predict-journal/1"
_SECONDS_A_SYNC = 2.0
_CHANGES = {
    "dlcli": "it was another version of dlcli",
    "model": "the model was another one",
    "inputs": "the inputs were others",
    "shard": "--shard was {}",
    "limit": "--limit was {}",
    "format": "the format was {}",
    "top_k": "--top-k was {}",
    "batch_size": "--batch-size was {}",
}


class OutputFile:
    """A file that is being written.

    Args:
        job: tells whether a later run does the same.
        done: what a journal says is in the file already.
        is_complete: whether that is all, and the file has its name.
    """

    def __init__(
        self,
        path: Path,
        partial: BinaryIO,
        job: Mapping[str, Any],
        done: Mapping[str, Any],
        is_complete: bool = False,
    ) -> None:
        self.path = path
        self.is_complete = is_complete
        self.num_rows: int = done.get("rows", 0)
        self.num_errors: int = done.get("errors", 0)
        self._partial = partial
        self._job = job
        self._synced = time.monotonic()
        self.num_bytes: int = done.get("bytes", 0)

    def write(self, text: str, num_rows: int = 0, num_errors: int = 0) -> None:
        """Add whole rows."""
        data = text.encode()
        self._partial.write(data)
        self.num_bytes += len(data)
        self.num_rows += num_rows
        self.num_errors += num_errors
        if time.monotonic() - self._synced > _SECONDS_A_SYNC:
            self.sync()

    def sync(self, file_bytes: int = 0) -> None:
        """See that the rows are on the disk, then note them, and the size of a complete file."""
        self._partial.flush()
        os.fsync(self._partial.fileno())
        document = {
            "schema": SCHEMA,
            "job": self._job,
            "rows": self.num_rows,
            "errors": self.num_errors,
            "bytes": self.num_bytes,
            "file_bytes": file_bytes,
        }
        files.write_json(journal_of(self.path), document)
        self._synced = time.monotonic()

    def finish(self, keep_journal: bool, convert: Callable[[Path, Path], None] | None) -> None:
        """Give the complete file its name.

        Args:
            keep_journal: leave the journal: it says which shard the file is.
            convert: makes the file out of the rows, given both; None where they are the file.
        """
        self.sync()
        partial = partial_of(self.path)
        if convert:
            with files.replacing(self.path) as ready:
                convert(partial, ready)
                self.sync(ready.stat().st_size)
            partial.unlink()
        else:
            self.sync(partial.stat().st_size)
            os.replace(partial, self.path)
        if not keep_journal:
            journal_of(self.path).unlink()


def journal_of(path: Path) -> Path:
    """The file that says how far an output is."""
    return path.with_name(f"{path.name}.journal")


def partial_of(path: Path) -> Path:
    """The file that holds the rows of an output that is not complete."""
    return path.with_name(f"{path.name}.partial")


@contextlib.contextmanager
def opened(
    path: Path, job: Mapping[str, Any], restart: bool, keep_journal: bool
) -> Iterator[OutputFile]:
    """Open an output for writing, after what an earlier run of the same job wrote.

    Args:
        path: of the complete output; what is there now stays until then.
        job: whatever decides the bytes of the output.
        restart: forget what an earlier run wrote.
        keep_journal: leave the journal of a complete file: it says which shard that is.

    Yields:
        The file, of which a run of this job may have written all.

    Raises:
        UsageError: another job wrote a part of it, or it cannot be written.
        RunBusyError: another process is writing it.
    """
    path = Path(os.path.realpath(path))  # a link stays one
    partial = partial_of(path)
    try:
        file = partial.open("ab")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.") from None
    with file:
        try:
            is_locked = files.lock(file)
        except OSError as error:
            raise UsageError(
                f"{partial} cannot be locked: {error.strerror}.",
                "Write to a file system with file locks, or to standard output.",
            ) from None
        if not is_locked:
            raise RunBusyError(
                f"another process is writing {path}.", "Wait for it to end, or stop it first."
            )
        try:
            journal = None if restart else read_journal(path)
            is_begun = partial.stat().st_size > 0
            if journal and journal["job"] != job:
                if not is_begun and journal["file_bytes"]:
                    journal = None  # a whole shard of another job: it is replaced
                else:
                    raise _of_another_job(path, journal["job"], job)
            if journal and not is_begun and _is_whole(path, journal):
                if not keep_journal:  # killed between the file's name and this
                    journal_of(path).unlink()
                yield OutputFile(path, file, job, journal, is_complete=True)
                return
            done = journal if journal and partial.stat().st_size >= journal["bytes"] else {}
            file.truncate(done.get("bytes", 0))
            yield OutputFile(path, file, job, done)
        finally:
            if partial.exists() and not partial.stat().st_size:
                partial.unlink()


def _is_whole(path: Path, journal: Mapping[str, Any]) -> bool:
    return path.is_file() and path.stat().st_size == journal["file_bytes"]


def read_journal(path: Path) -> dict[str, Any] | None:
    """What the journal of an output says, or None if it has none.

    Raises:
        DataError: it is damaged.
    """
    journal = journal_of(path)
    try:
        document = json.loads(journal.read_text(encoding="utf-8"))
        if document["schema"] != SCHEMA:
            raise ValueError(document["schema"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"{journal} cannot be read: {error}.", "Remove it, and its .partial file."
        ) from None
    found: dict[str, Any] = document
    return found


def changes(before: Mapping[str, Any], now: Mapping[str, Any], but: str = "") -> list[str]:
    """In what one job was another than this one, each as a sentence's part.

    Args:
        before, now: see `dlcli.prediction.writing.job`.
        but: what may differ.
    """
    return [
        sentence.format(before.get(key) or "not given")
        for key, sentence in _CHANGES.items()
        if key != but and before.get(key) != now.get(key)
    ]


def _of_another_job(path: Path, before: Mapping[str, Any], now: Mapping[str, Any]) -> UsageError:
    return UsageError(
        f"{partial_of(path)} was begun by another job: {'; '.join(changes(before, now))}.",
        "Run that job again to complete it; or begin anew with --restart.",
    )
