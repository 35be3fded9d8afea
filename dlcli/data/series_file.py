"""A user's own series: a table with a row a step."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from dlcli.data import DataSet, Split, series, table_file
from dlcli.errors import DataError
from dlcli.inputs import affine, forecasts, tables
from dlcli.inputs import series as series_inputs
from dlcli.notes import Tell, ignore
from dlcli.recipe.schema import Recipe
from dlcli.shown import display_name


def load(recipe: Recipe, progress: Callable[[int, int], None] | None = None) -> DataSet:
    """Load a table and cut it by time.

    Args:
        recipe: its `data.source` is the file.
        progress: not used; a table is read in one go.

    Raises:
        DataError: the file is missing or unreadable, or its content does not fit.
    """
    path = _file(Path(recipe.data.source or ""))
    contents = table_file.read(path, recipe, keep_empty=True)
    dataset = series.dataset(contents.frame, display_name(path), recipe)
    return table_file.noted(dataset, [contents])


def load_whole(
    recipe: Recipe,
    source: Path,
    metadata: dict[str, Any],
    progress: Callable[[int, int], None] | None = None,
    tell: Tell = ignore,
) -> tuple[Split, tuple[tuple[str, str], ...]]:
    """Load a series to measure a trained model on: all windows of it.

    Args:
        recipe: what the model was trained with.
        source: a file.
        metadata: the model's.
        progress: not used.
        tell: told what a user should know of how the files were read.

    Raises:
        DataError: the file is missing or unreadable, lacks a column, or is too short.
    """
    path = _file(source)
    shown = display_name(path)
    contents = tables.read(path, **tables.number_reading_for(metadata), keep_empty=True)
    contents.tell(tell)
    frame = contents.frame
    forecast = forecasts.from_metadata(metadata["forecast"])
    read = series_inputs.known_past(frame, forecast, metadata.get("set", {}), shown)
    for note in read.warnings:
        tell(note)
    steps = metadata["input"]["shape"][0]
    affines = affine.from_metadata(metadata)
    return series.windows(read, forecast, affines, steps, 0, len(read.rows), shown), ()


def _file(source: Path) -> Path:
    path = source.expanduser()
    if path.is_dir():
        raise DataError(
            f"{display_name(path)} is a folder. Expected one table with a row a step.",
            "Name the file; it is cut into train, validation and test by time.",
        )
    return path
