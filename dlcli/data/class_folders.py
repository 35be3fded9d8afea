"""Folders whose subfolders are classes, perhaps inside folders of splits."""

from __future__ import annotations

import re
import shlex
import unicodedata
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from dlcli.data import splits
from dlcli.errors import DataError
from dlcli.inputs.folders import list_files, visible_entries
from dlcli.shown import display_name

IsExample = Callable[[Path], bool]


@dataclass(frozen=True)
class Layout:
    """Where the class folders are.

    Args:
        root: the folder that was given, or the only one in it.
        folders: split -> the folder of its class folders; none if the folder is not split, and
            the class folders are in `root`. Without test, val is test.
        unlabelled: folders of splits that have examples and no classes.
    """

    root: Path
    folders: dict[str, Path]
    unlabelled: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()


def layout(
    root: Path, is_example: IsExample, *, are_classes: bool = False, known: Collection[str] = ()
) -> Layout:
    """Find the folders of splits, and those of classes.

    Among folders of other names, a `train` that holds no folders is a class.

    Args:
        are_classes: whether the folders on top are the classes, whatever they hold.
        known: classes of a trained model; a folder of such a name is a class.

    Raises:
        DataError: two folders of one split, or folders that are neither splits nor classes.
    """
    notes = []
    if (inner := _only_folder(root, is_example)) and inner.name not in known and not are_classes:
        notes.append(f"{display_name(root)} holds one folder, {inner.name}/, which is read.")
        root = inner
    inside = subfolders(root)
    found = {} if are_classes else _splits(root, inside, is_example, known)
    found = {split: _unwrapped(folder, is_example) for split, folder in found.items()}
    unlabelled = tuple(
        folder
        for split, folder in found.items()
        if split != "train" and "train" in found and _is_unlabelled(folder, found, is_example)
    )
    for folder in unlabelled:
        shown = display_name(folder.relative_to(root))
        count = sum(map(is_example, list_files(folder)))
        files = "1 file" if count == 1 else f"{count:,} files"
        notes.append(
            f"{shown}/ is left out: it holds {files} and no class folders. "
            "Predict them after the training: "
            f"dlcli predict latest {shlex.quote(display_name(folder))}"
        )
    found = {split: folder for split, folder in found.items() if folder not in unlabelled}
    if "train" in found:
        notes += _on_groups(root, found["train"], is_example, known)
    if "validation" in found and "test" not in found:
        found["test"] = found.pop("validation")
    return Layout(root, found, unlabelled, tuple(notes))


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


def on_names(class_names: Collection[str]) -> list[str]:
    """Report names of classes that differ in case, blanks or invisible characters alone."""
    alike: dict[str, list[str]] = {}
    for name in class_names:
        visible = "".join(
            character
            for character in unicodedata.normalize("NFKC", name).casefold()
            if not character.isspace() and unicodedata.category(character) != "Cf"
        )
        alike.setdefault(visible, []).append(name)
    return [
        f"the class folders '{names[0]}' and '{names[1]}' look alike and are classes of their own."
        for names in alike.values()
        if len(names) > 1
    ][:1]


def subfolders(folder: Path) -> list[Path]:
    """The user's own folders in a folder, sorted by name."""
    return [Path(entry.path) for entry in visible_entries(folder) if entry.is_dir()]


def _splits(
    root: Path, inside: list[Path], is_example: IsExample, known: Collection[str]
) -> dict[str, Path]:
    """The folders of splits by their names and by what they hold; none if they are classes."""
    named = {folder: splits.of_name(folder.name) for folder in inside}
    if (_hold_splits(inside) or _hold_same(inside, is_example)) and not all(named.values()):
        named = {folder: splits.in_name(folder.name) for folder in inside}
        if not all(named.values()) and not any(folder.name in known for folder in inside):
            raise _groups(root, inside)
    named = {folder: split for folder, split in named.items() if split}
    are_alone = len(named) == len(inside)
    if len(set(named.values())) < len(named):
        twice = [folder for folder, split in named.items() if [*named.values()].count(split) > 1]
        if not any(map(subfolders, named)):
            return {}
        raise DataError(
            f"{display_name(root)} holds both {twice[0].name}/ and {twice[1].name}/.",
            "Keep one of them.",
        )
    if not are_alone and not any(map(subfolders, named)):
        return {}
    return {split: folder for folder, split in named.items() if split}


