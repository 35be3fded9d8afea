"""The last real step of each sequence."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("dlcli")
class LastStep(keras.layers.Layer):
    """Takes the step at `length - 1`: what follows the end of a sequence changes nothing.

    This is what a mask would give, and leaves the recurrent layer before it on its fast
    unmasked path.
    """

    def call(self, inputs: tf.Tensor, lengths: tf.Tensor) -> tf.Tensor:
        """Pick of float (batch, steps, features), by int32 (batch,): (batch, features)."""
        return tf.gather(inputs, lengths - 1, axis=1, batch_dims=1)

    def compute_output_shape(self, inputs_shape: Any, lengths_shape: Any = None) -> Any:
        """(batch, features)."""
        return (inputs_shape[0], *inputs_shape[2:])
