"""Whole series out of files: `.ts` files, or tables with a series a row."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from dlcli.errors import DataError
from dlcli.inputs import columns, tables, ts_files
from dlcli.inputs.tables import Reading
from dlcli.inputs.ts_files import WholeSeries
from dlcli.recipe import overrides
from dlcli.shown import display_name

_LABELS = ("label", "class", "target")
_IDS = ("id", "uid", "uuid", "unique_id", "series", "series_id", "sample", "sample_id", "index")
_LEAST_ROWS = 10  # by whose values a column is seen to name series
_USUAL = 0.8  # share of the steps whose names are alike


def read(
    path: Path,
    label: str | None,
    reading: Reading,
    needs_labels: bool,
    *,
    features: Sequence[str] | None = None,
    exclude: Sequence[str] = (),
    trained: Sequence[str] = (),
    num_steps: int | None = None,
) -> WholeSeries:
    """Read whole series.

    Args:
        path: a `.ts` file, or a table with a series a row: a column of classes, all others its
            steps in their order. Without names of columns the class is the first.
        label: the column of the classes, or None for the one named label, class or target.
        reading: how a table is read; of a `.ts` file, its encoding.
        needs_labels: whether series without classes will not do.
        features: the columns of the steps in their order, or None for all that are no label, are
            not excluded and do not name the series.
        exclude: columns that are no steps.
        trained: the names of the steps that a model was trained on, which are taken by these
            names where the table has them.
        num_steps: that the model reads.

    Raises:
        DataError: the file is missing or unreadable, has no classes, or a cell is no number.
    """
    shown = display_name(path)
    if path.suffix.lower() == ts_files.SUFFIX:
        preferred = (reading.get("preferred") or {}).get("encoding", "")
        found = ts_files.read(path, reading.get("encoding", "auto"), preferred)
        if needs_labels and not found.labels:
            hint = "Its header should have @classLabel true and their names."
            raise DataError(f"{shown} has no classes.", hint)
        return found
    contents = tables.read(path, **reading)
    frame, notes = contents.frame, list(contents.notes)
    has_header = any(name != f"column_{place}" for place, name in enumerate(frame.columns, 1))
    label = _label(frame, label, needs_labels, shown)
    if num_steps and not has_header:  # columns are known by their number alone
        if label is None and frame.width == num_steps + len(exclude) + 1:
            label = "column_1"
        elif label is None:
            exclude = ()
    steps = [name for name in frame.columns if name != label and name not in exclude]
    if needs_labels and not trained:
        for name in (*(features or ()), *exclude):
            columns.require(name, frame.columns, shown)
    if features is not None:
        steps = [name for name in features if name not in exclude]
    elif by_name := _as_trained(frame, trained, shown):
        steps = by_name
        left = [name for name in frame.columns if name not in {*steps, *exclude, label}]
        if left:
            notes.append(
                f"{shown} has columns that are no steps of the model: {columns.names_shown(left)}."
            )
    else:
        identifying = [name for name in steps if _identifies(frame, steps, name)]
        notes += [
            f"the column '{name}' of {shown} is left out: it names the series, and is no step. "
            "Choose the steps with data.features, or what to leave out with data.exclude."
            for name in identifying
        ]
        steps = [name for name in steps if name not in identifying]
        exclude = [*exclude, *identifying]
        if not trained and (odd := _oddly_named(steps)):
            verb = "is" if len(odd) == 1 else "are"
            like = next(name for name in reversed(steps) if name not in odd)
            notes.append(
                f"{columns.names_shown(odd)} in {shown} {verb} taken for steps like {like}, though "
                f"named otherwise. If not: {overrides.typed('data.exclude', [*exclude, *odd])}"
            )
        if trained and steps:
            notes.append(
                f"the columns of {shown} are not named as those that the model was trained on "
                f"({steps[0]}, not {trained[0]}); they are taken in their order."
            )
    taken = []
    for name in steps:
        numbers, bad = columns.numbers(frame[name])
        if len(bad):
            raise DataError(
                f"{shown} row {bad[0] + 1}: {columns.not_a_number(frame[name], bad[0])}.",
                "If the first line has the names of the columns: data.header=true"
                if not (has_header or bad[0])
                else "Correct it, leave the column out with data.exclude, name the column of the "
                "classes with data.label, or add what means 'missing' to data.missing_values.",
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
    elif needs_labels:
        raise DataError(f"{shown} has no classes.", "Name their column: data.label=COLUMN")
    name = display_name(path.name)
    names = [f"{name} row {row}" for row in range(1, len(frame) + 1)]
    return WholeSeries(
        tuple(values),
        labels,
        tuple(names),
        {**contents.reading, "exclude": tuple(exclude)},
        tuple(notes),
        tuple(steps) if has_header else (),
    )


def read_for(path: Path, metadata: Mapping[str, Any], needs_labels: bool) -> WholeSeries:
    """Read whole series for a model; that they have other lengths than its own is noted.

    Raises:
        DataError: see `read`; or some of the steps are missing that the model was trained on.
    """
    form = metadata["input"]
    data, num_steps = metadata["recipe"]["data"], form["shape"][0]
    found = read(
        path,
        form["label"],
        tables.number_reading_for(metadata),
        needs_labels,
        features=data.get("features"),
        exclude=form.get("exclude", ()),
        trained=form.get("steps", ()),
        num_steps=num_steps,
    )
    return with_lengths_noted(found, num_steps, display_name(path))


def with_lengths_noted(found: WholeSeries, num_steps: int, shown: str) -> WholeSeries:
    """Note where series are longer or shorter than what a model reads."""
    lengths, notes = [len(series) for series in found.values], list(found.notes)
    if longer := sum(length > num_steps for length in lengths):
        notes.append(
            f"{longer:,} series of {shown} are longer than the {num_steps:,} steps that the model "
            "reads; the rest of them is not read."
        )
    if max(lengths) < num_steps:
        notes.append(
            f"the longest series of {shown} has {max(lengths):,} steps; the longest that the model "
            f"was trained on had {num_steps:,}. They are taken to end early."
        )
    return replace(found, notes=tuple(notes))


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


def _label(frame: pl.DataFrame, label: str | None, needs_labels: bool, shown: str) -> str | None:
    """The column of the classes, or None."""
    if label:
        if needs_labels or label in frame.columns:
            columns.require(label, frame.columns, shown)
        return label
    lower = {name.lower(): name for name in reversed(frame.columns)}
    found = next((lower[name] for name in _LABELS if name in lower), None)
    if found is None and frame.columns[0] == "column_1" and needs_labels:
        return "column_1"
    return found


def _as_trained(frame: pl.DataFrame, trained: Sequence[str], shown: str) -> list[str]:
    """The steps by the names that a model was trained with; none where the names are others.

    Raises:
        DataError: some of them are missing, and not only the last ones.
    """
    present = [name for name in trained if name in frame.columns]
    if present and present != list(trained[: len(present)]):
        missing = [name for name in trained if name not in frame.columns]
        raise DataError(
            f"{shown} lacks {len(missing):,} of the {len(trained):,} steps that the model was "
            f"trained on: {columns.names_shown(missing)}.",
            "Give them all; a value that is unknown is left empty.",
        )
    return present


def _oddly_named(steps: Sequence[str]) -> list[str]:
    """The few steps whose names are not like those of the others but for the numbers in them."""
    stems = {name: re.sub(r"\d+", "", name) for name in steps}
    usual, count = Counter(stems.values()).most_common(1)[0] if steps else ("", 0)
    if count < _USUAL * len(steps):
        return []
    return [name for name, stem in stems.items() if stem != usual]


def _identifies(frame: pl.DataFrame, steps: Sequence[str], name: str) -> bool:
    """Tell whether a column names the series: by its own name, or by its values.

    Such values are texts, or whole numbers of the first or last column that occur once each,
    where those of the column beside it are not like that.
    """
    if name.lower() in _IDS:
        return True
    column = frame[name].drop_nulls()
    if len(column) < _LEAST_ROWS or column.n_unique() < len(frame) or len(steps) < 2:
        return False
    if column.dtype == pl.String and column.cast(pl.Float64, strict=False).null_count() == len(
        column
    ):
        return True
    beside = {steps[0]: steps[1], steps[-1]: steps[-2]}
    return name in beside and _is_whole(column) and not _is_whole(frame[beside[name]])


def _is_whole(column: pl.Series) -> bool:
    """Tell whether all values of a column are whole numbers, each another."""
    numbers = column.cast(pl.Float64, strict=False)
    return not numbers.null_count() and bool((numbers % 1 == 0).all()) and numbers.is_unique().all()