def _hold_splits(folders: list[Path]) -> bool:
    """Tell whether folders, two or more, hold folders of splits and no others."""
    names = ([each.name for each in subfolders(folder)] for folder in folders)
    return len(folders) > 1 and all(
        len(inside) > 1 and all(map(splits.of_name, inside)) for inside in names
    )


def _hold_same(folders: list[Path], is_example: IsExample) -> bool:
    """Whether folders hold the same subfolders, two or more, and nothing beside them.

    Of folders that are numbered, such as fold_0 and fold_1, some may lack one.
    """
    if len(folders) < 2:
        return False
    names = [
        frozenset(unicodedata.normalize("NFC", each.name) for each in subfolders(folder))
        for folder in folders
    ]
    if min(map(len, names)) < 2 or any(_examples_in(folder, is_example) for folder in folders):
        return False
    stems = {re.sub(r"[\W_]*(\d+|(?<![a-z])[a-z])$", "", each.name.lower()) for each in folders}
    are_numbered = len(stems) == 1 and stems != {folders[0].name.lower()}
    every = frozenset().union(*names)
    return all(each == every or (are_numbered and 2 * len(each) >= len(every)) for each in names)


def _groups(root: Path, inside: list[Path]) -> DataError:
    first, last = (display_name(each.name) for each in (inside[0], inside[-1]))
    folders = f"the folders {first}/ to {last}/ in {display_name(root)}"
    example = display_name(subfolders(inside[0])[0].name)
    if _hold_splits(inside):
        return DataError(
            f"{folders} hold splits each ({_listed(inside[0])}). Expected the splits on top.",
            f"Move the files, such as into {example}/{first}. To take {first}/ to {last}/ for the "
            "classes and split them anew: data.folders=classes",
        )
    return DataError(
        f"{folders} hold the same subfolders ({_listed(inside[0])}): they look like groups, such "
        "as folds or places, and not like classes.",
        "Name the one to test on test/, and move the others into train/ class by class, such as "
        f"train/{example}. If they are the classes: data.folders=classes",
    )


def _on_groups(root: Path, train: Path, is_example: IsExample, known: Collection[str]) -> list[str]:
    """Report class folders that look like groups."""
    inside = subfolders(train)
    if any(each.name in known for each in inside) or not _hold_same(inside, is_example):
        return []
    return [
        f"the folders {display_name(inside[0].name)}/ to {display_name(inside[-1].name)}/ in "
        f"{display_name(train.relative_to(root))}/ are taken for the classes, though they hold "
        f"the same subfolders ({_listed(inside[0])}), as groups do."
    ]


def _listed(folder: Path) -> str:
    """The subfolders of a folder, to be named in a sentence."""
    names = [each.name for each in subfolders(folder)]
    return display_name(
        ", ".join(f"{name}/" for name in names[:3]) + (", ..." if len(names) > 3 else "")
    )


def _examples_in(folder: Path, is_example: IsExample) -> bool:
    """Whether a folder itself holds an example."""
    return any(
        not entry.is_dir() and is_example(Path(entry.path)) for entry in visible_entries(folder)
    )


def _only_folder(root: Path, is_example: IsExample) -> Path | None:
    """The only folder in a folder, where the classes or splits are in that one."""
    inside = subfolders(root)
    if len(inside) != 1 or splits.of_name(inside[0].name) or len(subfolders(inside[0])) < 2:
        return None
    has_examples = _examples_in(root, is_example) or _examples_in(inside[0], is_example)
    return None if has_examples else inside[0]


def _unwrapped(folder: Path, is_example: IsExample) -> Path:
    """The folder of a split, or the one of the same name in it: archives are unpacked so."""
    inside = subfolders(folder)
    if len(inside) != 1 or _examples_in(folder, is_example):
        return folder
    split = splits.of_name(folder.name)
    is_same = inside[0].name == folder.name or (split and splits.of_name(inside[0].name) == split)
    return inside[0] if is_same else folder


def _is_unlabelled(folder: Path, found: dict[str, Path], is_example: IsExample) -> bool:
    """Whether examples lie in the folder of a split itself, or in one that is no class."""
    inside = of(folder)
    if _examples_in(folder, is_example):
        return not any(any(map(is_example, list_files(path))) for path in inside.values())
    return len(inside) == 1 and not inside.keys() & of(found["train"]).keys()
