"""Any number of classes: a 1 for each that an example has, out of labels in one cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from dlcli.data import classes, one_class_task
from dlcli.data.targets import Column, Fitted
from dlcli.errors import DataError
from dlcli.inputs import columns
from dlcli.inputs.cells import BLANKS
from dlcli.recipe import overrides
from dlcli.recipe.sections.section import LABEL_SEPARATORS

DTYPE = np.uint8
_KEY = "label_separator"
_FEWEST = 3  # examples of a stratum: one for each split
_MOST_SHOWN = 3


def fit(column: Column, given: Mapping[str, np.ndarray]) -> Fitted:
    """See `dlcli.data.protocols.Targets`: targets are uint8 (num_stored, num_classes)."""
    separator, notes = _separator(column, column.cells[given["train"]])
    rows, labels = _labels(column.cells, separator)
    of_split = {split: np.flatnonzero(np.isin(rows, each)) for split, each in given.items()}
    if not len(of_split["train"]):
        raise DataError(f"no example of the train split of {column.shown} has a label.")
    names = classes.names(labels, of_split, column.shown, case=column.case)
    notes += classes.remarks(labels[of_split["train"]], column.case)
    targets, _ = _matrix(rows, labels, names, column)
    return Fitted(targets, names, tuple(notes), {_KEY: separator})


def require_enough(fitted: Fitted, train: np.ndarray, needed: int, column: Column) -> None:
    """See `dlcli.data.protocols.Targets`."""
    of_class = counts(fitted.targets[train], len(fitted.class_names))
    rare = np.flatnonzero(of_class < needed)
    if not len(rare):
        return
    shown = [f"'{fitted.class_names[each]}' ({of_class[each]})" for each in rare[:_MOST_SHOWN]]
    more = f" and {len(rare) - _MOST_SHOWN} more" if len(rare) > _MOST_SHOWN else ""
    raise DataError(
        f"labels in '{column.cells.name}' of {column.shown} are too rare: {', '.join(shown)}{more}."
        f" Expected each at least {needed} times, once for each split that is made of the rows.",
        "Add examples with them, or leave these labels out.",
    )


def read(column: Column, class_names: Sequence[str]) -> tuple[np.ndarray, dict[int, str]]:
    """See `dlcli.data.protocols.Targets`."""
    separator, _ = _separator(column, column.cells)
    rows, labels = _labels(column.cells, separator)
    targets, unknown = _matrix(rows, labels, class_names, column)
    names, known = columns.names_shown(class_names), {*class_names, ""}
    return targets, {
        row: f"'{column.cells.name}' holds '{label}', which is none of the model's classes: {names}"
        f"{_separated_otherwise(label, known)}"
        for row, label in unknown.items()
    }


def _separated_otherwise(label: str, known: set[str]) -> str:
    """A hint for a label that is several classes with another separator between them, or ""."""
    for separator in LABEL_SEPARATORS:
        parts = [part.strip(BLANKS) for part in label.split(separator)]
        if len(parts) > 1 and known.issuperset(parts):
            setting = overrides.typed(f"data.{_KEY}", separator)
            return f". If labels are separated by {_named((separator,))}: --set {setting}"
    return ""


def classes_of(column: Column, train: np.ndarray) -> tuple[list[str], list[str], dict[str, str]]:
    """See `dlcli.data.protocols.Targets`."""
    separator, notes = _separator(column, column.cells[train])
    _, labels = _labels(column.cells, separator)
    every = {"train": np.arange(len(labels))}
    if not len(labels):
        raise DataError(f"no row of {column.shown} has a label in '{column.cells.name}'.")
    names = classes.names(labels, every, column.shown)
    notes += classes.remarks(labels, has_key=False)
    return list(names), notes, {_KEY: separator}


def strata(targets: np.ndarray) -> np.ndarray:
    """Cut by the rarest label first.

    The order of iterative stratification (K. Sechidis, G. Tsoumakas and I. Vlahavas, On the
    stratification of multi-label data, 2011): the examples that have the rarest label are one
    stratum, then of those left the ones with the label that is the rarest among them, and so on.
    What is left, examples without a label among it, is the last one.
    """
    found = np.zeros(len(targets), np.int64)
    is_left = np.ones(len(targets), bool)
    frequencies = targets.sum(axis=0, dtype=np.int64)
    number = 0
    while (frequencies >= _FEWEST).any():
        rarest = np.where(frequencies >= _FEWEST, frequencies, len(targets) + 1).argmin()
        chosen = is_left & (targets[:, rarest] == 1)
        number += 1
        found[chosen] = number
        is_left &= ~chosen
        frequencies -= targets[chosen].sum(axis=0, dtype=np.int64)
    if is_left.sum() < _FEWEST:  # too few for a stratum of their own
        found[is_left] = number
    return found


def counts(targets: np.ndarray, num_classes: int) -> np.ndarray:
    """See `dlcli.data.protocols.Targets`."""
    found: np.ndarray = targets.sum(axis=0, dtype=np.int64)
    return found


def scale(targets: np.ndarray) -> tuple[float, float]:
    """See `dlcli.data.protocols.Targets`."""
    return 0.0, 1.0


def _separator(column: Column, cells: pl.Series) -> tuple[str, list[str]]:
    """The separator, or of "auto" the first of the usual ones in any of the cells, with a note.

    Raises:
        DataError: none of them is.
    """
    if column.separator != "auto":
        return column.separator, []
    written = columns.plain_text(cells)
    for separator in LABEL_SEPARATORS:
        if written.str.contains(separator, literal=True).any():
            return separator, [_on_separator(column, separator)]
    raise DataError(
        f"no cell of '{column.cells.name}' in {column.shown} holds several labels: none has one of "
        f"{_named(LABEL_SEPARATORS)} between them.",
        f"If each example has one class: task={one_class_task(column.task)}. If labels are "
        f"separated otherwise, or each example has one at most, name the character: "
        f"{overrides.typed(f'data.{_KEY}', LABEL_SEPARATORS[0])}",
    )


def _on_separator(column: Column, separator: str) -> str:
    example = next(
        text for text in columns.plain_text(column.cells).drop_nulls() if separator in text
    )
    override = overrides.typed(f"data.{_KEY}", "|" if separator != "|" else ";")
    return (
        f"labels in '{column.cells.name}' are separated by {_named((separator,))}, as in "
        f"'{example}'. If that is wrong, name the character, such as {override}"
    )


def _named(separators: Sequence[str]) -> str:
    return ", ".join("a blank" if each == " " else f"'{each}'" for each in separators)


def _labels(cells: pl.Series, separator: str) -> tuple[np.ndarray, pl.Series]:
    """Each label with the row that it is in, of all cells."""
    written = columns.plain_text(cells)
    rows = pl.DataFrame({"row": np.arange(len(cells)), "label": written.str.split(separator)})
    frame = rows.explode("label")
    frame = frame.with_columns(pl.col("label").str.strip_chars(BLANKS))
    frame = frame.filter(pl.col("label").fill_null("") != "")
    return frame["row"].to_numpy(), frame["label"].rename(cells.name)


def _matrix(
    rows: np.ndarray, labels: pl.Series, class_names: Sequence[str], column: Column
) -> tuple[np.ndarray, dict[int, str]]:
    """Targets uint8 (num_stored, num_classes); and row -> its first label that is no class."""
    indices = classes.indices(labels, class_names, column.case)
    found = np.zeros((len(column.cells), len(class_names)), DTYPE)
    known = indices >= 0
    found[rows[known], indices[known]] = 1
    unknown: dict[int, str] = {}
    for place in np.flatnonzero(~known).tolist():
        unknown.setdefault(int(rows[place]), labels[place])
    return found, unknown
