"""Additive attention over the steps of a sequence."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("dlcli")
class AttentionPooling(keras.layers.Layer):
    """Weighs the real steps of each sequence and adds them up.

    Bahdanau et al. (2015) with one learned query in place of a decoder's state, as in Yang et
    al. (2016, section 2.2): the weight of a step h is the softmax of v . tanh(W h + b). What
    follows the end of a sequence has the weight 0.

    Args:
        units: length of v.
    """

    def __init__(self, units: int, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.units = units
        self.projection = keras.layers.Dense(
            units, activation="tanh", dtype=self.dtype_policy, name="projection"
        )
        self.query = keras.layers.Dense(1, use_bias=False, dtype=self.dtype_policy, name="query")

    def build(self, inputs_shape: Any, lengths_shape: Any = None) -> None:
        """Make W, b and v."""
        self.projection.build(inputs_shape)
        self.query.build((*inputs_shape[:-1], self.units))
        self.built = True

    def call(self, inputs: tf.Tensor, lengths: tf.Tensor | None = None) -> tf.Tensor:
        """Pool float (batch, steps, features), by int32 (batch,): (batch, features)."""
        weights = self.step_weights(inputs, lengths)
        return tf.reduce_sum(inputs * tf.cast(weights, inputs.dtype)[:, :, None], axis=1)

    def step_weights(self, inputs: tf.Tensor, lengths: tf.Tensor | None = None) -> tf.Tensor:
        """How much each step counts: float32 (batch, steps), of each sequence adding up to 1."""
        scores = tf.cast(self.query(self.projection(inputs))[:, :, 0], tf.float32)
        if lengths is not None:
            present = tf.range(tf.shape(inputs)[1])[None, :] < lengths[:, None]
            scores = tf.where(present, scores, scores.dtype.min)
        return tf.nn.softmax(scores, axis=1)

    def compute_output_shape(self, inputs_shape: Any, lengths_shape: Any = None) -> Any:
        """(batch, features)."""
        return (inputs_shape[0], *inputs_shape[2:])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units}
