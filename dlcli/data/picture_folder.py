"""A folder of pictures without classes, perhaps with train, val and test folders in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from dlcli.data import (
    DataSet,
    DataSpec,
    Split,
    Splits,
    class_folders,
    image_generation,
    image_listing,
    image_reading,
    splits,
)
from dlcli.data.image_reading import Pictures
from dlcli.errors import DataError
from dlcli.events import Events, ignore
from dlcli.inputs import image_formats, images
from dlcli.inputs.folders import list_files, visible_entries
from dlcli.recipe.sections.image import Files, Form
from dlcli.recipe.sections.image_generation import Data, Preprocessing
from dlcli.shown import display_name

_NEEDED = 4  # one for each split, and one more, so that there is something to cut


def load(task: str, data: Data, preprocessing: Preprocessing, events: Events = ignore) -> DataSet:
    """Load a folder of pictures, those of its subfolders too; see `dlcli.data.protocols.Source`.

    Without split folders, all three splits are cut from the pictures. With train and val,
    val is the test split; what is not given is cut from train.

    Returns:
        Noise float32 (noise_size,) with pictures uint8 (height, width, channels) as targets,
        named by their path inside the folder.
    """
    root = _folder(Path(data.source or ""))
    folders = _split_folders(root) or {"train": root}
    if "train" not in folders:
        raise DataError(
            f"{display_name(root)} holds {folders['test'].name}/ and nothing to train on. "
            "Expected train/ beside it."
        )
    read, split_of = _read(root, folders, data, preprocessing, events)
    rows = {name: np.flatnonzero(split_of == name) for name in folders}
    for name, positions in rows.items():
        needed = _NEEDED if name == "train" else 1
        if len(positions) < needed:
            raise DataError(
                f"{display_name(folders[name])} holds {len(positions)} readable images. "
                f"Expected at least {needed}."
            )
    no_labels = np.zeros(len(split_of), np.int32)
    read, rows = image_reading.completed(
        read,
        rows,
        no_labels,
        data,
        reread=lambda changed: _read(root, folders, changed, preprocessing, events)[0],
    )
    loaded = DataSet(
        Splits.of(read.decoded.pixels, no_labels, rows, read.names),
        DataSpec(
            input_shape=read.decoded.pixels.shape[1:],
            input_dtype="uint8",
            class_names=(),
            fingerprint=read.decoded.fingerprint,
            bad_files=read.bad_files,
            warnings=read.notes,
            inferred=read.inferred,
        ),
    )
    return image_generation.borrowed(loaded, data, preprocessing)


def load_whole(
    source: Path,
    task: str,
    data: Data,
    preprocessing: Preprocessing,
    metadata: dict[str, Any],
    events: Events = ignore,
) -> tuple[Split, tuple[tuple[str, str], ...]]:
    """See `dlcli.data.protocols.Source`.

    Of its folders test counts, val if there is none, and train if there is no other.
    """
    root = _folder(source)
    found = _split_folders(root)
    folder = found.get("test") or found.get("train") or root
    read, split_of = _read(root, {"test": folder}, data, preprocessing, events)
    rows = np.flatnonzero(split_of == "test")
    if not len(rows):
        raise DataError(f"{display_name(folder)} holds no readable image.")
    whole = Split(read.decoded.pixels, np.zeros(len(split_of), np.int32), rows, read.names)
    noise_size, seed = preprocessing.noise_size, data.split_seed
    return image_generation.of_split(whole, noise_size, seed), read.bad_files


def _read(
    root: Path, folders: dict[str, Path], data: Files, form: Form, events: Events
) -> tuple[Pictures, np.ndarray]:
    """All files, and the split of each ("" if it is bad)."""
    paths: list[tuple[str, Path]] = []
    strays: list[tuple[str, str]] = []
    for name, folder in folders.items():
        for path in list_files(folder):
            if images.is_image_file(path):
                paths.append((name, path))
            elif image_formats.name(image_formats.head_of(path)) not in image_formats.TEXTS:
                strays.append((display_name(path.relative_to(root)), image_listing.no_image(path)))
    if not paths:
        raise image_listing.no_images(root, "Give a folder of images.")
    if "train" in folders and root not in folders.values():
        strays += [
            (display_name(path.relative_to(root)), "the folder is none of train, val and test")
            for path in class_folders.subfolders(root)
            if splits.of_name(path.name) is None
        ]
    names = [path.relative_to(root).as_posix() for _, path in paths]
    read = image_reading.read(root, names, data, form, events, strays)
    split_of = np.array([name for name, _ in paths])
    split_of[list(read.decoded.bad_files)] = ""
    return read, split_of


def _folder(path: Path) -> Path:
    path = path.expanduser()
    if not path.exists():
        raise DataError(f"there is no folder {display_name(path)}.", "Check the path after --data.")
    if not path.is_dir():
        raise DataError(
            f"{display_name(path)} is a file. Expected a folder of images.",
            "Unpack an archive first.",
        )
    return path


def _split_folders(root: Path) -> dict[str, Path]:
    """The folders of splits; none without one for train or test. Without test, val is test."""
    found: dict[str, Path] = {}
    for entry in visible_entries(root):
        split = splits.of_name(entry.name) if entry.is_dir() else None
        if split in found:
            raise DataError(
                f"{display_name(root)} holds both {found[split].name}/ and {entry.name}/.",
                "Keep one of them.",
            )
        if split:
            found[split] = Path(entry.path)
    if "validation" in found and "test" not in found:
        found["test"] = found.pop("validation")
    return found
