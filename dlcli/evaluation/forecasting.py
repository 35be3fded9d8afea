"""How good forecasts are: on the scale of standard scores, and in the units of each target."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from dlcli.evaluation import plots
from dlcli.inputs import forecasts

METRIC = "scaled_mse"

_TARGETS_DRAWN = 4
_STEPS_DRAWN = 400


def measure(
    answers: np.ndarray, targets: np.ndarray, metadata: Mapping[str, Any]
) -> dict[str, Any]:
    """Measure forecasts. Targets that are missing do not count.

    Args:
        answers: float (num_examples, horizon, num_targets), in original units.
        targets: the same of the truth, NaN where it is missing.
        metadata: `forecast` is read.

    Returns:
        `examples`; `scaled_mse` and `scaled_mae`, of the errors divided by each target's
        standard deviation in the train split, as the literature gives them; of a single
        target `rmse` and `mae` in its units; `per_target` (target, rmse and mae in its units,
        scaled_mse, scaled_mae) and `per_step`, the scaled_mse of each step of the horizon.
    """
    forecast = forecasts.from_metadata(metadata["forecast"])
    errors = answers.astype(np.float64) - targets.astype(np.float64)
    scaled = errors / forecast.stds
    per_target = []
    for place, target in enumerate(forecast.targets):
        own = errors[:, :, place]
        per_target.append(
            {
                "target": target.name,
                "rmse": _root(_mean(np.square(own))),
                "mae": _mean(np.abs(own)),
                "scaled_mse": _mean(np.square(scaled[:, :, place])),
                "scaled_mae": _mean(np.abs(scaled[:, :, place])),
            }
        )
    single = {name: per_target[0][name] for name in ("rmse", "mae")} if len(per_target) == 1 else {}
    return {
        "examples": len(targets),
        "scaled_mse": _mean(np.square(scaled)),
        "scaled_mae": _mean(np.abs(scaled)),
        **single,
        "per_target": per_target,
        "per_step": [_mean(np.square(scaled[:, step])) for step in range(scaled.shape[1])],
    }


def draw(
    measured: Mapping[str, Any],
    answers: np.ndarray,
    targets: np.ndarray,
    metadata: Mapping[str, Any],
    folder: Path,
) -> Iterator[tuple[str, Path]]:
    """Draw forecasts beside the truth, and the error over the horizon.

    Args:
        measured: what `measure` gave.
        answers, targets: what it was given, one example a row of the series.
        metadata: `forecast` is read.
        folder: where plots go.

    Yields:
        A tag and the file of each plot.
    """
    forecast = forecasts.from_metadata(metadata["forecast"])
    horizon = forecast.horizon
    # Example i forecasts the rows i to i + horizon - 1: at steps of the horizon they join up.
    num_examples = min(len(targets), max(_STEPS_DRAWN, 2 * horizon) - horizon + 1)
    truth = np.concatenate([targets[:num_examples, 0], targets[num_examples - 1, 1:]])
    path = folder / "forecast.png"
    plots.forecasts(
        truth[:, :_TARGETS_DRAWN],
        answers[:num_examples:horizon, :, :_TARGETS_DRAWN],
        [target.name for target in forecast.targets[:_TARGETS_DRAWN]],
        path,
    )
    yield "forecast/test", path
    if horizon > 1:
        path = folder / "error_by_step.png"
        plots.error_by_step(measured["per_step"], path)
        yield "error_by_step/test", path


def _mean(values: np.ndarray) -> float | None:
    """The mean of what is known, or None where nothing is."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else None


def _root(value: float | None) -> float | None:
    return None if value is None else float(np.sqrt(value))
