"""Forecasts as CSV: a row a step."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from typing import Any, TextIO

from dlcli.prediction.prediction import Prediction
from dlcli.prediction.safe_cells import safe


def write(predictions: Iterable[Prediction], file: TextIO, is_safe: bool = False) -> None:
    """Write a row a step: what it is for, each target's forecast, and its truth if known.

    Args:
        predictions: of one model.
        file: where to.
        is_safe: whether cells that a spreadsheet would run are made text.
    """
    writer: Any = None
    for item in predictions:
        row = _row(item)
        if is_safe:
            row = {safe(name): safe(value) for name, value in row.items()}
        if writer is None:
            writer = csv.DictWriter(file, list(row), lineterminator="\n", extrasaction="ignore")
            writer.writeheader()
        writer.writerow(row)


def _row(item: Prediction) -> dict[str, Any]:
    row: dict[str, Any] = dict(item.cells) or {"input": item.input}
    new: dict[str, Any] = {f"predicted_{name}": value for name, value in item.values.items()}
    new |= {f"true_{name}": value for name, value in item.true_values.items()}
    new["error"] = item.error
    for name, value in new.items():
        free = name
        while free in row:  # a column of the table's own is never overwritten
            free += "_"
        row[free] = value
    return row
