"""Windows of a series: grouped by time, shown with what the forecast was made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dlcli.data import Split
from dlcli.inputs import forecasts
from dlcli.reporting.examples import _order

NUM_SHOWN = 6
_MAX_STEPS = 96  # before the forecast that are shown


def attributes(
    split: Split, metadata: Mapping[str, Any]
) -> tuple[dict[str, np.ndarray], dict[str, Sequence[str]]]:
    """`time`, which part of the test split a forecast begins in."""
    places, count = _order.parts(split)
    names = []
    for part in range(count):
        inside = np.flatnonzero(places == part)
        names.append(f"{split.name(int(inside[0]))} to {split.name(int(inside[-1]))}")
    return {"time": places}, {"time": names}


def shown(split: Split, position: int, metadata: Mapping[str, Any]) -> dict[str, Any]:
    """`history`, of each target (num_steps,) values before the forecast; None where missing."""
    window = split.gather(np.array([position]))[0][0]
    forecast = forecasts.from_metadata(metadata["forecast"])
    found: list[list[float | None]] = []
    for channel in forecast.channels:
        values = [] if channel is None else window[-_MAX_STEPS:, channel].tolist()
        found.append([None if np.isnan(value) else value for value in values])
    return {"history": found}
