"""What a forecast is of: columns, their scales, the horizon, the times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from dlcli.inputs import frequencies
from dlcli.inputs.frequencies import Frequency


@dataclass(frozen=True)
class SeriesColumn:
    """A column of numbers.

    Args:
        mean, std: over the train split's rows, gaps left out; std is 1 where nothing varies.
    """

    name: str
    mean: float
    std: float


@dataclass(frozen=True)
class Forecast:
    """What a model of a series takes and answers.

    Args:
        columns: that it reads, in the order of the channels of a window.
        targets: that it forecasts, in the order of its answers.
        time: names of the columns of the times, none where rows are counted.
        time_format: how each is written; see `dlcli.inputs.time_formats`.
        frequency: how the time of a row follows from that of the row before.
    """

    columns: tuple[SeriesColumn, ...]
    targets: tuple[SeriesColumn, ...]
    horizon: int
    time: tuple[str, ...]
    time_format: tuple[str, ...]
    frequency: Frequency

    @property
    def time_label(self) -> str:
        """What the times are called."""
        return " ".join(self.time) or "row"

    @property
    def means(self) -> np.ndarray:
        """Of the targets, float64 (num_targets,)."""
        return np.array([target.mean for target in self.targets])

    @property
    def stds(self) -> np.ndarray:
        """Of the targets, float64 (num_targets,)."""
        return np.array([target.std for target in self.targets])

    @property
    def channels(self) -> tuple[int | None, ...]:
        """For each target its channel in a window, or None where its past is not read."""
        places = {column.name: place for place, column in enumerate(self.columns)}
        return tuple(places.get(target.name) for target in self.targets)

    def document(self) -> dict[str, Any]:
        """The `forecast` entry of an artifact's metadata."""
        return asdict(self)


def from_metadata(entry: Mapping[str, Any]) -> Forecast:
    """The forecast that `Forecast.document` described, by dlcli 0.1 too."""
    time, time_format = entry["time"], entry["time_format"]
    if isinstance(time, str):  # one column, or "" for none; times were written by Python
        time, time_format = (time,) if time else (), (time_format.replace("%.f", "%.6f"),)
    return Forecast(
        columns=tuple(SeriesColumn(**column) for column in entry["columns"]),
        targets=tuple(SeriesColumn(**target) for target in entry["targets"]),
        horizon=entry["horizon"],
        time=tuple(time),
        time_format=tuple(time_format),
        frequency=frequencies.from_metadata(entry),
    )
