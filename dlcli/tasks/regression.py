"""One number, in its own units."""

from __future__ import annotations

from typing import Any

import keras

from dlcli.data import DataSpec
from dlcli.tasks.task import Task


def _head(features: keras.KerasTensor, spec: DataSpec) -> keras.KerasTensor:
    """A number (batch, 1) in the target's own units; what is learned is its standard score."""
    score = keras.layers.Dense(1, name="score")(features)
    return keras.layers.Rescaling(
        spec.target_std, offset=spec.target_mean, dtype="float32", name="prediction"
    )(score)


def _squared_standard_error(spec: DataSpec) -> Any:
    """Mean squared error of standard scores, so that learning rates fit targets of any unit."""

    def loss(targets: Any, predictions: Any) -> Any:
        return keras.losses.mean_squared_error(
            targets / spec.target_std, predictions / spec.target_std
        )

    return loss


TASK = Task(
    head=_head,
    loss=_squared_standard_error,
    metrics={
        "rmse": lambda spec: keras.metrics.RootMeanSquaredError("rmse"),
        "mae": lambda spec: keras.metrics.MeanAbsoluteError("mae"),
    },
    monitor="rmse",
    chooses_epoch="rmse",
)
