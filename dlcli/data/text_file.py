"""A user's own texts: a table with a column of texts, a folder of tables, or of text files."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from dlcli import kinds
from dlcli.data import (
    DataSet,
    Split,
    class_folders,
    require_one_class,
    splits,
    table_file,
    targets,
    text,
    text_folder,
)
from dlcli.data.text import Texts
from dlcli.errors import DataError
from dlcli.events import Events, ignore, warn
from dlcli.inputs import columns, fasttext, table_names, tables
from dlcli.recipe import overrides
from dlcli.recipe.sections.text import Data, Preprocessing
from dlcli.shown import display_name

_RUNNING_TEXT = (".txt", ".text", ".md", "")
_NAMED = {"text": ("text",), "label": ("label", "labels")}
_SHOWN = 40  # characters of a cell
_UNNAMED = "; or, if the first line is no header: data.header=false"


def load(task: str, data: Data, preprocessing: Preprocessing, events: Events = ignore) -> DataSet:
    """Load a table, a folder with train, val and test tables, or a folder of text files.

    With train and val alone, val is the test split; what is not given is cut from train. See
    `dlcli.data.protocols.Source`.
    """
    path = Path(data.source or "").expanduser()
    if _holds_text_files(path):
        require_one_class(task, display_name(path))
        found_texts = text_folder.read(path, data.encoding, are_classes=data.folders == "classes")
        return table_file.noted(text.dataset(found_texts, task, data), [found_texts])
    files = table_file.split_files(path) if path.is_dir() else {"train": path}
    if "train" not in files:
        raise DataError(
            f"{display_name(path)} holds no file to train on. Expected train.csv or its like."
        )
    several = kinds.output_of(task).has_several_classes
    if (
        several
        and data.label_separator == "auto"
        and any(map(fasttext.is_fasttext, files.values()))
    ):
        data = data.model_copy(update={"label_separator": " "})  # labels there have no blanks
    found = {split: _read(file, data, several) for split, file in files.items()}
    train = display_name(files["train"])
    of_train = found["train"].frame
    if of_train.width == 1:
        raise _one_column(path, found["train"], train)
    roles, note = roles_of(found["train"], data.text, data.label, train)
    unlabelled = table_file.leave_out_unlabelled(found, files, roles[1], roles[:1])
    frames = {split: contents.frame for split, contents in found.items()}
    names, given = table_file.positions(frames, files, roles)
    joined = table_file.joined([frame.select(roles) for frame in frames.values()])
    texts, labels = (joined[name] for name in roles)
    source = Texts(columns.text(texts), labels, display_name(path), names, given)
    made = table_file.noted(text.dataset(source, task, data), found.values(), unlabelled)
    if not note:
        return made
    inferred = {**made.spec.inferred, "text": roles[0], "label": roles[1]}
    warnings = (note, *made.spec.warnings)
    return replace(made, spec=replace(made.spec, inferred=inferred, warnings=warnings))


def load_whole(
    source: Path,
    task: str,
    data: Data,
    preprocessing: Preprocessing,
    metadata: dict[str, Any],
    events: Events = ignore,
) -> tuple[Split, tuple[tuple[str, str], ...]]:
    """See `dlcli.data.protocols.Source`.

    In a folder its test part counts, val if there is none, and train if there is no other.
    """
    source = source.expanduser()
    left_out: list[tuple[str, str]] = []
    reading = tables.reading_for(metadata)
    encoding = reading.get("encoding", "auto")
    preferred = (reading.get("preferred") or {}).get("encoding", "")
    if _holds_text_files(source):
        require_one_class(task, display_name(source))
        found = text_folder.read(
            source,
            encoding,
            preferred,
            are_classes=data.folders == "classes",
            known=metadata["class_names"],
        )
        warn(events, found.notes)
        rows = found.given.get("test", found.given["train"])
        texts, labels = found.texts[rows], found.labels[rows]
        names = [found.names[row] for row in rows]
        left_out += found.bad_files
    else:
        if source.is_dir():
            files = table_file.split_files(source)
            source = files.get("test") or files["train"]
        if fasttext.is_fasttext(source):
            data = data.model_copy(update={"label_separator": " "})  # labels there have no blanks
            several = kinds.output_of(task).has_several_classes
            contents = fasttext.read(source, encoding, preferred, " " if several else "")
            roles = fasttext.TEXT, fasttext.LABEL
        else:
            contents = tables.read(source, **reading)
            roles = metadata["input"]["text"], metadata["target"]
        warn(events, contents.notes)
        frame = contents.frame
        shown = display_name(source)
        texts, labels = (columns.named(frame, name, shown) for name in roles)
        texts = columns.text(texts)
        names = table_file.row_names(source, len(frame))
    column = targets.Column(
        labels, display_name(source), task, data.label_case, separator=data.label_separator
    )
    values, unfit = targets.of(task).read(column, metadata["class_names"])
    left_out += [(names[row], reason) for row, reason in unfit.items()]
    good = np.setdiff1d(np.arange(len(values)), list(unfit))
    if not len(good):
        name, reason = left_out[0]
        raise DataError(f"no text of {display_name(source)} can be measured; {name}: {reason}.")
    return Split(text.array(texts), values, good, names), tuple(left_out)


def roles_of(
    contents: tables.Contents, text: str | None, label: str | None, shown: str
) -> tuple[tuple[str, str], str]:
    """The columns of texts and of labels, and a note if they were guessed.

    Of a table of two columns without names, the labels are the one that repeats itself.

    Raises:
        DataError: see `columns_of`.
    """
    frame = contents.frame
    if not text and not label and frame.width == 2 and contents.reading.get("header") is False:
        chosen = _guessed(frame, {"text": None, "label": None})
        texts, labels = (columns.text(frame[chosen[role]]) for role in ("text", "label"))
        if 2 * labels.n_unique() <= len(labels) and labels.n_unique() < texts.n_unique():
            other = " ".join(
                overrides.typed(f"data.{role}", chosen[of])
                for role, of in (("text", "label"), ("label", "text"))
            )
            return (chosen["text"], chosen["label"]), (
                f"{shown} has no names of columns: {chosen['text']} is taken for the text, such as "
                f"'{_shortened(texts)}', and {chosen['label']} for its class, such as "
                f"'{_shortened(labels)}'. If that is wrong: {other}"
            )
    may_be_row = contents.reading.get("header") is True
    return columns_of(frame, text, label, shown, may_be_row), ""


def columns_of(
    frame: pl.DataFrame, text: str | None, label: str | None, shown: str, may_be_row: bool = False
) -> tuple[str, str]:
    """The names of the columns of texts and of labels.

    Args:
        text, label: as the recipe names them; None takes those that bear these names, and of
            two columns the other one.
        may_be_row: whether the names were guessed to be names.

    Raises:
        DataError: one is not there, or not named, or both are one.
    """
    names = frame.columns
    found = {"text": text, "label": label}
    for role, name in found.items():
        if name:
            columns.require(name, names, shown)
        else:
            found[role] = next((each for each in _NAMED[role] if each in names), None)
    for role, other in (("text", "label"), ("label", "text")):
        rest = [name for name in names if name != found[other]]
        if not found[role] and found[other] and len(rest) == 1:
            found[role] = rest[0]
    missing = [role for role, name in found.items() if not name]
    if missing:
        raise DataError(
            f"which column of {shown} holds the {missing[0]}s? None is named {missing[0]}. "
            f"It has: {columns.names_shown(names)}.",
            f"Name {'them' if len(missing) > 1 else 'it'}: {_guess(frame, found)}"
            f"{_UNNAMED if may_be_row and len(missing) > 1 else ''}",
        )
    if found["text"] == found["label"]:
        raise DataError(
            f"data.text and data.label both name the column '{found['text']}' of {shown}.",
            f"It has: {columns.names_shown(names)}.",
        )
    return str(found["text"]), str(found["label"])


def _read(path: Path, data: Data, several: bool) -> tables.Contents:
    if fasttext.is_fasttext(path):
        separator = data.label_separator if several else ""
        return fasttext.read(path, data.encoding, separator=separator)
    try:
        return table_file.read(path, data)
    except tables.NotRectangular as error:
        if _is_running_text(path):
            raise _running_text(path, error.message) from None
        raise


def _is_running_text(path: Path) -> bool:
    return path.is_file() and table_names.suffix(path.name) in _RUNNING_TEXT


def _one_column(path: Path, found: tables.Contents, shown: str) -> DataError:
    if _is_running_text(path):
        return _running_text(path, f"{shown} has one column.")
    name = found.frame.columns[0]
    return DataError(
        f"{shown} has one column, '{name}'. Expected one of texts and one of their classes.",
        "If its cells are cut otherwise, name what cuts them: data.separator=tab, semicolon or "
        "pipe. Several labels of a text stand in one cell, such as sport|music.",
        found.notes,
    )


def _running_text(path: Path, found: str) -> DataError:
    return DataError(
        f"{found} Expected a table with a column of texts and one of labels, or a folder with a "
        "subfolder of text files a class.",
        f"If it is a running text, such as a book, char-lstm learns to go on with it: "
        f"dlcli train char-lstm --data {shlex.quote(str(path))}",
    )


def _holds_text_files(path: Path) -> bool:
    """Whether it is a folder of classes; beside tables named after splits, folders do not count."""
    if not path.is_dir() or not class_folders.subfolders(path):
        return False
    return not any(
        tables.is_table(file) and file.name.partition(".")[0].lower() in splits.NAMES
        for file in path.iterdir()
        if file.is_file()
    )


def _guess(frame: pl.DataFrame, found: dict[str, str | None]) -> str:
    """What to add to the command."""
    chosen = _guessed(frame, found)
    return " ".join(
        overrides.typed(f"data.{role}", chosen.get(role, "COLUMN"))
        for role in found
        if not found[role]
    )


def _guessed(frame: pl.DataFrame, found: Mapping[str, str | None]) -> dict[str, str]:
    """Columns for the roles: the longest is the text, the one with the fewest values the label."""
    names: Sequence[str] = [name for name in frame.columns if name not in found.values()]
    texts = {name: columns.text(frame[name]) for name in names}
    lengths = {name: float(column.str.len_chars().mean() or 0) for name, column in texts.items()}  # type: ignore[arg-type]
    chosen = {role: name for role, name in found.items() if name}
    if "text" not in chosen and names:
        chosen["text"] = max(names, key=lambda name: lengths[name])
    rest = [name for name in names if name != chosen.get("text")]
    several = [name for name in rest if texts[name].drop_nulls().n_unique() > 1]
    rest = several or rest
    if "label" not in chosen and rest:
        chosen["label"] = min(rest, key=lambda name: texts[name].n_unique())
    return chosen


def _shortened(column: pl.Series) -> str:
    first = str(column.drop_nulls().first() or "")
    first = "".join(each if each.isprintable() else " " for each in first)
    return first if len(first) <= _SHOWN else f"{first[: _SHOWN - 3]}..."
