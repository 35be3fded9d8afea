"""One class of several: its index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from dlcli import kinds
from dlcli.data import classes
from dlcli.data.targets import Column, Fitted
from dlcli.errors import DataError
from dlcli.inputs import columns


def fit(column: Column, given: Mapping[str, np.ndarray]) -> Fitted:
    """See `dlcli.outputs.protocols.Targets`: targets are int32 (num_stored,)."""
    cells, case = column.cells, column.case
    names = classes.names(cells, given, column.shown, kinds.other_task(column.task), case)
    indices = classes.indices(cells, names, case)
    notes = classes.remarks(cells[given["train"]], case)
    return Fitted(indices, indices, names, tuple(notes))


def require_enough(fitted: Fitted, train: np.ndarray, needed: int, column: Column) -> None:
    """See `dlcli.outputs.protocols.Targets`."""
    counts = np.bincount(fitted.targets[train], minlength=len(fitted.class_names))
    fewest = int(counts.argmin())
    if counts[fewest] >= needed:
        return
    task = kinds.other_task(column.task)
    raise DataError(
        f"too few rows with {column.cells.name} = '{fitted.class_names[fewest]}' in "
        f"{column.shown}: {counts[fewest]}. Expected at least {needed}, one for each split that is "
        "made of them.",
        f"If the target is a number: task={task}"
        if task and len(fitted.class_names) > 20
        else "Add rows of that class, or leave it out of the file.",
    )


def read(column: Column, class_names: Sequence[str]) -> tuple[np.ndarray, dict[int, str]]:
    """See `dlcli.outputs.protocols.Targets`."""
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


def lacking(fitted: Fitted, rows: np.ndarray) -> list[str]:
    """See `dlcli.outputs.protocols.Targets`."""
    present = {fitted.class_names[place] for place in fitted.targets[rows]}
    return sorted({*fitted.class_names} - present)


def scale(targets: np.ndarray) -> tuple[float, float]:
    """See `dlcli.outputs.protocols.Targets`."""
    return 0.0, 1.0
