"""Local response normalisation (Krizhevsky et al., 2012, section 3.3)."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("dlcli")
class LocalResponseNormalization(keras.layers.Layer):
    """Divides each activation by the energy of its neighbouring channels.

    With the constants of the paper: x / (bias + alpha * sum of squares) ** beta,
    the sum over the channels within `depth_radius` on both sides.

    Args:
        depth_radius: channels on each side. Default 2.
        bias: keeps the divisor from 0. Default 2.
        alpha: weight of the sum. Default 1e-4.
        beta: exponent. Default 0.75.
    """

    def __init__(
        self,
        depth_radius: int = 2,
        bias: float = 2.0,
        alpha: float = 1e-4,
        beta: float = 0.75,
        **keywords: Any,
    ) -> None:
        super().__init__(**keywords)
        self.depth_radius, self.bias, self.alpha, self.beta = depth_radius, bias, alpha, beta

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """Normalise (batch, height, width, channels)."""
        # TensorFlow has no kernel for bfloat16 on a CPU.
        normalized = tf.nn.local_response_normalization(
            tf.cast(inputs, tf.float32), self.depth_radius, self.bias, self.alpha, self.beta
        )
        return tf.cast(normalized, inputs.dtype)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "depth_radius": self.depth_radius,
            "bias": self.bias,
            "alpha": self.alpha,
            "beta": self.beta,
        }
