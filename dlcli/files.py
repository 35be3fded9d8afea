"""Files: atomic writes, checksums, locks and the user's XDG folders."""

from __future__ import annotations

import errno
import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from dlcli.errors import DlcliError


@contextmanager
def replacing(path: Path, *, shared: bool = False) -> Iterator[Path]:
    """Yield a path beside a file, with the same suffix, whose content then replaces the file.

    The content is synced to the disk and renamed, so nobody ever reads half a file. If the block
    raises, nothing of it is left. Devices and pipes are written in place.

    Args:
        path: the file to create or replace; an `OSError` names it.
        shared: other processes may write the same file at the same time.
    """
    if is_special(path):
        yield path
        return
    # A file name has at most 255 bytes.
    name = os.fsdecode(os.fsencode(path.name)[-230:])
    aside = path.with_name(f".partial-{os.getpid()}-{name}" if shared else f".partial-{name}")
    try:
        yield aside
        with aside.open("rb") as file:
            os.fsync(file.fileno())
        os.replace(aside, path)
    except BaseException as error:
        with suppress(OSError):
            aside.unlink()
        own = (None, aside, str(aside))  # a write that fails, as on a full disk, names no file
        if isinstance(error, OSError) and error.errno and error.filename in own:
            error.filename = str(path)
        raise


def write_text(path: Path, text: str) -> None:
    """Create or replace a text file in one step."""
    # An argument may hold bytes that are not UTF-8; JSON and YAML read their escapes back.
    with (
        replacing(path) as aside,
        aside.open("w", encoding="utf-8", errors="backslashreplace") as file,
    ):
        file.write(text)


def write_json(path: Path, value: Any) -> None:
    """Create or replace a JSON file in one step."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def check_writable(folder: Path) -> None:
    """Create and remove something in a folder, as permissions alone do not tell."""
    probe = folder / f".new-{os.urandom(16).hex()}"
    probe.mkdir()
    probe.rmdir()


def is_special(path: Path) -> bool:
    """Tell whether a path is a pipe, a device or a socket, which might block a reader for ever."""
    return path.exists() and not (path.is_file() or path.is_dir())


def plain(path: Path) -> Path:
    """Return a path; raise an `OSError` if it is special."""
    if is_special(path):
        raise OSError(errno.EINVAL, "it is no file", str(path))
    return path


def sha256(path: Path) -> str:
    """Compute the SHA-256 of a file, or of the names and contents of all files in a folder."""
    import hashlib

    if not path.is_dir():
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    digest = hashlib.sha256()
    for each in sorted(path.rglob("*")):
        if each.is_file():
            digest.update(f"{each.relative_to(path)}\0{sha256(each)}\0".encode())
    return digest.hexdigest()


def lock(file: IO[Any], *, shared: bool = False, wait: bool = False) -> bool:
    """Lock an open file until it is closed; return False if another process holds the lock.

    Args:
        file: on a file system without locks, an `OSError` is raised.
        shared: allow other shared locks.
        wait: wait until the lock is free.
    """
    kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    try:
        fcntl.flock(file, kind if wait else kind | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in {errno.EAGAIN, errno.EACCES}:
            return False
        raise
    return True


def cache_folder() -> Path:
    """Return $XDG_CACHE_HOME/dlcli, by default ~/.cache/dlcli."""
    return _user_folder("cache", "XDG_CACHE_HOME", ".cache")


def config_folder() -> Path:
    """Return $XDG_CONFIG_HOME/dlcli, by default ~/.config/dlcli."""
    return _user_folder("configuration", "XDG_CONFIG_HOME", ".config")


def _user_folder(what: str, variable: str, default: str) -> Path:
    """Return a folder of dlcli's; raise a `DlcliError` if the user has no home."""
    # The XDG Base Directory specification: a relative path is to be ignored.
    configured = Path(os.environ.get(variable, ""))
    try:
        base = configured if configured.is_absolute() else Path.home() / default
    except RuntimeError:
        raise DlcliError(
            f"there is no home folder for the {what}.",
            f"Set {variable} to a folder that can be written.",
        ) from None
    return base / "dlcli"
