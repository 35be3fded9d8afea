"""How good predictions of a number are, in its own units."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from dlcli.evaluation import plots

METRIC = "rmse"


def measure(
    predictions: np.ndarray, targets: np.ndarray, metadata: Mapping[str, Any]
) -> dict[str, Any]:
    """Measure predictions of a number.

    Args:
        predictions: float (num_examples,) or (num_examples, 1).
        targets: float (num_examples,), in the same units.
        metadata: not read.

    Returns:
        `examples`, `rmse` and `mae` in the target's units, and `r2`, the share of the
        targets' variance that is explained (None where they do not vary).
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


def draw(
    measured: Mapping[str, Any],
    answers: np.ndarray,
    targets: np.ndarray,
    metadata: Mapping[str, Any],
    folder: Path,
) -> Iterator[tuple[str, Path]]:
    """Draw predictions over true values.

    Args:
        measured: what `measure` gave.
        answers, targets: what it was given.
        metadata: `target`, the name of the number, is read.
        folder: where plots go.

    Yields:
        A tag and the file of each plot.
    """
    path = folder / "predictions.png"
    plots.truth_and_prediction(targets, answers, metadata["target"], path)
    yield "truth_and_prediction/test", path
