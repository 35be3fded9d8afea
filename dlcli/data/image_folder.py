"""Pictures with classes: class folders, perhaps inside folders of splits, or a table of files."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dlcli.data import (
    DataSet,
    DataSpec,
    Split,
    Splits,
    class_folders,
    image_listing,
    image_reading,
    image_table,
    protocols,
    require_one_class,
    targets,
)
from dlcli.data.class_folders import Layout
from dlcli.data.image_listing import LAYOUT, Listing
from dlcli.data.image_reading import Pictures
from dlcli.errors import DataError
from dlcli.events import Events, ignore, warn
from dlcli.inputs import images, tables
from dlcli.recipe.sections.image import Data, Files, Form
from dlcli.shown import display_name


def load(task: str, data: Data, preprocessing: Form, events: Events = ignore) -> DataSet:
    """Load a folder of pictures, or a table of file names; see `dlcli.data.protocols.Source`.

    Without split folders, all three splits are cut from the pictures, each class
    in its share and copies of a picture in one split. With train and val, val is the
    test split; what is not given is cut from train. The names of the subfolders are the
    class names.

    Returns:
        Examples uint8 (height, width, channels) of the recipe's size, named by
        their path inside the folder.
    """
    listing = _listing(_path(data.source or ""), task, data)
    if not listing.names:
        raise image_listing.no_images(listing.root)
    pictures = _read(listing, data, preprocessing, events)
    of_output = targets.of(task)
    labels = np.array(listing.labels, of_output.DTYPE)
    split_of = np.array(listing.splits)
    split_of[list(pictures.decoded.bad_files)] = ""
    given = {split: np.flatnonzero(split_of == split) for split in listing.given}
    _check_counts(given, labels, listing, pictures, of_output)
    pictures, rows = image_reading.completed(
        pictures,
        given,
        of_output.strata(labels),
        data,
        reread=lambda changed: _read(listing, changed, preprocessing, events),
    )
    pixels = pictures.decoded.pixels
    cut = {split: each for split, each in rows.items() if split not in given}
    notes = [
        f"no image of the {split} split is of the class '{name}'."
        for split, name in targets.lacking(task, labels, cut, listing.class_names).items()
    ]
    return DataSet(
        Splits.of(pixels, labels, rows, pictures.names),
        DataSpec(
            input_shape=pixels.shape[1:],
            input_dtype="uint8",
            class_names=tuple(listing.class_names),
            fingerprint=pictures.decoded.fingerprint,
            bad_files=pictures.bad_files,
            warnings=(*listing.notes, *pictures.notes, *notes),
            inferred={**listing.inferred, **pictures.inferred},
        ),
    )


def load_whole(
    source: Path,
    task: str,
    data: Data,
    preprocessing: Form,
    metadata: dict[str, Any],
    events: Events = ignore,
) -> tuple[Split, tuple[tuple[str, str], ...]]:
    """See `dlcli.data.protocols.Source`.

    In a folder its test folder counts, val if there is none, and train if there is no other. It
    may lack some of the model's classes.
    """
    class_names = metadata["class_names"]
    listing = _listing_to_measure(_path(str(source)), task, data, class_names)
    warn(events, listing.notes)
    if not listing.names:
        raise image_listing.no_images(listing.root)
    pictures = _read(listing, data, preprocessing, events)
    good = np.ones(len(listing.names), bool)
    good[list(pictures.decoded.bad_files)] = False
    of_output = targets.of(task)
    labels = np.array(listing.labels, of_output.DTYPE)
    strata = of_output.strata(labels)
    rows = np.flatnonzero(good)
    warn(events, image_reading.notes_on(pictures, {}, {"test": rows}, strata))
    decoded = pictures.decoded
    for place in {*decoded.levels, *decoded.hidden_on} if "input" in metadata else ():
        facts = images.Facts(decoded.levels.get(place, 0), (*decoded.hidden_on.get(place, ()),))
        warn(events, images.cautions(facts, images.form_of(metadata)))
    return Split(decoded.pixels, labels, rows, pictures.names), pictures.bad_files


def _listing(path: Path, task: str, data: Data) -> Listing:
    """The files to train on."""
    if path.is_file():
        return image_table.listing(path, task, data)
    layout = class_folders.layout(path, images.is_image_file, are_classes=data.folders == "classes")
    folders = layout.folders or {"train": layout.root}
    if "train" not in folders:
        raise DataError(
            f"{display_name(layout.root)} holds {folders['test'].name}/ and nothing to train on. "
            "Expected train/ beside it.",
            LAYOUT,
        )
    if table := _table_instead(layout, folders["train"], data):
        return image_table.listing(table, task, data)
    require_one_class(task, display_name(layout.root))
    names = image_listing.class_names(layout.root, folders, image_table.tables_in(layout.root))
    listing = image_listing.of_folders(layout, folders, names)
    listing.notes += tuple(class_folders.on_names(names))
    return listing


def _listing_to_measure(path: Path, task: str, data: Data, class_names: Sequence[str]) -> Listing:
    """The files to measure a model on, all as the split "test"."""
    if path.is_file():
        return _tested(image_table.listing(path, task, data, class_names))
    layout = class_folders.layout(
        path, images.is_image_file, are_classes=data.folders == "classes", known=class_names
    )
    found = layout.folders
    if layout.unlabelled and "test" not in found:
        raise DataError(
            f"{display_name(layout.unlabelled[0])} holds images without class folders, so there is "
            "nothing to measure them by.",
            f"Measure on other data, such as --data {shlex.quote(display_name(found['train']))}",
        )
    folder = found.get("test") or found.get("train") or layout.root
    if table := _table_instead(layout, folder, data):
        return _tested(image_table.listing(table, task, data, class_names))
    require_one_class(task, display_name(layout.root))
    present = class_folders.of(folder)
    if not present:
        raise image_listing.no_classes(folder, "one subfolder per class")
    if unknown := sorted(present.keys() - set(class_names)):
        raise DataError(
            f"{display_name(folder)} holds the class '{unknown[0]}', which the model does not "
            f"know. Expected only: {', '.join(class_names)}.",
            "Name the folder like a class of the model, or move it away.",
        )
    return image_listing.of_folders(layout, {"test": folder}, class_names)


def _tested(listing: Listing) -> Listing:
    """A table's test split, or all of it if it has none."""
    if "test" in listing.given:
        kept = [place for place, split in enumerate(listing.splits) if split == "test"]
        listing.names = [listing.names[place] for place in kept]
        listing.labels = [listing.labels[place] for place in kept]
    listing.splits = ["test"] * len(listing.names)
    return listing


