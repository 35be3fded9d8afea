"""A user's own series: a table with a row a step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dlcli.data import DataSet, Split, series, table_file
from dlcli.errors import DataError
from dlcli.events import Events, ignore, warn
from dlcli.inputs import affine, forecasts, tables
from dlcli.inputs import series as series_inputs
from dlcli.recipe.sections.series import Data, Preprocessing
from dlcli.shown import display_name


def load(task: str, data: Data, preprocessing: Preprocessing, events: Events = ignore) -> DataSet:
    """Load a table and cut it by time; see `dlcli.data.protocols.Source`."""
    path = _file(Path(data.source or ""))
    contents = table_file.read(path, data, keep_empty=True)
    dataset = series.dataset(contents.frame, display_name(path), data, preprocessing)
    return table_file.noted(dataset, [contents])


def load_whole(
    source: Path,
    task: str,
    data: Data,
    preprocessing: Preprocessing,
    metadata: dict[str, Any],
    events: Events = ignore,
) -> tuple[Split, tuple[tuple[str, str], ...]]:
    """See `dlcli.data.protocols.Source`; all windows of the series are measured."""
    path = _file(source)
    shown = display_name(path)
    contents = tables.read(path, **tables.number_reading_for(metadata), keep_empty=True)
    warn(events, contents.notes)
    frame = contents.frame
    forecast = forecasts.from_metadata(metadata["forecast"])
    read = series_inputs.known_past(frame, forecast, metadata.get("set", {}), shown)
    warn(events, read.warnings)
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
