"""Sequences from their last real step to their first."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("dlcli")
class ReverseSteps(keras.layers.Layer):
    """Reverses the first `length` steps of each sequence and leaves its padding at the end.

    A backward recurrent layer is a forward one on reversed steps.
    """

    def call(self, inputs: tf.Tensor, lengths: tf.Tensor | None = None) -> tf.Tensor:
        """Reverse float (batch, steps, features), all steps where there are no lengths."""
        if lengths is None:
            return tf.reverse(inputs, axis=[1])
        return tf.reverse_sequence(inputs, lengths, seq_axis=1, batch_axis=0)

    def compute_output_shape(self, inputs_shape: Any, lengths_shape: Any = None) -> Any:
        """That of the inputs."""
        return inputs_shape
