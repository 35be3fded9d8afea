"""Folders whose subfolders are classes, perhaps inside folders of splits."""

from __future__ import annotations

import unicodedata
from pathlib import Path

from dlcli.data import splits
from dlcli.errors import DataError
from dlcli.inputs.images import display_name, visible_entries


def split_folders(root: Path) -> dict[str, Path]:
    """The folders of splits; none if the folder is not split. Without test, val is test.

    Among folders of other names, a `train` that holds no folders is a class.
    """
    inside = subfolders(root)
    found: dict[str, Path] = {}
    for folder in inside:
        split = splits.NAMES.get(folder.name.lower())
        if split in found:
            raise DataError(
                f"{display_name(root)} holds both {found[split].name}/ and {folder.name}/.",
                "Keep one of them.",
            )
        if split:
            found[split] = folder
    if len(found) < len(inside) and not any(map(subfolders, found.values())):
        return {}
    if "validation" in found and "test" not in found:
        found["test"] = found.pop("validation")
    return found


def of(folder: Path) -> dict[str, Path]:
    """Class name -> its folder.

    macOS writes accents apart from their letters, others do not. The names are
    composed (Unicode NFC), so that a train and a test folder of both agree.
    """
    found: dict[str, Path] = {}
    for path in subfolders(folder):
        name = unicodedata.normalize("NFC", path.name)
        if name != name.encode("utf-8", "replace").decode():
            raise DataError(
                f"the name of the folder {display_name(path)} is not UTF-8.",
                "Rename it: it is the name of a class.",
            )
        if name in found:
            raise DataError(
                f"{display_name(folder)} holds two folders named '{name}', "
                "which differ only in how Unicode composes the letters.",
                "Move the files of one into the other.",
            )
        found[name] = path
    return found


def subfolders(folder: Path) -> list[Path]:
    """The user's own folders in a folder, sorted by name."""
    return [Path(entry.path) for entry in visible_entries(folder) if entry.is_dir()]
