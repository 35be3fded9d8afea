"""The files in a user's folder, sorted, without those that nobody put there on purpose."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from dlcli.errors import DataError
from dlcli.runs import run_dir
from dlcli.shown import display_name

_JUNK = frozenset(
    {"__macosx", "thumbs.db", "ehthumbs.db", "desktop.ini", "picasa.ini", "icon\r", "@eadir"}
    | {"#recycle", "$recycle.bin", "system volume information", "lost+found", "__pycache__"}
)


def list_files(folder: Path) -> Iterator[Path]:
    """All files in a folder and its subfolders, sorted by the parts of their paths.

    Hidden files and what operating systems strew about are left out, and so are
    pipes and devices. Links are followed, but not upwards, and each folder is
    entered once. A link that leads nowhere counts as a file, so that somebody
    reports it.

    Raises:
        DataError: a folder cannot be listed.
    """
    entered = {_identity(above) for above in folder.resolve().parents}
    pending = [(folder, True)]
    while pending:
        path, is_folder = pending.pop()
        if not is_folder:
            yield path
        elif (identity := _identity(path)) not in entered:
            entered.add(identity)
            pending += [
                (Path(entry.path), entry.is_dir())
                for entry in reversed(visible_entries(path))
                if entry.is_dir() or entry.is_file() or entry.is_symlink()
            ]


def visible_entries(folder: Path) -> list[os.DirEntry[str]]:
    """What a folder holds of the user's own, sorted by name; runs/ is not.

    Raises:
        DataError: the folder cannot be listed.
    """
    try:
        with os.scandir(folder) as entries:
            visible = [
                entry
                for entry in entries
                if not entry.name.startswith(".")
                and entry.name.lower() not in _JUNK
                and not (entry.is_dir() and run_dir.holds_runs(entry.path))
            ]
    except OSError as error:
        raise DataError(
            f"the folder {display_name(folder)} cannot be listed: {error.strerror}."
        ) from None
    return sorted(visible, key=lambda entry: entry.name)


def _identity(folder: Path) -> tuple[int, int]:
    try:
        status = folder.stat()
    except OSError as error:
        raise DataError(
            f"the folder {display_name(folder)} cannot be listed: {error.strerror}."
        ) from None
    return status.st_dev, status.st_ino
