"""Grad-CAM (Selvaraju et al., 2017): which places of the last feature maps speak for a class.

Each map is weighed by the mean gradient of the class's logit over it; what speaks against the
class is left out.
"""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

from dlcli.explanation.network import Network
from dlcli.layers import CONVOLUTIONS

_POOLING = (keras.layers.MaxPooling2D, keras.layers.AveragePooling2D)


def is_for(network: Network) -> bool:
    """Whether there are feature maps: the network has a convolution in two dimensions."""
    return any(
        isinstance(layer, CONVOLUTIONS) and len(layer.output.shape) == 4
        for layer in network.core.layers
    )


class GradCam:
    """Grad-CAM of one network."""

    def __init__(self, network: Network) -> None:
        self._maps = keras.Model(network.core.input, [_last_maps(network.core), network.output])
        self._call = tf.function(self._heat, reduce_retracing=True)

    def heat_map(self, numbers: np.ndarray, index: int) -> np.ndarray:
        """Where the class is seen.

        Args:
            numbers: float32 (1, height, width, channels).
            index: of the class.

        Returns:
            float32 (rows, columns) of the feature maps, 0 and above.
        """
        return np.asarray(self._call(numbers, index))

    def _heat(self, numbers: tf.Tensor, index: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            tape.watch(numbers)  # so that all that follows is recorded
            maps, logits = self._maps(numbers, training=False)
            logit = tf.gather(logits, index, axis=1)
        gradients = tape.gradient(logit, maps)  # (1, rows, columns, maps)
        weights = tf.reduce_mean(gradients, axis=(1, 2), keepdims=True)
        return tf.nn.relu(tf.reduce_sum(weights * maps, axis=3))[0]


def _last_maps(core: keras.Model) -> keras.KerasTensor:
    """The output of the last layer with feature maps, before any pooling of them."""
    return next(
        layer.output
        for layer in reversed(core.layers)
        if len(layer.output.shape) == 4 and not isinstance(layer, _POOLING)
    )
