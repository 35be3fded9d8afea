"""Batch normalisation by one fused kernel while training, where Keras takes many small ones.

Keras 3 computes it from means, squares and products, each a pass over the activations in
float32; one kernel does all of it, in bfloat16 as well. The layers have the same weights in the
same order, so that what is saved is Keras's own layer.
"""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf


class FusedBatchNormalization(keras.layers.BatchNormalization):
    """Keras's layer, whose training step on (batch, height, width, channels) is one kernel."""

    def call(self, inputs: tf.Tensor, training: bool | None = None, mask: Any = None) -> tf.Tensor:
        """Normalise by the batch, and note its mean and variance for later."""
        if not training or not self.trainable:
            return super().call(inputs, training=training, mask=mask)
        fused = tf.raw_ops.FusedBatchNormV3(
            x=inputs,
            scale=tf.convert_to_tensor(self.gamma),
            offset=tf.convert_to_tensor(self.beta),
            mean=tf.zeros([0]),
            variance=tf.zeros([0]),
            epsilon=self.epsilon,
            is_training=True,
        )
        # The kernel divides by one less than the number of positions, Keras by the number.
        count = tf.cast(tf.reduce_prod(tf.shape(inputs)[:-1]), tf.float32)
        variance = fused.batch_variance * ((count - 1) / count)
        for moving, batch in (
            (self.moving_mean, fused.batch_mean),
            (self.moving_variance, variance),
        ):
            moving.assign(moving * self.momentum + batch * (1 - self.momentum))
        return fused.y


def fuse(model: keras.Model) -> keras.Model:
    """The same model, weights and name with the fused kernel where it fits.

    Args:
        model: a functional model; one without such layers is returned as it is.
    """
    fitting = [layer for layer in model.layers if _fits(layer)]
    if not fitting:
        return model

    def clone(layer: keras.Layer) -> keras.Layer:
        new = FusedBatchNormalization if _fits(layer) else type(layer)
        return new.from_config(layer.get_config())

    fused = keras.models.clone_model(model, clone_function=clone)
    fused.set_weights(model.get_weights())
    return fused


def _fits(layer: keras.Layer) -> bool:
    """Whether the kernel computes what the layer does: over the channels of images."""
    return (
        type(layer) is keras.layers.BatchNormalization
        and len(layer.input.shape) == 4
        and layer.axis in {-1, 3}
        and layer.center
        and layer.scale
        and not layer.renorm
        and not layer.synchronized
    )
