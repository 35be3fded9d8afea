"""One class of several: its index."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence

import numpy as np

from dlcli import kinds
from dlcli.data import classes
from dlcli.data.targets import Column, Fitted
from dlcli.errors import DataError
from dlcli.inputs import columns

DTYPE = np.int32


def fit(column: Column, given: Mapping[str, np.ndarray]) -> Fitted:
    """See `dlcli.data.protocols.Targets`: targets are int32 (num_stored,)."""
    cells, case = column.cells, column.case
    names = classes.names(cells, given, column.shown, kinds.other_task(column.task), case)
    indices = classes.indices(cells, names, case)
    notes = classes.remarks(cells[given["train"]], case)
    return Fitted(indices, names, tuple(notes))


def require_enough(fitted: Fitted, train: np.ndarray, needed: int, column: Column) -> None:
    """See `dlcli.data.protocols.Targets`."""
    of_class = counts(fitted.targets[train], len(fitted.class_names))
    fewest = int(of_class.argmin())
    if of_class[fewest] >= needed:
        return
    task = kinds.other_task(column.task)
    raise DataError(
        f"too few rows with {column.cells.name} = '{fitted.class_names[fewest]}' in "
        f"{column.shown}: {of_class[fewest]}. Expected at least {needed}, one for each split that "
        "is made of them.",
        f"If the target is a number: task={task}"
        if task and len(fitted.class_names) > 20
        else "Add rows of that class, or leave it out of the file.",
    )


def read(column: Column, class_names: Sequence[str]) -> tuple[np.ndarray, dict[int, str]]:
    """See `dlcli.data.protocols.Targets`."""
    indices = classes.indices(column.cells, class_names, column.case)
    unknown = np.flatnonzero(indices < 0)
    return indices, {int(row): _unfit(column, int(row), class_names) for row in unknown}


def _unfit(column: Column, row: int, class_names: Sequence[str]) -> str:
    """What to say of a label that is none of a model's classes."""
    value, name = column.cells[row], column.cells.name
    if value is None:
        return f"'{name}' is missing"
    shown = columns.names_shown(class_names)
    return f"'{name}' is '{value}', which is none of the model's classes: {shown}"


def classes_of(column: Column, train: np.ndarray) -> tuple[list[str], list[str], dict[str, str]]:
    """See `dlcli.data.protocols.Targets`: numbers in their order, text by the alphabet."""
    cells = column.cells
    found = sorted(each[0] for each in columns.spellings(cells).values())
    if len(found) < 2:
        raise DataError(
            f"the column '{cells.name}' of {column.shown} has {len(found)} different value"
            f"{'' if len(found) == 1 else 's'}. Expected two classes or more.",
            "Name the column of the classes with data.label=COLUMN.",
        )
    with contextlib.suppress(ValueError):
        found = sorted(found, key=float)
    return found, classes.remarks(cells, has_key=False), {}


def strata(targets: np.ndarray) -> np.ndarray:
    """The classes themselves."""
    return targets


def counts(targets: np.ndarray, num_classes: int) -> np.ndarray:
    """See `dlcli.data.protocols.Targets`."""
    return np.bincount(targets, minlength=num_classes)


def scale(targets: np.ndarray) -> tuple[float, float]:
    """See `dlcli.data.protocols.Targets`."""
    return 0.0, 1.0
