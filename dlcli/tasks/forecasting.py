"""The next steps of a series, in the units of each of its targets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf
from keras import layers, ops

from dlcli.data import DataSpec
from dlcli.tasks.protocols import Metrics


def head(features: keras.KerasTensor, spec: DataSpec) -> keras.KerasTensor:
    """A forecast (batch, horizon, num_targets) in original units, or with `spec.affines` to apply.

    What is learned are standard scores. Features (batch, features) are weighed anew for
    each target and step; of features (batch, channels, features) each target takes those of
    its own channel, and all share the weights.
    """
    forecast = spec.forecast
    means, stds = spec.affines.of_outputs(forecast.means, forecast.stds)
    if len(features.shape) == 3:
        # Long windows have directions in which nothing varies enough to wear off what the
        # weights begin with: it has to be little.
        little = keras.initializers.VarianceScaling(0.01, "fan_in", "uniform")
        scores = layers.Dense(forecast.horizon, kernel_initializer=little, name="scores")(features)
        scores = ops.transpose(scores, (0, 2, 1))  # (batch, horizon, channels)
        if forecast.channels != tuple(range(scores.shape[-1])):
            if None in forecast.channels:
                raise ValueError("a target is not among data.features")
            scores = ops.take(scores, forecast.channels, axis=2)
    else:
        shape = (forecast.horizon, len(forecast.targets))
        scores = layers.Dense(shape[0] * shape[1], name="scores")(features)
        scores = layers.Reshape(shape, name="steps")(scores)
    return layers.Rescaling(
        stds.tolist(), offset=means.tolist(), dtype="float32", name="prediction"
    )(scores)


def _errors(spec: DataSpec) -> Callable[[Any, Any], tuple[tf.Tensor, tf.Tensor]]:
    """Errors in standard scores, 0 where the truth is missing; and where it is known."""
    _, stds = spec.affines.of_outputs(spec.forecast.means, spec.forecast.stds)
    scale = stds.astype("float32")

    def errors(targets: Any, predictions: Any) -> tuple[tf.Tensor, tf.Tensor]:
        known = tf.logical_not(tf.math.is_nan(targets))
        scaled = tf.where(known, (targets - predictions) / scale, 0.0)
        return scaled, tf.cast(known, scaled.dtype)

    return errors


def loss(spec: DataSpec) -> Any:
    """Mean squared error of standard scores, so that targets of all units count alike."""
    errors = _errors(spec)

    def squared_error(targets: Any, predictions: Any) -> tf.Tensor:
        scaled, known = errors(targets, predictions)
        return tf.math.divide_no_nan(
            tf.reduce_sum(tf.square(scaled), axis=(1, 2)), tf.reduce_sum(known, axis=(1, 2))
        )

    return squared_error


class _ScaledError(keras.metrics.Mean):
    """The mean of some function of the errors in standard scores, over all known targets."""

    def __init__(self, name: str, spec: DataSpec, function: Callable[[Any], Any]) -> None:
        super().__init__(name)
        self._errors, self._function = _errors(spec), function

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        scaled, known = self._errors(y_true, y_pred)
        super().update_state(self._function(scaled), sample_weight=known)


weighted_loss = None
METRICS: Metrics = {
    "scaled_mse": lambda spec: _ScaledError("scaled_mse", spec, tf.square),
    "scaled_mae": lambda spec: _ScaledError("scaled_mae", spec, tf.abs),
}
