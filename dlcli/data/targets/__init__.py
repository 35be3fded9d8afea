"""Targets out of a column: one file for each output that is learned of a column.

What such a file has is `dlcli.data.protocols.Targets`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from dlcli import kinds, outputs
from dlcli.data import protocols
from dlcli.errors import DataError
from dlcli.inputs.notation import PLAIN, Notation


@dataclass(frozen=True)
class Column:
    """The column that is predicted.

    Args:
        cells: (num_stored,) as they were read.
        shown: what to call the data in an error.
        task: name of the task.
        case: "ignore" takes labels that differ in case alone for one class.
        notation: how numbers are written.
        row_names: (num_stored,) what to call each cell's row.
        separator: what stands between several labels in a cell; "auto" to find out.
    """

    cells: pl.Series
    shown: str
    task: str
    case: str = "keep"
    notation: Notation = PLAIN
    row_names: Sequence[str] = ()
    separator: str = "auto"


@dataclass(frozen=True)
class Fitted:
    """A column as training takes it.

    Args:
        targets: (num_stored, ...) see `dlcli.data.Split`.
        class_names: one a class, in the order of the class indices; none of numbers.
        notes: what a user should know.
        inferred: keys of the recipe's `data` section that were found out.
    """

    targets: np.ndarray
    class_names: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    inferred: Mapping[str, str] = field(default_factory=dict)


def of(task: str) -> protocols.Targets:
    """The file of a task's output."""
    found: protocols.Targets = outputs.module("data.targets", kinds.output_of(task))
    return found


def with_target(
    known: np.ndarray, given: Mapping[str, np.ndarray], name: str, shown: str
) -> tuple[dict[str, np.ndarray], list[str]]:
    """Leave out the rows whose target is missing.

    Args:
        known: bool (num_stored,), whether a row has a target.
        given: split -> (num_examples,) positions.
        name: of the column that is predicted.
        shown: what to call the data in an error.

    Returns:
        The positions that remain in each split, and a sentence if any row is left out.

    Raises:
        DataError: no row of a split has a target.
    """
    remaining = {split: rows[known[rows]] for split, rows in given.items()}
    for split, rows in remaining.items():
        if not len(rows):
            raise DataError(f"the {split} split of {shown} has no row with a '{name}'.")
    count = int((~known).sum())
    if not count:
        return remaining, []
    what = "1 row is left out: it lacks"
    if count > 1:
        what = f"{count:,} rows are left out: they lack"
    return remaining, [f"{what} '{name}'."]


def lacking(
    task: str, found: np.ndarray, rows: Mapping[str, np.ndarray], class_names: Sequence[str]
) -> dict[str, str]:
    """Each split that has no example of a class, with the first such class by the alphabet.

    Args:
        task: its name.
        found: (num_stored, ...) targets.
        rows: split -> (num_examples,) positions.
        class_names: of the data; none of numbers.
    """
    of_split = {}
    for split, positions in rows.items():
        counts = of(task).counts(found[positions], len(class_names))
        if names := [name for name, n in zip(class_names, counts, strict=False) if not n]:
            of_split[split] = min(names)
    return of_split
