"""Whole series out of files: `.ts` files, or tables with a series a row."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from dlcli.errors import DataError
from dlcli.inputs import columns, tables, ts_files
from dlcli.inputs.images import display_name
from dlcli.inputs.tables import Reading
from dlcli.inputs.ts_files import WholeSeries

_LABELS = ("label", "class", "target")


def read(path: Path, label: str | None, reading: Reading, needs_labels: bool) -> WholeSeries:
    """Read whole series.

    Args:
        path: a `.ts` file, or a table with a series a row: a column of classes, all others its
            steps in their order. Without names of columns the class is the first.
        label: the column of the classes, or None for the one named label, class or target.
        reading: how a table is read; of a `.ts` file, its encoding.
        needs_labels: whether series without classes will not do.

    Raises:
        DataError: the file is missing or unreadable, has no classes, or a cell is no number.
    """
    shown = display_name(path)
    is_ts = path.suffix.lower() == ts_files.SUFFIX
    if is_ts:
        preferred = (reading.get("preferred") or {}).get("encoding", "")
        found = ts_files.read(path, reading.get("encoding", "auto"), preferred)
    else:
        found = _of_table(path, label, reading, needs_labels)
    if needs_labels and not found.labels:
        raise DataError(
            f"{shown} has no classes.",
            "Its header should have @classLabel true and their names."
            if is_ts
            else "Name their column: data.label=COLUMN",
        )
    return found


def padded(values: Sequence[np.ndarray], num_steps: int) -> np.ndarray:
    """Series of any lengths as one array, float64 (num_series, num_steps, channels).

    A longer one is cut off; a shorter one has NaN after its end.
    """
    joined = np.full((len(values), num_steps, values[0].shape[1]), np.nan)
    for row, series in zip(joined, values, strict=True):
        row[: min(len(series), num_steps)] = series[:num_steps]
    return joined


def channel_name(place: int, num_channels: int) -> str:
    """What to call a channel, counted from 0."""
    return "series" if num_channels == 1 else f"channel {place + 1}"


def missing(series: np.ndarray) -> bool:
    """Whether values are missing before the end of a series, float (steps, channels)."""
    present = ~np.isnan(series)
    length = int(np.flatnonzero(present.any(axis=1))[-1]) + 1 if present.any() else 1
    return not bool(present[:length].all())


def _of_table(path: Path, label: str | None, reading: Reading, needs_labels: bool) -> WholeSeries:
    contents, shown = tables.read(path, **reading), display_name(path)
    frame = contents.frame
    if label:
        if needs_labels or label in frame.columns:
            columns.require(label, frame.columns, shown)
    else:
        lower = {name.lower(): name for name in reversed(frame.columns)}
        label = next((lower[name] for name in _LABELS if name in lower), None)
        if label is None and frame.columns[0] == "column_1" and needs_labels:
            label = "column_1"
    taken = []
    for name in frame.columns:
        if name == label:
            continue
        numbers, bad = columns.numbers(frame[name])
        if len(bad):
            raise DataError(
                f"{shown} row {bad[0] + 1}: {columns.not_a_number(frame[name], bad[0])}.",
                "Correct it, name the column of the classes with data.label, or add what means "
                "'missing' to data.missing_values.",
            )
        taken.append(numbers)
    if not taken:
        raise DataError(f"{shown} has no columns of steps.")
    values = np.stack(taken, axis=1)[:, :, None]
    labels: tuple[str, ...] = ()
    if label in frame.columns:
        text = columns.text(frame[label])
        if text.null_count():
            row = int(text.is_null().arg_max() or 0)
            raise DataError(f"{shown} row {row + 1}: '{label}', the class, is missing.")
        labels = tuple(text.to_list())
    name = display_name(path.name)
    names = [f"{name} row {row}" for row in range(1, len(frame) + 1)]
    return WholeSeries(tuple(values), labels, tuple(names), contents.reading, contents.notes)