def _table_instead(layout: Layout, folder: Path, data: Data) -> Path | None:
    """The table that names the classes of a folder's pictures, where its subfolders do not.

    Raises:
        DataError: there are several.
    """
    if len(class_folders.of(folder)) >= 2:
        return None
    found = [
        path for path in image_table.tables_in(layout.root) if image_table.names_files(path, data)
    ]
    if len(found) > 1:
        listed = ", ".join(display_name(path.name) for path in found)
        raise DataError(
            f"{display_name(layout.root)} holds several tables of file names and labels: {listed}.",
            f"Choose one, such as --data {shlex.quote(display_name(found[0]))}",
        )
    return found[0] if found else None


def _read(listing: Listing, data: Files, form: Form, events: Events) -> Pictures:
    return image_reading.read(listing.root, listing.names, data, form, events, listing.strays)


def _path(source: str) -> Path:
    path = Path(source).expanduser()
    if not path.exists():
        raise DataError(f"there is no folder {display_name(path)}.", "Check the path after --data.")
    if path.is_file() and not tables.is_table(path):
        raise DataError(
            f"{display_name(path)} is a file. Expected a folder with one subfolder of images per "
            "class, or a table of file names and labels.",
            "Unpack an archive first; a table has recipes of its own, such as table-mlp.",
        )
    return path


def _check_counts(
    rows: Mapping[str, np.ndarray],
    labels: np.ndarray,
    listing: Listing,
    pictures: Pictures,
    of_output: protocols.Targets,
) -> None:
    """A split that is given must not be empty; every class must reach those that are cut."""
    for split, positions in rows.items():
        if not len(positions):
            raise DataError(f"{listing.given[split]} holds no readable image.", LAYOUT)
    both = np.column_stack([pictures.groups, labels])[rows["train"]]
    different = rows["train"][np.unique(both, axis=0, return_index=True)[1]]
    num_classes = len(listing.class_names)
    counts = of_output.counts(labels[different], num_classes)
    needed = 4 - len(rows)  # one for train and one for each split cut from it
    fewest = int(counts.argmin())
    if counts[fewest] < needed:
        bad_files = pictures.decoded.bad_files
        of_it = [
            each for each in bad_files if of_output.counts(labels[[each]], num_classes)[fewest]
        ]
        reasons = image_reading.listed([bad_files[each] for each in of_it])
        of_class = f" of the class '{listing.class_names[fewest]}'" if num_classes else ""
        raise DataError(
            f"too few readable images{of_class} in "
            f"{listing.given['train']}: {counts[fewest]}. Expected at least {needed} different "
            f"ones, one for each split that is made of them.{reasons}",
            "Convert them to PNG or JPEG, or remove that class."
            if reasons
            else "Add images of that class, or leave the class out.",
        )
