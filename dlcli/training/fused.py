"""Layers that train as Keras's own do, but faster, or over all replicas of a batch.

Batch normalisation: Keras 3 computes it from means, squares and products, each a pass over the
activations in float32; one kernel does all of it, in bfloat16 as well. Where several replicas
share a batch, its mean and variance are those of the whole batch. LSTM: see `fused_lstm`.

The layers have the same weights in the same order, so that what is saved is Keras's own layer.
"""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from dlcli.training import fused_lstm
from dlcli.training.fused_lstm import FusedLSTM


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
        _note(self, fused.batch_mean, variance)
        return fused.y


class ReplicatedBatchNormalization(keras.layers.BatchNormalization):
    """Keras's layer, which normalises by the batch of all replicas while training.

    Keras's own `synchronized=True` asks the other replicas three times, and takes the variance as
    a difference of large numbers where the mean is far from 0.
    """

    def call(self, inputs: tf.Tensor, training: bool | None = None, mask: Any = None) -> tf.Tensor:
        """Normalise by the batch, and note its mean and variance for later."""
        context = tf.distribute.get_replica_context()
        if not training or not self.trainable or context is None:
            return super().call(inputs, training=training, mask=mask)
        x = tf.cast(inputs, tf.float32)
        axes = list(range(len(inputs.shape) - 1))
        # All replicas have the same running mean, and the batch's is near it.
        near = tf.stop_gradient(tf.convert_to_tensor(self.moving_mean))
        from_near = x - near
        count = tf.cast(tf.reduce_prod(tf.shape(inputs)[:-1]), tf.float32)
        sums = tf.concat(
            [tf.reduce_sum(from_near, axes), tf.reduce_sum(tf.square(from_near), axes), [count]],
            axis=0,
        )
        sums = context.all_reduce(tf.distribute.ReduceOp.SUM, sums)
        size = inputs.shape[-1]
        shift, square = sums[:size] / sums[-1], sums[size:-1] / sums[-1]
        variance = tf.maximum(square - tf.square(shift), 0.0)
        _note(self, near + shift, variance)
        scale = tf.math.rsqrt(variance + self.epsilon)
        if self.scale:
            scale *= tf.convert_to_tensor(self.gamma)
        outputs = (from_near - shift) * scale
        if self.center:
            outputs += tf.convert_to_tensor(self.beta)
        return tf.cast(outputs, self.compute_dtype)


def fuse(model: keras.Model, replicated: bool = False) -> keras.Model:
    """The same model, weights and name with faster, or joint, layers where they fit.

    Args:
        model: a functional model; one without such layers is returned as it is.
        replicated: whether several replicas share a batch.
    """
    if all(_kind(layer, replicated) is type(layer) for layer in model.layers):
        return model

    def clone(layer: keras.Layer) -> keras.Layer:
        return _kind(layer, replicated).from_config(layer.get_config())

    fused = keras.models.clone_model(model, clone_function=clone)
    fused.set_weights(model.get_weights())
    return fused


def _kind(layer: keras.Layer, replicated: bool) -> type[keras.Layer]:
    """The class that a layer is trained as."""
    if replicated and _can_be_joint(layer):
        return ReplicatedBatchNormalization
    if not replicated and _can_be_fused(layer):
        return FusedBatchNormalization
    # On a GPU, cuDNN runs Keras's layer.
    if fused_lstm.fits(layer) and not tf.config.get_visible_devices("GPU"):
        return FusedLSTM
    return type(layer)


def _note(layer: keras.layers.BatchNormalization, mean: tf.Tensor, variance: tf.Tensor) -> None:
    for moving, batch in ((layer.moving_mean, mean), (layer.moving_variance, variance)):
        moving.assign(moving * layer.momentum + batch * (1 - layer.momentum))


def _can_be_fused(layer: keras.Layer) -> bool:
    """Whether the kernel computes what the layer does: over the channels of images."""
    return _can_be_joint(layer) and len(layer.input.shape) == 4 and layer.center and layer.scale


def _can_be_joint(layer: keras.Layer) -> bool:
    return (
        type(layer) is keras.layers.BatchNormalization
        and layer.axis in {-1, len(layer.input.shape) - 1}
        and not layer.renorm
        and not layer.synchronized
    )
