"""What a forecast is of: columns, their scales, the horizon, the times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from dlcli.inputs.times import Step


@dataclass(frozen=True)
class SeriesColumn:
    """A column of numbers.

    Args:
        name: in the table.
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
        horizon: steps of a forecast.
        time: name of the column of the times, or "" where rows are counted.
        time_format: how times are written; see `dlcli.inputs.times`.
        step: from one row to the next.
    """

    columns: tuple[SeriesColumn, ...]
    targets: tuple[SeriesColumn, ...]
    horizon: int
    time: str
    time_format: str
    step: Step

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
    """The forecast that `Forecast.document` described."""
    return Forecast(
        columns=tuple(SeriesColumn(**column) for column in entry["columns"]),
        targets=tuple(SeriesColumn(**target) for target in entry["targets"]),
        horizon=entry["horizon"],
        time=entry["time"],
        time_format=entry["time_format"],
        step=Step(**entry["step"]),
    )
