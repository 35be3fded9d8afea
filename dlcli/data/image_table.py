"""A table of file names and labels, beside the pictures or a folder of them."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import polars as pl

from dlcli.data import splits, targets
from dlcli.data.class_folders import subfolders
from dlcli.data.image_listing import Listing
from dlcli.errors import DataError
from dlcli.inputs import columns, images, tables
from dlcli.inputs.folders import visible_entries
from dlcli.recipe.sections.image import Data
from dlcli.shown import display_name

_LABELS = ("label", "labels", "class", "class_name", "target", "category", "species", "breed")
_SPLITS = ("split", "subset", "set", "fold", "partition")
_PROBED = 20  # rows, spread over the table, whose files are looked for
_NEEDED = 0.5  # of these, in the column of file names


def tables_in(folder: Path) -> list[Path]:
    """The tables in a folder itself."""
    entries = visible_entries(folder)
    paths = [Path(entry.path) for entry in entries if not entry.is_dir()]
    return [path for path in paths if tables.is_table(path) and path.suffix != ".txt"]


def names_files(path: Path, data: Data) -> bool:
    """Whether a table has a column of the names of files beside it."""
    try:
        _file_column(_frame(path), path, data.file, data.label)
    except DataError:
        return False
    return True


def listing(path: Path, task: str, data: Data, class_names: Sequence[str] = ()) -> Listing:
    """List the files that a table names.

    Args:
        path: the table. A column named split, with values such as train and test, tells the
            splits; without test, val is the test split.
        data: its `file` and `label` name columns.
        class_names: those of a trained model; with none, those of the table.

    Raises:
        DataError: there are no such columns, a name is that of several files, or the labels are
            no task.
    """
    shown, contents = display_name(path), tables.read(path, missing_values=("",))
    frame = contents.frame
    file, label = _columns_of(frame, path, *_named(data, frame, bool(class_names)))
    finder = _Finder(path)
    given = _given(frame)
    of_output = targets.of(task)
    column = targets.Column(frame[label], shown, task, separator=data.label_separator)
    found, notes, inferred = class_names, list[str](), dict[str, str]()
    if not class_names:
        train = np.flatnonzero(np.array(given) == "train")
        found, notes, inferred = of_output.classes_of(column, train)
        column = replace(column, separator=inferred.get("label_separator", "auto"))
    labels = columns.spelled(frame[label], found)
    values, unfit = of_output.read(column, found)
    listed = Listing(
        path.parent,
        found,
        {split: shown for split in given if split},
        notes=(
            f"{shown}: files are named by the column '{file}', classes by '{label}'.",
            *contents.notes,
            *notes,
        ),
        inferred={"file": file, "label": label, **inferred},
    )
    of_name: dict[str, tuple[Any, str]] = {}
    rows = zip(columns.text(frame[file]), labels, values.tolist(), given, strict=True)
    for row, (name, text, value, split) in enumerate(rows, 1):
        where = finder.path(name)
        if where is None:
            listed.strays.append((f"{path.name} row {row}", f"there is no file '{name}'"))
        elif row - 1 in unfit:
            if text is None or not class_names:
                listed.strays.append((where, unfit[row - 1]))
                continue
            raise DataError(f"{shown} row {row}: {unfit[row - 1]}.")
        elif where in of_name:
            if of_name[where][0] != value:
                reason = f"it is of the class '{of_name[where][1]}' and of '{text}'"
                listed.strays.append((f"{path.name} row {row}", reason))
        elif split:
            of_name[where] = value, text
            listed.add(where, value, split)
    if not listed.names:
        name, reason = listed.strays[0] if listed.strays else (shown, "it has no rows")
        raise DataError(
            f"{shown} names no image of a class (for example, {name}: {reason}).",
            "Expected names of files beside it or in a folder beside it.",
        )
    if len(listed.given) == 1:
        listed.notes += tuple(_on_folders(listed.names))
    return listed


def _on_folders(names: Sequence[str]) -> list[str]:
    """Report files in the folders of several splits, in a table without splits."""
    tops = sorted({top for name in names if (top := PurePosixPath(name).parts[0]) != name})
    if len({split for top in tops if (split := splits.of_name(top))}) < 2:
        return []
    listed = ", ".join(f"{top}/" for top in tops)
    return [
        f"the files lie in {listed} and are split anew, as the table has no column that says the "
        "split: add one named split, with values such as train and test, to keep them apart."
    ]


def _named(data: Data, frame: pl.DataFrame, is_trained: bool) -> tuple[str | None, str | None]:
    """The columns that a recipe names; a trained model's need not be those of another table."""
    file, label = data.file, data.label
    if is_trained:
        file = file if file in frame.columns else None
        label = label if label in frame.columns else None
    return file, label


