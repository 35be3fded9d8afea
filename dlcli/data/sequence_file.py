"""A user's own whole series: `.ts` files with their partners, or tables with a series a row."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from dlcli.data import DataSet, Split, sequence, splits, table_file, targets
from dlcli.errors import DataError
from dlcli.events import Events, ignore, warn
from dlcli.inputs import affine, sequences, tables, ts_files
from dlcli.inputs.ts_files import WholeSeries
from dlcli.recipe.sections.sequence import Data, Preprocessing
from dlcli.shown import display_name

_SPLIT = re.compile(
    r"(?P<set>.*?)(?P<mark>[-_.]?)(?P<split>train|valid|val|validation|test)$", re.I
)
_LAYOUT = (
    "Give one file, or two that are named alike but for TRAIN and TEST, such as "
    "Gunpoint_TRAIN.ts and Gunpoint_TEST.ts."
)


def load(task: str, data: Data, preprocessing: Preprocessing, events: Events = ignore) -> DataSet:
    """Load a file and its partner; without one, validation and test are cut from it.

    `data.source` is a file, a folder with the files of one set, or both with what their names have
    in common. See `dlcli.data.protocols.Source`.
    """
    path = Path(data.source or "").expanduser()
    files = _files(path)
    if "train" not in files:
        raise DataError(f"{display_name(path)} holds no file to train on.", _LAYOUT)
    order: tuple[str, ...] = ("train", "validation", "test")
    reading = table_file.reading(data, numbers=True)
    given: dict[str, WholeSeries] = {}
    exclude = data.exclude
    for split in order:
        if split in files:
            given[split] = sequences.read(
                files[split],
                data.label,
                reading,
                needs_labels=True,
                features=data.features,
                exclude=exclude,
            )
            exclude = given[split].reading.get("exclude", exclude)
    shown = display_name(files["train"])
    dataset = sequence.dataset(given, shown, task, data, preprocessing)
    return table_file.noted(dataset, given.values())


def load_whole(
    source: Path,
    task: str,
    data: Data,
    preprocessing: Preprocessing,
    metadata: dict[str, Any],
    events: Events = ignore,
) -> tuple[Split, tuple[tuple[str, str], ...]]:
    """See `dlcli.data.protocols.Source`; in a folder or set the test file counts."""
    source = source.expanduser()
    if not source.is_file():
        files = _files(source)
        source = files.get("test") or files["train"]
    found = sequences.read_for(source, metadata, needs_labels=True)
    warn(events, found.notes)
    num_steps, num_channels = metadata["input"]["shape"]
    if found.values[0].shape[1] != num_channels:
        raise DataError(
            f"{display_name(source)} has {found.values[0].shape[1]} channels; the model takes "
            f"{num_channels}."
        )
    labels = pl.Series("class", found.labels)
    column = targets.Column(labels, display_name(source), task, data.label_case)
    values, unfit = targets.of(task).read(column, metadata["class_names"])
    bad = tuple((found.names[row], reason) for row, reason in unfit.items())
    good = np.setdiff1d(np.arange(len(values)), list(unfit))
    if not len(good):
        raise DataError(
            f"no series of {display_name(source)} can be measured; {bad[0][0]}: {bad[0][1]}."
        )
    affines = affine.from_metadata(metadata)
    inputs = affines.stored(sequences.padded(found.values, num_steps))
    return Split(inputs, values, good, list(found.names), affines), bad


def _files(path: Path) -> dict[str, Path]:
    """The file of each split; without test, validation is test.

    Raises:
        DataError: there is none, or there are several sets.
    """
    if path.is_file():
        match = _SPLIT.match(_stem(path))
        if not match or match["split"].lower() != "train":
            return {"train": path}
        sets = _sets(path.parent, path.name[len(_stem(path)) :])
        return sets[match["set"] + match["mark"]]
    folder = path if path.is_dir() else path.parent
    if not folder.is_dir():
        raise DataError(f"there is no file {display_name(path)}.", "Check the path.")
    sets = _sets(folder)
    if not path.is_dir():
        sets = {name: files for name, files in sets.items() if name.rstrip("-_.") == path.name}
        if not sets:
            raise DataError(
                f"there is no file {display_name(path)}, and none whose name begins so and ends "
                "in TRAIN.",
                _LAYOUT,
            )
    if not sets:
        raise DataError(f"{display_name(path)} holds no file named after a split.", _LAYOUT)
    if len(sets) > 1:
        names = sorted(name.rstrip("-_.") for name in sets)
        raise DataError(
            f"{display_name(path)} holds {len(sets)} sets of series: {', '.join(names[:20])}.",
            f"Name one: {folder / names[0]}",
        )
    return next(iter(sets.values()))


def _sets(folder: Path, suffix: str = "") -> dict[str, dict[str, Path]]:
    """The sets of a folder: what the names of their files have in common -> split -> file."""
    sets: dict[str, dict[str, Path]] = {}
    for path in sorted(folder.iterdir()):
        is_series = path.suffix.lower() == ts_files.SUFFIX or tables.is_table(path)
        match = _SPLIT.match(_stem(path))
        if not is_series or not match or (suffix and path.name[len(_stem(path)) :] != suffix):
            continue
        split = splits.NAMES[match["split"].lower()]
        files = sets.setdefault(match["set"] + match["mark"], {})
        if split in files:
            raise DataError(
                f"{display_name(folder)} holds both {files[split].name} and {path.name}.",
                "Name the one to train on.",
            )
        files[split] = path
    for files in sets.values():
        if "validation" in files and "test" not in files:
            files["test"] = files.pop("validation")
    return sets


def _stem(path: Path) -> str:
    return path.name.partition(".")[0]
