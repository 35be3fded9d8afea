"""Forecasts as CSV: a row a step."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from typing import Any, TextIO

from dlcli.prediction.protocols import Predicted
from dlcli.prediction.safe_cells import safe


def write(predictions: Iterable[Predicted], file: TextIO, is_safe: bool = False) -> None:
    """Write a row a step: what it is for, each target's forecast, and its truth if known.

    Args:
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


def _row(item: Predicted) -> dict[str, Any]:
    row: dict[str, Any] = dict(item.cells) or {"input": item.input}
    said = item.document()
    new: dict[str, Any] = {f"predicted_{name}": each for name, each in said["prediction"].items()}
    new |= {f"true_{name}": value for name, value in said.get("true_value", {}).items()}
    new["error"] = item.error
    for name, value in new.items():
        free = name
        while free in row:  # a column of the table's own is never overwritten
            free += "_"
        row[free] = value
    return row
