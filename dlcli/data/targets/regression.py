"""A number, in the units of its column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from dlcli import kinds
from dlcli.data.targets import Column, Fitted
from dlcli.errors import DataError
from dlcli.inputs import affine, columns

DTYPE = np.float64


def fit(column: Column, given: Mapping[str, np.ndarray]) -> Fitted:
    """See `dlcli.data.protocols.Targets`: targets are float64 (num_stored,)."""
    targets, bad = columns.numbers(column.cells, column.notation)
    if len(bad):
        other = kinds.other_task(column.task)
        raise DataError(
            f"{column.row_names[bad[0]]}: {columns.not_a_number(column.cells, bad[0])}. The task "
            f"{column.task} predicts numbers.",
            f"Correct it{f'; or, if the column names classes: task={other}' if other else '.'}",
        )
    return Fitted(targets)


def require_enough(fitted: Fitted, train: np.ndarray, needed: int, column: Column) -> None:
    """See `dlcli.data.protocols.Targets`."""
    if len(train) < needed:
        raise DataError(
            f"{column.shown} has {len(train)} rows to train on. Expected at least {needed}."
        )


def read(column: Column, class_names: Sequence[str]) -> tuple[np.ndarray, dict[int, str]]:
    """See `dlcli.data.protocols.Targets`."""
    cells = column.cells
    targets, wrong = columns.numbers(cells, column.notation)
    unfit = np.union1d(wrong, np.flatnonzero(np.isnan(targets)))
    return targets, {
        int(row): f"'{cells.name}' is missing"
        if cells[int(row)] is None
        else columns.not_a_number(cells, row)
        for row in unfit
    }


def classes_of(column: Column, train: np.ndarray) -> tuple[list[str], list[str], dict[str, str]]:
    """None: numbers have no classes."""
    return [], [], {}


def strata(targets: np.ndarray) -> np.ndarray:
    """All alike."""
    return np.zeros(len(targets), np.int32)


def counts(targets: np.ndarray, num_classes: int) -> np.ndarray:
    """See `dlcli.data.protocols.Targets`."""
    return np.array([len(targets)])


def scale(targets: np.ndarray) -> tuple[float, float]:
    """See `dlcli.data.protocols.Targets`."""
    return affine.mean_and_std(affine.narrow(targets))
