"""One number, in its own units, or less an offset and scaled where float32 does not hold it."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from dlcli.data import DataSpec
from dlcli.tasks.protocols import Metrics

# Between these, float32 holds the squares of errors from a thousandth to a thousand times as large.
_SMALLEST_STD, _LARGEST_STD = 1e-15, 1e15


def head(features: keras.KerasTensor, spec: DataSpec) -> keras.KerasTensor:
    """A number (batch, 1) as targets are while training; what is learned is its standard score."""
    score = keras.layers.Dense(1, name="score")(features)
    return keras.layers.Rescaling(
        spec.target_std, offset=spec.target_mean, dtype="float32", name="prediction"
    )(score)


def loss(spec: DataSpec) -> Any:
    """Mean squared error of standard scores, so that learning rates fit targets of any unit."""

    def squared_error(targets: Any, predictions: Any) -> Any:
        return keras.losses.mean_squared_error(
            targets / spec.target_std, predictions / spec.target_std
        )

    return squared_error


class _RootMeanSquaredError(keras.metrics.Mean):
    """The root of the mean square of errors in the target's units, whatever these are.

    The mean is of standard scores: squares of very large and very small numbers leave the range of
    float32.
    """

    def __init__(self, spec: DataSpec) -> None:
        super().__init__("rmse")
        self._std, self._unit = spec.target_std, _unit(spec)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        errors = ops.reshape(y_true, (-1, 1)) / self._std - y_pred / self._std
        super().update_state(ops.square(errors), sample_weight=sample_weight)

    def result(self) -> Any:
        return ops.sqrt(super().result()) * self._unit


class _MeanAbsoluteError(keras.metrics.MeanAbsoluteError):
    """The mean of absolute errors in the units of a target that the model has scaled."""

    def __init__(self, spec: DataSpec) -> None:
        super().__init__("mae")
        self._unit = _unit(spec) / spec.target_std

    def result(self) -> Any:
        return super().result() * self._unit


def _unit(spec: DataSpec) -> float:
    """The standard deviation of the target in its own units."""
    return spec.target_std * (spec.affines.outputs[0].scale if spec.affines.outputs else 1.0)


def _squares_fit(spec: DataSpec) -> bool:
    """Whether float32 holds the squares of errors in the target's units."""
    return not spec.affines.outputs and _SMALLEST_STD <= spec.target_std <= _LARGEST_STD


weighted_loss = None
METRICS: Metrics = {
    "rmse": lambda spec: (
        keras.metrics.RootMeanSquaredError("rmse")
        if _squares_fit(spec)
        else _RootMeanSquaredError(spec)
    ),
    "mae": lambda spec: (
        _MeanAbsoluteError(spec) if spec.affines.outputs else keras.metrics.MeanAbsoluteError("mae")
    ),
}
