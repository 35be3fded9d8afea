"""Files of pictures with their classes and splits, unread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dlcli.data import class_folders
from dlcli.data.class_folders import Layout
from dlcli.errors import DataError
from dlcli.inputs import image_formats, images
from dlcli.inputs.folders import list_files, visible_entries
from dlcli.shown import display_name

LAYOUT = (
    "Give a folder with one subfolder of images per class, such as pets/cat and pets/dog, or a "
    "table of file names and labels."
)


@dataclass
class Listing:
    """What a folder or a table names.

    Args:
        root: the folder that `names` are relative to.
        given: the splits that are given, each with what to call it.
        strays: (relative path, reason) of what is no picture of a class.
        inferred: keys of the recipe's `data` section that were found out.
    """

    root: Path
    class_names: Sequence[str]
    given: Mapping[str, str]
    names: list[str] = field(default_factory=list)
    labels: list[Any] = field(default_factory=list)
    splits: list[str] = field(default_factory=list)
    strays: list[tuple[str, str]] = field(default_factory=list)
    notes: tuple[str, ...] = ()
    inferred: Mapping[str, str] = field(default_factory=dict)

    def add(self, name: str, label: Any, split: str) -> None:
        """Add a picture."""
        self.names.append(name)
        self.labels.append(label)
        self.splits.append(split)


def of_folders(layout: Layout, folders: Mapping[str, Path], class_names: Sequence[str]) -> Listing:
    """List the class folders of splits.

    Args:
        folders: split -> the folder of its class folders.
        class_names: one a class; every class folder has one of these names.
    """
    root = layout.root
    given = {split: display_name(folder) for split, folder in folders.items()}
    listing = Listing(root, class_names, given, notes=layout.notes)
    labels = {name: label for label, name in enumerate(class_names)}
    for split, folder in folders.items():
        for class_name, class_folder in class_folders.of(folder).items():
            for path in list_files(class_folder):
                if images.is_image_file(path):
                    listing.add(path.relative_to(root).as_posix(), labels[class_name], split)
                else:
                    listing.strays.append((_relative(path, root), no_image(path)))
    for folder in dict.fromkeys([root, *folders.values()]):
        listing.strays += [
            (_relative(Path(entry.path), root), "it is in no class folder")
            for entry in visible_entries(folder)
            if not entry.is_dir() and images.is_image_file(Path(entry.path))
        ]
    if root not in folders.values():
        used = [*folders.values(), *layout.folders.values(), *layout.unlabelled]
        listing.strays += [
            (_relative(path, root), "the folder is none of train, val and test")
            for path in class_folders.subfolders(root)
            if not any(each.is_relative_to(path) for each in used)
        ]
    return listing


def class_names(root: Path, folders: Mapping[str, Path], tables: Sequence[Path] = ()) -> list[str]:
    """Sorted names of the classes, the same in every split.

    Args:
        folders: split -> the folder of its class folders.
        tables: those in the root that name no files.

    Raises:
        DataError: fewer than two, or splits that do not agree.
    """
    classes = {split: set(class_folders.of(folder)) for split, folder in folders.items()}
    if len(classes["train"]) < 2:
        expected = "one subfolder per class, for two classes or more"
        raise no_classes(folders["train"], expected, tables)
    for split, names in classes.items():
        here, train = (f"{_relative(folders[which], root)}/" for which in (split, "train"))
        if unknown := sorted(names - classes["train"]):
            raise DataError(
                f"{here} holds the class '{unknown[0]}', which {train} lacks.",
                f"Add it to {train}, or remove it from {here}.",
            )
        if lacking := sorted(classes["train"] - names):
            raise DataError(
                f"{here} lacks the class '{lacking[0]}', which {train} holds.",
                f"Add that folder to {here} (it may be empty), or remove it from {train}.",
            )
    return sorted(classes["train"])


def no_classes(folder: Path, expected: str, tables: Sequence[Path] = ()) -> DataError:
    """An error about a folder with too few class folders; tables beside it name no files."""
    num_images = len(images.list_images(folder))
    if not num_images:
        return no_images(folder)
    names = list(class_folders.of(folder))
    subfolders = f"one subfolder only, '{names[0]}'" if names else "no subfolders"
    unfit = "".join(
        f" No column of {display_name(path.name)} holds the names of files beside it or in "
        "a folder beside it."
        for path in tables[:1]
    )
    return DataError(
        f"the folder {display_name(folder)} holds {num_images} images and {subfolders}."
        f"{unfit} Expected {expected}.",
        LAYOUT,
    )


def no_images(folder: Path, hint: str = LAYOUT) -> DataError:
    """An error about a folder without images, which says what it holds instead."""
    shown = display_name(folder)
    kinds = Counter(image_formats.name(image_formats.head_of(path)) for path in list_files(folder))
    if not kinds:
        return DataError(f"the folder {shown} holds no images.", hint)
    known = [(what, count) for what, count in kinds.most_common() if what]
    listed = "; ".join(f"{count:,} times {what}" for what, count in known[:3])
    files = "file" if kinds.total() == 1 else "files"
    if any(what.endswith("archive") for what, _ in known):
        hint = "Unpack them first."
    elif any(what not in image_formats.TEXTS for what, _ in known):
        hint = "Convert them to PNG or JPEG."
    return DataError(
        f"the folder {shown} holds no images that dlcli reads, but {kinds.total():,} other {files}"
        f"{f': {listed}' if listed else ''}.",
        hint,
    )


def no_image(path: Path) -> str:
    """The reason why a file in a class folder is left out."""
    what = image_formats.name(image_formats.head_of(path))
    return f"it is {what}, and not an image that dlcli reads" if what else "it is not an image file"


def _relative(path: Path, root: Path) -> str:
    return display_name(path.relative_to(root))
