"""How good forecasts are: on the scale of standard scores, and in the units of each target."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from dlcli.evaluation import MAX_STORED, plots
from dlcli.inputs import forecasts

_TARGETS_DRAWN = 4
_STEPS_DRAWN = 400

WRITTEN = ("target",)
keep = decide = draw_progress = None


def measure(
    answers: np.ndarray, targets: np.ndarray, metadata: Mapping[str, Any]
) -> dict[str, Any]:
    """Measure forecasts (num_examples, horizon, num_targets); missing targets, NaN, do not count.

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


def terms(
    answers: np.ndarray, targets: np.ndarray, metadata: Mapping[str, Any]
) -> dict[str, np.ndarray]:
    """Sums over what is known of the targets of each example.

    `squares` and `distances` of the errors divided by each target's standard deviation, and
    `known`, how many they are sums of; of a single target those `_in_units` as well.
    """
    forecast = forecasts.from_metadata(metadata["forecast"])
    errors = answers.astype(np.float64) - targets.astype(np.float64)
    scaled = errors / forecast.stds
    found = {
        "squares": np.nansum(np.square(scaled), axis=(1, 2)),
        "distances": np.nansum(np.abs(scaled), axis=(1, 2)),
        "known": (~np.isnan(errors)).sum(axis=(1, 2)).astype(np.float64),
    }
    if len(forecast.targets) == 1:
        found["squares_in_units"] = np.nansum(np.square(errors), axis=(1, 2))
        found["distances_in_units"] = np.nansum(np.abs(errors), axis=(1, 2))
    return found


def from_means(means: Mapping[str, Any]) -> dict[str, Any]:
    """The metrics: sums divided by how many they are sums of."""
    known = np.where(np.asarray(means["known"]) > 0, means["known"], np.nan)
    found = {"scaled_mse": means["squares"] / known, "scaled_mae": means["distances"] / known}
    if "squares_in_units" in means:
        found["rmse"] = np.sqrt(means["squares_in_units"] / known)
        found["mae"] = means["distances_in_units"] / known
    return found


def stored(answers: np.ndarray, targets: np.ndarray) -> dict[str, np.ndarray]:
    """`truth`, float64, and `predicted`, (num_kept, horizon, num_targets), and `rows`.

    `rows`, int64 (num_kept,), says which examples these are: all where they are few, else forecasts
    that join up without overlapping.
    """
    num_examples, horizon, num_targets = answers.shape
    rows = np.arange(num_examples)
    if answers.size > MAX_STORED:
        rows = rows[::horizon][: max(MAX_STORED // (horizon * num_targets), 1)]
    return {
        "rows": rows,
        "truth": np.asarray(targets)[rows].astype(np.float64),
        "predicted": answers[rows],
    }


def draw(
    measured: Mapping[str, Any],
    answers: np.ndarray,
    targets: np.ndarray,
    metadata: Mapping[str, Any],
    folder: Path,
    name_of: Callable[[int], str],
) -> Iterator[tuple[str, Path]]:
    """Draw forecasts beside the truth, and the error over the horizon."""
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
        times=[name_of(place) for place in range(num_examples)],
        label=forecast.time_label,
    )
    yield "forecast", path
    if horizon > 1:
        path = folder / "error_by_step.png"
        plots.error_by_step(measured["per_step"], path)
        yield "error_by_step", path


def _mean(values: np.ndarray) -> float | None:
    """The mean of what is known, or None where nothing is."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else None


def _root(value: float | None) -> float | None:
    return None if value is None else float(np.sqrt(value))
