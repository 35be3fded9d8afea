"""A bounded folder of memory-mapped arrays that were costly to make.

    $XDG_CACHE_HOME/dlcli/<kind>/
      <key>/array.npy  <key>/description.json    an entry, whole or not there
      <key>.partial/  <key>.lock                 an entry that is being made

An entry is made aside and renamed in one step, so a kill leaves nothing that
could be taken for whole. Of several processes that want the same entry one
makes it and the others wait. When the entries of a kind exceed DLCLI_CACHE_GB
(20) the least recently used ones go, but none that a process has open.
"""

from __future__ import annotations

import errno
import json
import math
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import numpy as np

from dlcli import files
from dlcli.errors import DlcliError, UsageError

DEFAULT_LIMIT_GB = 20.0

WriteRow = Callable[[int, np.ndarray], None]
"""Writes one row of an array that is being made, given its position; safe in threads."""


def fetch(
    kind: str, key: str, shape: tuple[int, ...], fill: Callable[[WriteRow], dict[str, Any]]
) -> tuple[np.ndarray, dict[str, Any]]:
    """Open an array of the cache, and make it first if it is not there.

    Args:
        kind: the folder inside the cache, such as "images".
        key: a file name that stands for all that the content depends on.
        shape: shape of the uint8 array; no dimension is 0.
        fill: writes the rows, each at most once; one left out is zero. What it
            returns is stored as JSON with the array.

    Returns:
        The memory-mapped array, read-only, and what `fill` returned.

    Raises:
        UsageError: DLCLI_CACHE_GB is no number.
        DlcliError: the cache folder is full or cannot be written.
    """
    folder = files.cache_folder() / kind
    limit = _limit()
    try:
        found = _opened(folder / key)
        if found is None:
            folder.mkdir(parents=True, exist_ok=True)
            _remove_leftovers(folder)
            with _locked(folder / f"{key}.lock"):
                # Another process may have made it while this one waited.
                found = _opened(folder / key) or _made(folder, key, shape, fill)
            _evict(folder, key, limit)
        return found
    except OSError as error:
        raise DlcliError(
            f"the cache folder {folder} cannot be used: {error.strerror or error}.", _HINT
        ) from None


_HINT = "Make room or give access there, or set XDG_CACHE_HOME to another folder."


def _limit() -> float:
    """Bytes that the entries of a kind may take up together."""
    text = os.environ.get("DLCLI_CACHE_GB") or str(DEFAULT_LIMIT_GB)
    with suppress(ValueError):
        if (gigabytes := float(text)) >= 0:
            return gigabytes * 1e9
    raise UsageError(
        f"DLCLI_CACHE_GB is '{text}'. Expected a number of gigabytes, such as 20.",
        "Correct or unset that environment variable.",
    )


def _opened(entry: Path) -> tuple[np.ndarray, dict[str, Any]] | None:
    """An entry's array and description, or None if it is missing or damaged."""
    try:
        with (entry / "array.npy").open("rb") as file:
            # The lock belongs to the open file, which the mapping holds on to: it lasts
            # until the array is gone, and tells `_evict` to leave the entry alone.
            files.lock(file, shared=True, wait=True)
            description = json.loads((entry / "description.json").read_text(encoding="utf-8"))
            np.lib.format.read_magic(file)
            shape, _, dtype = np.lib.format.read_array_header_1_0(file)
            array = np.memmap(file, dtype, "r", offset=file.tell(), shape=shape)
    except (FileNotFoundError, ValueError, EOFError):
        return None
    with suppress(OSError):  # a cache that others made may be read-only
        os.utime(entry)  # the time of the last use
    return array, description


def _made(
    folder: Path, key: str, shape: tuple[int, ...], fill: Callable[[WriteRow], dict[str, Any]]
) -> tuple[np.ndarray, dict[str, Any]]:
    """Make an entry; the caller holds its lock."""
    num_bytes, free = math.prod(shape), shutil.disk_usage(folder).free
    if num_bytes > free:
        raise DlcliError(
            f"the cache folder {folder} has {free / 1e6:,.0f} MB free; the data "
            f"takes {num_bytes / 1e6:,.0f} MB there.",
            _HINT,
        )
    partial = folder / f"{key}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    try:
        with _new_array(partial / "array.npy", shape) as write_row:
            description = fill(write_row)
        files.write_text(partial / "description.json", json.dumps(description))
        if (folder / key).exists():  # damaged, or `_opened` would have taken it
            shutil.rmtree(folder / key)
        partial.rename(folder / key)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    made = _opened(folder / key)
    if made is None:
        raise OSError(errno.EIO, "what was written there cannot be read back")
    return made


@contextmanager
def _new_array(path: Path, shape: tuple[int, ...]) -> Iterator[WriteRow]:
    """A new .npy file of zeros, whose rows are then written in any order."""
    with path.open("wb") as file:
        header = {"descr": "|u1", "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(file, header)
        file.flush()
        start, row_bytes = file.tell(), math.prod(shape[1:])
        file.truncate(start + math.prod(shape))
        descriptor = file.fileno()

        def write_row(position: int, values: np.ndarray) -> None:
            # Not through a mapping: there a full disk is a SIGBUS and no error.
            rest = memoryview(values.tobytes())
            offset = start + position * row_bytes
            while rest:
                written = os.pwrite(descriptor, rest, offset)
                rest, offset = rest[written:], offset + written

        yield write_row
        os.fsync(descriptor)


@contextmanager
def _locked(path: Path, wait: bool = True) -> Iterator[bool]:
    """Hold a lock file, which is removed afterwards; gives whether it is held."""
    while True:
        with path.open("a") as file:
            if not files.lock(file, wait=wait):
                yield False
                return
            # Who held it before has removed the file: a lock on that one is worth nothing.
            if _is_open_as(file, path):
                try:
                    yield True
                finally:
                    path.unlink(missing_ok=True)
                return


def _is_open_as(file: IO[str], path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _remove_leftovers(folder: Path) -> None:
    """Remove what killed processes left half made."""
    for key in {path.stem for path in folder.iterdir() if path.suffix in {".partial", ".lock"}}:
        with _locked(folder / f"{key}.lock", wait=False) as held:
            if held:
                shutil.rmtree(folder / f"{key}.partial", ignore_errors=True)


def _evict(folder: Path, keep: str, limit: float) -> None:
    """Remove the least recently used entries beyond the limit, except `keep`."""
    entries = []
    for path in folder.iterdir():
        with suppress(OSError):  # another process may be removing it
            if path.is_dir() and not path.suffix:
                num_bytes = sum(file.stat().st_size for file in path.iterdir())
                entries.append((path.stat().st_mtime, num_bytes, path))
    total = 0
    for _, num_bytes, path in sorted(entries, reverse=True):
        total += num_bytes
        if total > limit and path.name != keep:
            with suppress(OSError):  # in use, or not ours: the limit is no reason to fail
                _remove_unless_used(path)


def _remove_unless_used(entry: Path) -> None:
    with _locked(entry.with_suffix(".lock"), wait=False) as held:
        if held:
            with (entry / "array.npy").open("r+b") as file:
                if files.lock(file):
                    partial = entry.with_suffix(".partial")
                    entry.rename(partial)
                    shutil.rmtree(partial)
