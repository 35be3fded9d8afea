"""How good predictions of a number are, in its own units."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from dlcli.evaluation import plots

WRITTEN = ("target",)
keep = decide = draw_progress = None


def measure(
    predictions: np.ndarray, targets: np.ndarray, metadata: Mapping[str, Any]
) -> dict[str, Any]:
    """`examples`, `rmse` and `mae` in the target's units, and `r2`.

    `r2` is the share of the targets' variance that is explained, None where they do not vary.
    """
    truth = targets.astype(np.float64)
    errors = predictions.reshape(len(targets)).astype(np.float64) - truth
    variance = float(np.square(truth - truth.mean()).mean())
    return {
        "examples": len(targets),
        "rmse": float(np.sqrt(np.square(errors).mean())),
        "mae": float(np.abs(errors).mean()),
        "r2": 1 - float(np.square(errors).mean()) / variance if variance else None,
    }


def terms(
    predictions: np.ndarray, targets: np.ndarray, metadata: Mapping[str, Any]
) -> dict[str, np.ndarray]:
    """`squared_error`, `absolute_error`, `target` from the mean of all, and its square."""
    truth = targets.astype(np.float64)
    errors = predictions.reshape(len(targets)).astype(np.float64) - truth
    # From the mean, or the difference of two large squares would be all that is left of r2.
    centred = truth - truth.mean()
    return {
        "squared_error": np.square(errors),
        "absolute_error": np.abs(errors),
        "target": centred,
        "squared_target": np.square(centred),
    }


def from_means(means: Mapping[str, Any]) -> dict[str, Any]:
    """The metrics of these means; r2 is NaN where the targets do not vary."""
    variance = np.asarray(means["squared_target"]) - np.square(means["target"])
    squared = np.asarray(means["squared_error"])
    return {
        "rmse": np.sqrt(squared),
        "mae": means["absolute_error"],
        "r2": 1 - squared / np.where(variance > 0, variance, np.nan),
    }


def stored(predictions: np.ndarray, targets: np.ndarray) -> dict[str, np.ndarray]:
    """The answers as a run keeps them: `truth`, float64, and `predicted`, (num_examples,)."""
    return {
        "truth": targets.astype(np.float64),
        "predicted": predictions.reshape(len(targets)),
    }


def draw(
    measured: Mapping[str, Any],
    answers: np.ndarray,
    targets: np.ndarray,
    metadata: Mapping[str, Any],
    folder: Path,
    name_of: Callable[[int], str],
) -> Iterator[tuple[str, Path]]:
    """Draw predictions over true values."""
    path = folder / "predictions.png"
    plots.truth_and_prediction(targets, answers, metadata["target"], path)
    yield "truth_and_prediction", path
