"""Forecasts, drawn after what was known and over what came."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from dlcli.evaluation.predictions import Predictions
from dlcli.inputs import forecasts
from dlcli.reporting import figures as drawn
from dlcli.reporting.outputs import largest
from dlcli.runs.run_dir import RunDir

HEADING = "Forecasts"
WORST = "Worst answers"
WORST_NOTE = "Grey: what was known. Dark: what came. Dashed: the forecast."
PREDICTS = ""
GENERATES = complete = None


def figures(
    run: RunDir, kept: Predictions | None, test: Mapping[str, Any], metadata: Mapping[str, Any]
) -> dict[str, Any]:
    """`answers`, forecasts that join up, and `by_step`, how the error grows."""
    if not kept:
        return {}
    forecast = forecasts.from_metadata(metadata["forecast"])
    names = [target.name for target in forecast.targets]
    return {
        "answers": drawn.forecasts(kept, names, forecast.time_label),
        "wide": True,
        "by_step": drawn.error_by_step(test.get("per_step", [])),
    }


def worst(kept: Predictions, count: int) -> list[int]:
    """Forecasts with the largest mean squared error, none of which overlap."""
    known, rows = kept.terms["known"], kept.answers["rows"]
    badness = np.where(known > 0, kept.terms["squares"] / np.maximum(known, 1), -np.inf)
    # Only what the run keeps can be shown, and neighbours show the same mistake.
    shown = np.full(len(kept), -np.inf)
    shown[rows] = badness[rows]
    return largest(shown, count, apart=kept.answers["truth"].shape[1])


def shown(
    kept: Predictions, example: Mapping[str, Any], metadata: Mapping[str, Any]
) -> dict[str, Any]:
    """`targets`, their names, the `true_values` and the `forecast` of each, and the `error`."""
    answers, position = kept.answers, example["position"]
    row = int(np.flatnonzero(answers["rows"] == position)[0])
    forecast = forecasts.from_metadata(metadata["forecast"])
    error = kept.terms["squares"][position] / kept.terms["known"][position]
    return {
        "targets": [target.name for target in forecast.targets],
        "true_values": _lists(answers["truth"][row]),
        "forecast": _lists(answers["predicted"][row]),
        "error": f"{error:.3g}",
    }


def _lists(values: np.ndarray) -> list[list[float | None]]:
    """(horizon, num_targets) as a list for each target, None where a value is missing."""
    return [
        [None if np.isnan(value) else value for value in target] for target in values.T.tolist()
    ]
