"""A folder of pictures: one subfolder a class, perhaps inside train, val and test folders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from dlcli.data import DataSet, DataSpec, Split, Splits, class_folders, image_cache, splits
from dlcli.data.image_cache import Progress
from dlcli.errors import DataError
from dlcli.inputs import images
from dlcli.notes import Tell, ignore
from dlcli.recipe import Recipe

_MAX_NAMED = 5
_LAYOUT = "Give a folder with one subfolder of images a class, such as pets/cat and pets/dog."


@dataclass
class _Listing:
    """What a folder holds, unread.

    Args:
        names: path of each picture relative to the folder.
        labels: class index of each picture.
        splits: split of each picture.
        strays: (relative path, reason) of what is no picture of a class.
    """

    names: list[str] = field(default_factory=list)
    labels: list[int] = field(default_factory=list)
    splits: list[str] = field(default_factory=list)
    strays: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class _Pictures:
    """What a folder holds, read.

    Args:
        pixels: uint8 (num_files, height, width, channels).
        targets: (num_files,) int32 class indices.
        names: path of each file relative to the folder, fit to be printed.
        splits: (num_files,) split of each file, "" if it is bad.
        bad_files: (name, reason) of all that is left out.
        fingerprint: sha256 of the names and contents of the good files.
    """

    pixels: np.ndarray
    targets: np.ndarray
    names: list[str]
    splits: np.ndarray
    bad_files: list[tuple[str, str]]
    fingerprint: str

    def rows(self, split: str) -> np.ndarray:
        """Positions of the good files of a split, int64, ascending."""
        return np.flatnonzero(self.splits == split)


def load(recipe: Recipe, progress: Progress | None = None) -> DataSet:
    """Load a folder of pictures.

    Without split folders, all three splits are cut from the pictures, each class
    in its share. With train and val, val is the test split; what is not given
    is cut from train. The names of the subfolders are the class names.

    Args:
        recipe: its `data.source` is the folder.
        progress: called with (files done, files) while pictures are decoded.

    Returns:
        Examples uint8 (height, width, channels) of the recipe's size, named by
        their path inside the folder.

    Raises:
        DataError: there is no such folder, it has another layout, or too few
            pictures, or a bad file and the recipe says to fail.
        DlcliError: the cache folder is full or cannot be written.
    """
    root = _folder(Path(recipe.data.source or ""))
    folders = class_folders.split_folders(root) or {"train": root}
    if "train" not in folders:
        raise DataError(
            f"{_shown(root)} holds {folders['test'].name}/ and nothing to train on. "
            "Expected train/ beside it.",
            _LAYOUT,
        )
    class_names = _class_names(root, folders)
    pictures = _read(root, folders, class_names, recipe, progress)
    rows = {split: pictures.rows(split) for split in folders}
    _check_counts(rows, pictures.targets, class_names, folders)
    rows = splits.completed(
        rows,
        pictures.targets,
        test_fraction=recipe.data.test_fraction,
        validation_fraction=recipe.data.validation_fraction,
        seed=recipe.data.split_seed,
    )
    return DataSet(
        Splits(
            **{
                split: Split(pictures.pixels, pictures.targets, rows[split], pictures.names)
                for split in ("train", "validation", "test")
            }
        ),
        DataSpec(
            input_shape=pictures.pixels.shape[1:],
            input_dtype="uint8",
            class_names=tuple(class_names),
            fingerprint=pictures.fingerprint,
            bad_files=tuple(pictures.bad_files),
        ),
    )


def load_whole(
    recipe: Recipe,
    source: Path,
    metadata: dict[str, Any],
    progress: Progress | None = None,
    tell: Tell = ignore,
) -> tuple[Split, tuple[tuple[str, str], ...]]:
    """Load a folder of pictures to measure a trained model on.

    Args:
        recipe: what the model was trained with.
        source: the folder; only its test folder counts if it has one (or its val
            folder if it has none), and its train folder if there is no other.
        metadata: the model's; the folder may lack some of its classes.
        progress: as for `load`.
        tell: told what a user should know of how the files were read.

    Returns:
        All examples, uint8 (height, width, channels) of the recipe's size, with
        targets that are indices into the model's classes; and the files left out,
        each with the reason.

    Raises:
        DataError: the folder is missing or unfit, or holds a class that the model
            does not know, or a bad file and the recipe says to fail.
        DlcliError: the cache folder is full or cannot be written.
    """
    class_names = metadata["class_names"]
    root = _folder(source)
    found = class_folders.split_folders(root)
    folder = found.get("test") or found.get("train") or root
    present = class_folders.of(folder)
    if not present:
        raise _no_classes(folder, "one subfolder a class")
    if unknown := sorted(present.keys() - set(class_names)):
        raise DataError(
            f"{_shown(folder)} holds the class '{unknown[0]}', which the model does not know. "
            f"Expected only: {', '.join(class_names)}.",
            "Name the folder like a class of the model, or move it away.",
        )
    pictures = _read(root, {"test": folder}, class_names, recipe, progress)
    split = Split(pictures.pixels, pictures.targets, pictures.rows("test"), pictures.names)
    return split, tuple(pictures.bad_files)


def _read(
    root: Path,
    folders: dict[str, Path],
    class_names: Sequence[str],
    recipe: Recipe,
    progress: Progress | None,
) -> _Pictures:
    listing = _listed(root, folders, class_names)
    if not listing.names:
        raise DataError(f"the folder {_shown(root)} holds no images.", _LAYOUT)
    decoded = image_cache.decoded(
        root,
        listing.names,
        image_size=recipe.preprocessing.image_size,
        color_mode=recipe.preprocessing.color_mode,
        resize=recipe.preprocessing.resize,
        progress=progress,
    )
    names = [_shown(name) for name in listing.names]
    unreadable = [(names[position], reason) for position, reason in decoded.bad_files.items()]
    bad_files = sorted(listing.strays + unreadable)
    if len(unreadable) == len(names):
        raise DataError(
            f"none of the {len(names)} image files in {_shown(root)} can be read:\n"
            f"{_first_of(unreadable)}"
        )
    if bad_files and recipe.data.on_bad_file == "fail":
        raise DataError(
            f"{_shown(root)} holds {len(bad_files)} bad files:\n{_first_of(bad_files)}",
            "Repair or remove them, or leave them out with data.on_bad_file=skip.",
        )
    split_of = np.array(listing.splits)
    split_of[list(decoded.bad_files)] = ""
    return _Pictures(
        decoded.pixels,
        np.array(listing.labels, np.int32),
        names,
        split_of,
        bad_files,
        decoded.fingerprint,
    )


def _folder(path: Path) -> Path:
    path = path.expanduser()
    if not path.exists():
        raise DataError(f"there is no folder {_shown(path)}.", "Check the path after --data.")
    if not path.is_dir():
        raise DataError(
            f"{_shown(path)} is a file. Expected a folder with one subfolder of images a class.",
            "Unpack an archive first; a table has recipes of its own, such as table-mlp.",
        )
    return path


def _class_names(root: Path, folders: dict[str, Path]) -> list[str]:
    """Sorted names of the classes, the same in every split.

    Raises:
        DataError: fewer than two, or splits that do not agree.
    """
    classes = {split: set(class_folders.of(folder)) for split, folder in folders.items()}
    if len(classes["train"]) < 2:
        raise _no_classes(folders["train"], "one subfolder a class, for two classes or more")
    for split, names in classes.items():
        here, train = (f"{_shown(folders[which].relative_to(root))}/" for which in (split, "train"))
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


def _no_classes(folder: Path, expected: str) -> DataError:
    """What to say of a folder with too few class folders."""
    num_images = len(images.list_images(folder))
    if not num_images:
        return DataError(f"the folder {_shown(folder)} holds no images.", _LAYOUT)
    names = list(class_folders.of(folder))
    subfolders = f"one subfolder only, '{names[0]}'" if names else "no subfolders"
    return DataError(
        f"the folder {_shown(folder)} holds {num_images} images and {subfolders}. "
        f"Expected {expected}.",
        _LAYOUT,
    )


def _listed(root: Path, folders: dict[str, Path], class_names: Sequence[str]) -> _Listing:
    listing = _Listing()
    for split, folder in folders.items():
        labels = {name: label for label, name in enumerate(class_names)}
        for class_name, class_folder in class_folders.of(folder).items():
            for path in images.list_files(class_folder):
                if path.suffix.lower() in images.EXTENSIONS:
                    listing.names.append(path.relative_to(root).as_posix())
                    listing.labels.append(labels[class_name])
                    listing.splits.append(split)
                else:
                    listing.strays.append((_relative(path, root), "it is not an image file"))
    for folder in dict.fromkeys([root, *folders.values()]):
        listing.strays += [
            (_relative(Path(entry.path), root), "it is in no class folder")
            for entry in images.visible_entries(folder)
            if not entry.is_dir() and Path(entry.name).suffix.lower() in images.EXTENSIONS
        ]
    if root not in folders.values():
        listing.strays += [
            (_relative(path, root), "the folder is none of train, val and test")
            for path in class_folders.subfolders(root)
            if path.name.lower() not in splits.NAMES
        ]
    return listing


def _check_counts(
    rows: dict[str, np.ndarray],
    targets: np.ndarray,
    class_names: list[str],
    folders: dict[str, Path],
) -> None:
    """A split that is given must not be empty; every class must reach those that are cut."""
    for split, positions in rows.items():
        if not len(positions):
            raise DataError(f"{_shown(folders[split])} holds no readable image.", _LAYOUT)
    counts = np.bincount(targets[rows["train"]], minlength=len(class_names))
    needed = 4 - len(rows)  # one for train and one for each split cut from it
    fewest = int(counts.argmin())
    if counts[fewest] < needed:
        raise DataError(
            f"too few readable images of the class '{class_names[fewest]}' in "
            f"{_shown(folders['train'])}: {counts[fewest]}. Expected at least {needed}, "
            "one for each split that is made of them.",
            "Add images of that class, or remove its folder.",
        )


def _relative(path: Path, root: Path) -> str:
    return _shown(path.relative_to(root))


def _shown(path: Path | str) -> str:
    return images.display_name(path)


def _first_of(bad_files: list[tuple[str, str]]) -> str:
    """The first bad files, one a line."""
    lines = [f"  {name}: {reason}" for name, reason in bad_files[:_MAX_NAMED]]
    if len(bad_files) > _MAX_NAMED:
        lines.append(f"  and {len(bad_files) - _MAX_NAMED} more")
    return "\n".join(lines)