def _frame(path: Path) -> pl.DataFrame:
    return tables.read(path, missing_values=("",)).frame


def _columns_of(
    frame: pl.DataFrame, path: Path, file: str | None, label: str | None
) -> tuple[str, str]:
    """The columns of the file names and of the classes.

    Raises:
        DataError: they cannot be told.
    """
    shown = display_name(path)
    file = _file_column(frame, path, file, label)
    if label is not None:
        columns.require(label, frame.columns, shown)
        return file, label
    others = [name for name in frame.columns if name != file]
    named_so = [name for name in others if name.lower() in _LABELS]
    rest = [name for name in others if name.lower() not in _SPLITS]
    if len(named_so) == 1 or len(rest) == 1:
        return file, (named_so if len(named_so) == 1 else rest)[0]
    raise DataError(
        f"it is not clear which column of {shown} holds the classes of the files in "
        f"'{file}'. Its columns: {columns.names_shown(frame.columns)}.",
        "Name it with data.label=COLUMN.",
    )


def _file_column(frame: pl.DataFrame, path: Path, file: str | None, label: str | None) -> str:
    """The column of the file names: of those whose values are files, the one of most values.

    Raises:
        DataError: there is none.
    """
    shown = display_name(path)
    if file is not None:
        columns.require(file, frame.columns, shown)
        return file
    finder = _Finder(path)
    candidates = [
        name for name in frame.columns if name != label and finder.share(frame[name]) >= _NEEDED
    ]
    if not candidates:
        raise DataError(
            f"no column of {shown} holds the names of files beside it or in a folder beside "
            f"it. Its columns: {columns.names_shown(frame.columns)}.",
            "Name it with data.file=COLUMN, and put the table beside its images. A table "
            "without images has recipes of its own, such as table-mlp.",
        )
    return max(candidates, key=lambda name: frame[name].n_unique())


def _given(frame: pl.DataFrame) -> list[str]:
    """The split of each row: that of a column that says it, else train; "" of any other."""
    for name in frame.columns:
        if name.lower() in _SPLITS:
            texts = columns.text(frame[name])
            found = [splits.of_name(text) if text else None for text in texts]
            if any(found) and len({*texts}) <= 5 and "train" in found:
                if "test" not in found:
                    found = ["test" if split == "validation" else split for split in found]
                return [split or "" for split in found]
    return ["train"] * len(frame)


class _Finder:
    """Finds the files that a table names, with or without their folder and suffix.

    Args:
        table: beside the files or their folders.
    """

    def __init__(self, table: Path) -> None:
        self.table, self.folder = table, table.parent
        self.places = [self.folder, *subfolders(self.folder)]
        self.by_name: dict[str, list[str]] = {}
        for place in self.places:
            for entry in visible_entries(place):
                path = Path(entry.path)
                if path.suffix.lower() in images.EXTENSIONS:
                    relative = path.relative_to(self.folder).as_posix()
                    for name in {path.stem, path.name}:
                        self.by_name.setdefault(_composed(name), []).append(relative)

    def path(self, name: str | None) -> str | None:
        """The path of a file, relative to the folder of the table; None if there is none.

        Raises:
            DataError: there are several.
        """
        found = self._paths(name)
        if len(found) > 1:
            raise DataError(
                f"'{name}' may be any of {', '.join(found[:3])} in {display_name(self.folder)}.",
                "Write the folder and the suffix into the names in the table, or move files of "
                "equal names out of the folder.",
            )
        return found[0] if found else None

    def share(self, series: pl.Series) -> float:
        """How many of a column's values are files, of some that are looked at."""
        step = max(1, len(series) // _PROBED)
        values = columns.text(series.gather_every(step)).drop_nulls()
        return sum(bool(self._paths(value)) for value in values) / max(1, len(values))

    def _paths(self, name: str | None) -> list[str]:
        """All files that a name may mean.

        A file beside the table comes first, then those in a folder named like the table.
        """
        if not name or "\0" in name:
            return []
        name = name.strip().replace("\\", "/")
        if found := self.by_name.get(_composed(name)):
            own = [path for path in found if Path(path).parent.name == self.table.stem]
            return [name] if name in found else own or found
        found = []
        for place in self.places:
            try:
                if (place / name).is_file():
                    found.append((place / name).relative_to(self.folder).as_posix())
            except (OSError, ValueError):  # too long for a name, or a path elsewhere
                continue
        return found[:1]


def _composed(name: str) -> str:
    return unicodedata.normalize("NFC", name)
