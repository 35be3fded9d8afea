"""A user's own tables: one file, or a folder with a file for each split."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import polars as pl

from dlcli import kinds
from dlcli.data import DataSet, Split, splits, table, targets
from dlcli.data.language_modeling import Corpus
from dlcli.data.table import Table
from dlcli.data.text import Texts
from dlcli.errors import DataError
from dlcli.events import Events, ignore, warn
from dlcli.inputs import affine, cells, columns, tables, unfamiliar
from dlcli.inputs.columns import Column
from dlcli.inputs.notation import Notation
from dlcli.inputs.ts_files import WholeSeries
from dlcli.recipe.sections import Section
from dlcli.recipe.sections.table import Data, Preprocessing
from dlcli.shown import display_name

# What a recipe may name, and the names that are looked for if it does not.
_ROLES: Mapping[str, Sequence[str]] = {
    "target": ("target", "label"),
    "text": ("text", "label"),
    "label": ("label", "class", "target"),
    "time": (),
}
_READING = ("header", "encoding", "separator", "quote", "skip_lines", "missing_values")
_NUMBERS = ("decimal", "thousands", "units")
_LAYOUT = "Give one file, or a folder with files named train, val and test, such as train.csv."


def load(task: str, data: Data, preprocessing: Preprocessing, events: Events = ignore) -> DataSet:
    """Load a file, or a folder with train, val and test files; see `dlcli.data.protocols.Source`.

    With train and val alone, val is the test split; what is not given is cut from train.
    """
    path = Path(data.source or "").expanduser()
    files = split_files(path) if path.is_dir() else {"train": path}
    if "train" not in files:
        raise DataError(
            f"{display_name(path)} holds no file to train on. Expected train.csv or its like.",
            _LAYOUT,
        )
    found = {split: read(file, data, as_written=True) for split, file in files.items()}
    names_of_train = found["train"].frame.columns
    target = table.target_name(data.target or "", names_of_train, display_name(path))
    unlabelled = leave_out_unlabelled(
        found, files, target, [name for name in names_of_train if name != target]
    )
    frames = {split: contents.frame for split, contents in found.items()}
    names, given = positions(frames, files, frames["train"].columns)
    semicolons = found["train"].reading.get("separator") == "semicolon"
    whole = joined(list(frames.values()))
    read_table = Table(whole, display_name(path), names, given, semicolons=semicolons)
    made = table.dataset(read_table, task, data, preprocessing)
    return noted(made, found.values(), unlabelled)


def leave_out_unlabelled(
    found: dict[str, tables.Contents], files: Mapping[str, Path], target: str, needed: Sequence[str]
) -> list[str]:
    """Leave out the files of test and validation that lack the answers and nothing else.

    Args:
        found: split -> what was read; those files are taken out.
        target: the column of the answers.
        needed: the other columns.

    Returns:
        A sentence on each.
    """
    notes = []
    for split in sorted(found.keys() - {"train"}):
        names = found[split].frame.columns
        if target not in names and set(needed) <= set(names):
            del found[split]
            notes.append(
                f"{display_name(files[split].name)} is left out: it has no column '{target}'. "
                "Predict it after the training: "
                f"dlcli predict latest {shlex.quote(display_name(files[split]))}"
            )
    return notes


def load_whole(
    source: Path,
    task: str,
    data: Data,
    preprocessing: Preprocessing,
    metadata: dict[str, Any],
    events: Events = ignore,
) -> tuple[Split, tuple[tuple[str, str], ...]]:
    """See `dlcli.data.protocols.Source`.

    In a folder its test file counts, val if there is none, and train if there is no other.
    """
    source = source.expanduser()
    if source.is_dir():
        files = split_files(source)
        source = files.get("test") or files["train"]
    shown = display_name(source)
    form = tables.reading_for(metadata)
    as_written: tables.Reading = {**form, "missing_values": ("",)}
    contents = tables.read(source, **as_written)
    warn(events, contents.notes)
    frame = cells.cleaned(contents.frame, form["missing_values"])
    series = columns.named(frame, metadata["target"], shown)
    known = columns.from_metadata(metadata["input"]["columns"])
    target = Column(
        series.name, "", "number", notation=Notation.of(metadata.get("target_notation", {}))
    )
    has_classes = kinds.output_of(task).has_classes
    wanted = known if has_classes else [*known, target]
    notations = columns.notations(
        frame, wanted, metadata.get("set", {}), contents.reading.get("separator"), events
    )
    examples, errors = columns.raw(frame, known, shown, notations)
    names = row_names(source, len(frame))
    class_names = metadata["class_names"]
    if has_classes:  # what means that a value is missing may be the name of one
        labels = contents.frame[series.name]
        is_class = columns.plain_text(labels).is_in(list(class_names)).fill_null(False)
        series = columns.text(labels).zip_with(is_class, columns.text(series))
    written = notations.get(series.name, target.notation)
    column = targets.Column(series, shown, task, data.label_case, written)
    values, unfit = targets.of(task).read(column, class_names)
    errors |= unfit
    good = np.setdiff1d(np.arange(len(frame)), list(errors))
    if not len(good):
        raise DataError(f"no row of {shown} can be measured; {names[0]}: {errors[0]}.")
    bad_rows = tuple((names[row], errors[row]) for row in sorted(errors))
    seen = unfamiliar.Unfamiliar(known)
    seen.add({key: values[good] for key, values in examples.items()})
    seen.pass_on(events)
    affines = affine.from_metadata(metadata)
    return Split(affines.stored(examples), values, good, names, affines), bad_rows


def read(
    path: Path, data: Section, *, keep_empty: bool = False, as_written: bool = False
) -> tables.Contents:
    """Read a table to train on; see `dlcli.inputs.tables.read`.

    Args:
        keep_empty: see `dlcli.inputs.tables.read`.
        as_written: only what is empty is missing, and numbers stay as they are.
    """
    options = data.model_dump()
    asked: list[str] = []
    for role in _ROLES.keys() & options:
        named = options[role] or _ROLES[role]
        asked += [named] if isinstance(named, str) else named
    asked += [*(options.get("features") or ()), *options.get("categories", ())]
    form = reading(data, numbers=not as_written)
    form["columns"], form["exclude"] = asked, options.get("exclude", ())
    if as_written:
        form["missing_values"] = ("",)
    return tables.read(path, **form, keep_empty=keep_empty)


def reading(data: Section, numbers: bool = False) -> tables.NumberReading:
    """How text files are read; a text that says "None" is no gap.

    Args:
        numbers: whether numbers are read so too, where it says how.
    """
    form = data.model_dump(include={*_READING, *(_NUMBERS if numbers else ())})
    form.setdefault("missing_values", ("",))
    return cast(tables.NumberReading, form)


def noted(
    dataset: DataSet,
    found: Iterable[tables.Contents | WholeSeries | Texts | Corpus],
    others: Sequence[str] = (),
) -> DataSet:
    """Add how the files of a data set were read, for the recipe and for the user.

    Args:
        found: the files; a key is inferred where it is the same in all of them.
    """
    files = list(found)
    inferred = {
        key: value
        for key, value in files[0].reading.items()
        if all(key in file.reading and file.reading[key] == value for file in files)
    }
    spec = dataset.spec
    notes = (*(note for file in files for note in file.notes), *others)
    return replace(
        dataset,
        spec=replace(spec, warnings=notes + spec.warnings, inferred={**inferred, **spec.inferred}),
    )


def split_files(folder: Path) -> dict[str, Path]:
    """The file of each split, by its name; without test, val is test.

    Raises:
        DataError: there is none, or two for one split.
    """
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        split = splits.NAMES.get(path.name.partition(".")[0].lower())
        if not split or not tables.is_table(path):
            continue
        if split in found:
            raise DataError(
                f"{display_name(folder)} holds both {found[split].name} and {path.name}.",
                "Keep one of them.",
            )
        found[split] = path
    if not found:
        raise DataError(f"{display_name(folder)} holds no table named after a split.", _LAYOUT)
    if "validation" in found and "test" not in found:
        found["test"] = found.pop("validation")
    return found


def row_names(path: Path, num_rows: int) -> list[str]:
    """What to call the rows of a file."""
    name = display_name(path.name)
    return [f"{name} row {row}" for row in range(1, num_rows + 1)]


def positions(
    frames: Mapping[str, pl.DataFrame], files: Mapping[str, Path], needed: Sequence[str]
) -> tuple[list[str], dict[str, np.ndarray]]:
    """Number the rows of the tables of all splits, one table after another.

    Args:
        frames, files: the table of each split, and where it was read.
        needed: columns that each of them must have.

    Returns:
        What to call each row; and split -> (num_examples,) int64 positions.

    Raises:
        DataError: a column is missing.
    """
    names: list[str] = []
    given = {}
    for split, frame in frames.items():
        for name in needed:
            columns.require(name, frame.columns, display_name(files[split]))
        given[split] = np.arange(len(names), len(names) + len(frame))
        names += row_names(files[split], len(frame))
    return names, given


def joined(frames: list[pl.DataFrame]) -> pl.DataFrame:
    """The columns of the first table, of all tables; as text where their types differ."""
    names = frames[0].columns
    mixed = [name for name in names if len({frame[name].dtype for frame in frames}) > 1]
    return pl.concat(
        [
            frame.select(
                columns.text(frame[name]) if name in mixed else frame[name] for name in names
            )
            for frame in frames
        ]
    )
