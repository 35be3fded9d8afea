"""The mean or the maximum over the real steps of each sequence."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("dlcli")
class PooledSteps(keras.layers.Layer):
    """Pools over the first `length` steps: what follows the end of a sequence changes nothing.

    Args:
        pooling: "mean" or "max".
    """

    def __init__(self, pooling: str, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.pooling = pooling

    def call(self, inputs: tf.Tensor, lengths: tf.Tensor | None = None) -> tf.Tensor:
        """Pool float (batch, steps, features) into (batch, features)."""
        if lengths is None:
            reduce = tf.reduce_mean if self.pooling == "mean" else tf.reduce_max
            return reduce(inputs, axis=1)
        steps = tf.range(tf.shape(inputs)[1])
        present = (steps[None, :] < lengths[:, None])[:, :, None]
        if self.pooling == "mean":
            total = tf.reduce_sum(tf.where(present, inputs, tf.zeros_like(inputs)), axis=1)
            return total / tf.cast(lengths, inputs.dtype)[:, None]
        return tf.reduce_max(tf.where(present, inputs, inputs.dtype.min), axis=1)

    def compute_output_shape(self, inputs_shape: Any, lengths_shape: Any = None) -> Any:
        """(batch, features)."""
        return (inputs_shape[0], *inputs_shape[2:])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "pooling": self.pooling}
