"""Which steps of each sequence are there."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("dlcli")
class PresentSteps(keras.layers.Layer):
    """Makes a mask of lengths, for layers that take one as an argument."""

    def call(self, inputs: tf.Tensor, lengths: tf.Tensor) -> tf.Tensor:
        """Of (batch, steps, ...) and int32 (batch,): bool (batch, 1, steps)."""
        return tf.range(tf.shape(inputs)[1])[None, None, :] < lengths[:, None, None]

    def compute_output_spec(self, inputs: Any, lengths: Any) -> keras.KerasTensor:
        """Bool (batch, 1, steps)."""
        return keras.KerasTensor((inputs.shape[0], 1, inputs.shape[1]), "bool")
